package commdn.bridge;

import java.io.Closeable;
import java.io.IOException;

/** Takes the connections of relays. */
final class TlinkServer implements Closeable {
    private final Config config;
    private final Listener listener;
    private final Rotation servers;
    private final Ticker ticker;
    private final Guests<Client> clients;

    TlinkServer(Config config, Listener listener, Ticker ticker) {
        this.config = config;
        this.listener = listener;
        this.ticker = ticker;
        this.servers = new Rotation(config.tserver.count());
        this.clients = new Guests<>(config.maxClients, c -> c.abort("it has asked nothing, and others wait"));
    }

    void start() {
        listener.start("tlink listener", this::accept);
    }

    private void accept(Wire wire) {
        Client c = new Client(wire, config, servers, ticker, clients);
        clients.came(c);
        Log.info("relay connected", "peer", wire.name());
        c.start();
    }

    /** Says goodbye to the relays, and waits a moment for it to be written. */
    @Override
    public void close() throws IOException {
        listener.close();
        for (Client c : clients.all()) {
            c.goodbye("the bridge stops");
        }
        for (int i = 0; i < 30 && !clients.all().isEmpty(); i++) {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
