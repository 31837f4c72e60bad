package commdn.bridge;

import com.genesyslab.platform.commons.connection.configuration.PropertyConfiguration;
import com.genesyslab.platform.commons.protocol.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;

/** The SDK gets each server's settings as the configuration has them. */
final class EndpointsTest {
    private static Path folder;

    public static void main(String[] args) throws Exception {
        folder = Files.createTempDirectory("endpoints");
        addp("", "true client 4 server 4 trace None");
        addp("addp.local=7\naddp.remote=9\n", "true client 7 server 9 trace None");
        addp("addp.local=0\naddp.remote=9\n", "true client null server 9 trace None");
        addp("addp.local=7\naddp.remote=0\n", "true client 7 server null trace None");
        addp("addp.local=0\naddp.remote=0\n", "false client null server null trace None");
        addp("addp.trace=local\n", "true client 4 server 4 trace Local");
        addp("addp.trace=remote\n", "true client 4 server 4 trace Remote");
        addp("addp.trace=both\n", "true client 4 server 4 trace Both");
        addresses();
        Check.done(EndpointsTest.class);
    }

    /** The configuration with some more keys of each server. */
    private static Config load(String more) throws Exception {
        String text = "tlink.listen=127.0.0.1:0\ntserver.host=a\ntserver.port=3000\ntserver.backup.host=b\ntserver.backup.port=3001\n"
            + "directory.listen=127.0.0.1:0\nconfig.host=c\nconfig.port=2020\nconfig.user=reader\n";
        String both = more.replaceAll("(?m)^", "tserver.") + more.replaceAll("(?m)^", "config.");
        return Config.load(Files.writeString(folder.resolve("bridge.properties"), more.isEmpty() ? text : text + both));
    }

    /** Local is the client's time, remote the server's: exchanged, nobody would notice before a connection is lost too late. */
    private static void addp(String keys, String want) throws Exception {
        Config c = load(keys);
        for (Config.Server s : new Config.Server[] {c.tserver, c.confserver}) {
            for (int i = 0; i < s.count(); i++) {
                PropertyConfiguration got = (PropertyConfiguration) Endpoints.of(s, i).getConfiguration();
                Check.equal(got.addp(), want, "ADDP of " + s.address(i) + " with " + keys);
            }
        }
    }

    private static void addresses() throws Exception {
        Config c = load("charset=windows-1252\n");
        for (Object[] want : new Object[][] {{c.tserver, 0, "a:3000"}, {c.tserver, 1, "b:3001"}, {c.confserver, 0, "c:2020"}}) {
            Endpoint e = Endpoints.of((Config.Server) want[0], (Integer) want[1]);
            Check.equal(e.getHost() + ":" + e.getPort(), want[2], "address");
            Check.that(e.tls() == null, "TLS of " + want[2]);
            Check.equal(((PropertyConfiguration) e.getConfiguration()).strings().name(), "windows-1252", "charset of " + want[2]);
        }
    }
}
