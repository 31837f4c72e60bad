package commdn.bridge;

/** The jars of the SDK that the bridge needs on its class path. */
final class Jars {
    private static final String SDK = "com.genesyslab.platform.";

    /** A jar and a class in it. */
    private static final String[][] NEEDED = {
        {"voiceprotocol", "voice.protocol.TServerProtocol"},
        {"configurationprotocol", "configuration.protocol.ConfServerProtocol"},
        {"comappblock", "applicationblocks.com.ConfServiceFactory"},
        {"commonsappblock", "applicationblocks.commons.Action"},
    };

    private Jars() {
    }

    /** Says which jar cannot be used, and what to do; null where all can. */
    static String missing() {
        for (String[] jar : NEEDED) {
            try {
                Class.forName(SDK + jar[1], false, Jars.class.getClassLoader());
            } catch (ClassNotFoundException | LinkageError e) {
                return "the jar " + jar[0] + " of the Platform SDK cannot be used: " + e + "; start with java -cp 'bridge.jar:LIB/*' commdn.bridge.Main,"
                    + " where LIB is the SDK's folder lib, and with the quotes";
            }
        }
        return null;
    }
}
