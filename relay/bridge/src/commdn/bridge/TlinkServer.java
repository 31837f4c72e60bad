package commdn.bridge;

import commdn.tlink.Id;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Takes the connections of relays. */
final class TlinkServer implements Closeable {
    private final Config config;
    private final Listener listener;
    private final Rotation servers;
    private final Ticker ticker;
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();

    TlinkServer(Config config, Listener listener, Ticker ticker) {
        this.config = config;
        this.listener = listener;
        this.ticker = ticker;
        this.servers = new Rotation(config.tserver.count());
    }

    void start() {
        listener.start("tlink listener", this::accept);
    }

    private void accept(Wire wire) {
        if (clients.size() >= config.maxClients) {
            Log.warn("relay turned away: too many connections", "peer", wire.name(), "max_clients", config.maxClients);
            wire.close();
            return;
        }
        Client c = new Client(wire, config, servers, ticker, clients::remove);
        clients.add(c);
        Log.info("relay connected", "peer", wire.name());
        c.start();
    }

    /** Says goodbye to the relays, and waits a moment for it to be written. */
    @Override
    public void close() throws IOException {
        listener.close();
        for (Client c : clients) {
            c.send(new Message(Id.EVENT_SERVER_DISCONNECTED, 0, Pair.attribute(Id.ERROR_MESSAGE, "the bridge stops")));
            c.finish("the bridge stops");
        }
        for (int i = 0; i < 30 && !clients.isEmpty(); i++) {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
