package commdn.bridge;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** java -cp bridge.jar:SDK/* commdn.bridge.Main --config FILE. */
public final class Main {
    private static final int WRONG_USE = 2;
    private static final int FAULT = 3;

    private Main() {
    }

    /** Runs until it is told to stop (SIGTERM). Exits with 2 where the configuration is wrong or the SDK is missing, with 1 where it cannot listen. */
    public static void main(String[] args) {
        boolean check = args.length == 3 && args[2].equals("--check");
        if (args.length != 2 && !check || !args[0].equals("--config")) {
            System.err.println("usage: java -cp bridge.jar:SDK/* commdn.bridge.Main --config FILE [--check]");
            System.exit(WRONG_USE);
        }
        try {
            Config c = Config.load(Path.of(args[1]));
            Renewal tls = c.listenPem == null ? null : new Renewal(c.listenPem);
            String missing = Jars.missing();
            if (missing != null) {
                System.err.println(missing);
                System.exit(WRONG_USE);
            }
            Log.level(c.logLevel);
            c.warnings.forEach(check ? w -> System.err.println("warning: " + w) : Log::warn);
            if (!check) {
                run(c, tls);
            }
        } catch (Properties.Mistakes e) {
            System.err.println(e.getMessage());
            System.exit(WRONG_USE);
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    /** A thread that ends by a fault may be one that others wait for: better to be started again. */
    private static void died(Thread t, Throwable e) {
        Log.error("fault of the bridge, which ends", "thread", t.getName(), "err", Errors.text(e));
        Runtime.getRuntime().halt(FAULT);
    }

    private static void run(Config c, Renewal tls) throws IOException {
        Thread.setDefaultUncaughtExceptionHandler(Main::died);
        List<Closeable> all = new ArrayList<>();
        Ticker ticker = new Ticker();
        // Both are bound before anything is said or started.
        Listener tlink = c.tlinkListen == null ? null : Listener.bind(c.tlinkListen, tls);
        Listener directory = c.directoryListen == null ? null : Listener.bind(c.directoryListen, tls);
        if (tlink != null) {
            TlinkServer server = new TlinkServer(c, tlink, ticker);
            server.start();
            all.add(server);
            System.out.println("listening tlink " + tlink.address());
        }
        if (directory != null || c.directoryFile != null) {
            DirectoryFeed feed = new DirectoryFeed(c.directoryFile);
            new ConfigWatch(c, feed).start();
            if (directory != null) {
                DirectoryServer server = new DirectoryServer(directory, feed, ticker);
                server.start();
                all.add(server);
                System.out.println("listening directory " + directory.address());
            } else if (tlink == null) {
                new Thread(Main::forever, "directory file").start();
            }
        }
        System.out.flush();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(all), "stop"));
    }

    /** Keeps the process where nothing listens. */
    private static void forever() {
        try {
            Thread.currentThread().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stop(List<Closeable> all) {
        Log.info("stopping");
        for (Closeable c : all) {
            try {
                c.close();
            } catch (IOException e) {
                Log.warn("stopping failed", "err", e);
            }
        }
    }
}
