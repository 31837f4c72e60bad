package commdn.tlink;

import java.io.IOException;

/** A frame that is not built as the framing demands, or a message that does not fit into one. */
public final class FrameException extends IOException {
    private static final long serialVersionUID = 1L;

    public FrameException(String what) {
        super(what);
    }
}
