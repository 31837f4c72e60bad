package commdn.bridge;

import com.genesyslab.platform.applicationblocks.com.ConfigServerException;
import com.genesyslab.platform.configuration.protocol.exceptions.ConfRegistrationException;
import com.genesyslab.platform.configuration.protocol.utilities.CfgErrorCode;

/** What went wrong, in one line: the SDK's own code and text, and those of its causes. */
final class Errors {
    private static final int MAX = 1000; // of a line; T-Server's texts are short

    private Errors() {
    }

    static String text(Throwable e) {
        StringBuilder b = new StringBuilder();
        String before = "";
        for (int depth = 0; e != null && depth < 5; e = e.getCause(), depth++) {
            String one = one(e);
            if (!before.contains(one)) {
                b.append(b.length() == 0 ? "" : ": ").append(one);
                before = one;
            }
        }
        return line(b.toString());
    }

    /** Any text as a single line of bounded length. */
    static String line(String text) {
        String flat = text.replaceAll("\\s+", " ").strip();
        return flat.length() <= MAX ? flat : flat.substring(0, MAX) + "…";
    }

    private static String one(Throwable e) {
        StringBuilder b = new StringBuilder(e.getClass().getSimpleName());
        if (e instanceof ConfRegistrationException) {
            ConfRegistrationException refused = (ConfRegistrationException) e;
            CfgErrorCode code = refused.getErrorCode();
            if (code != null && code.getErrorType() != null) {
                b.append(' ').append(code.getErrorType().name());
            }
            if (refused.getErrorDescription() != null) {
                return b.append(": ").append(refused.getErrorDescription()).toString();
            }
        } else if (e instanceof ConfigServerException && ((ConfigServerException) e).getErrorType() != null) {
            b.append(' ').append(((ConfigServerException) e).getErrorType().name());
        }
        if (e.getMessage() != null) {
            b.append(": ").append(e.getMessage());
        }
        return b.toString();
    }
}
