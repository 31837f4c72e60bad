package commdn.bridge;

import java.util.Objects;

/** What tests say: each failure is an AssertionError, and ends the test. */
final class Check {
    private Check() {
    }

    static void equal(Object got, Object want, String what) {
        that(Objects.equals(got, want), what + ": got " + got + ", want " + want);
    }

    static void contains(String got, String want, String what) {
        that(got != null && got.contains(want), what + ": '" + want + "' is not in: " + got);
    }

    static void that(boolean ok, String what) {
        if (!ok) {
            throw new AssertionError(what);
        }
    }

    /** Something that may throw. */
    interface Block {
        void run() throws Exception;
    }

    /** The message of the exception that a block throws. */
    static String thrown(Class<? extends Exception> kind, Block block, String what) {
        try {
            block.run();
        } catch (Exception e) {
            that(kind.isInstance(e), what + ": threw " + e);
            return e.getMessage();
        }
        throw new AssertionError(what + ": threw nothing");
    }

    static void done(Class<?> test) {
        System.out.println("ok " + test.getSimpleName());
    }
}
