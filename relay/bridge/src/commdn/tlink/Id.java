package commdn.tlink;

/** Numbers of messages and keys of attributes. */
public final class Id {
    public static final int REQUEST_REGISTER_CLIENT = 0;
    public static final int REQUEST_REGISTER_ADDRESS = 3;
    public static final int REQUEST_UNREGISTER_ADDRESS = 4;
    public static final int REQUEST_DISTRIBUTE_USER_EVENT = 48;
    public static final int EVENT_SERVER_CONNECTED = 50;
    public static final int EVENT_SERVER_DISCONNECTED = 51;
    public static final int EVENT_ERROR = 52;
    public static final int EVENT_REGISTERED = 53;
    public static final int EVENT_UNREGISTERED = 54;
    public static final int EVENT_SERVER_INFO = 93;
    public static final int EVENT_LINK_DISCONNECTED = 94;
    public static final int EVENT_LINK_CONNECTED = 95;
    public static final int EVENT_USER_EVENT = 96;
    public static final int EVENT_PRIMARY_CHANGED = 133;
    public static final int EVENT_ACK = 138;
    public static final int KEEP_ALIVE = 254;
    public static final int KEEP_ALIVE_ACK = 255;

    public static final String APPLICATION_NAME = "AttributeApplicationName";
    public static final String THIS_DN = "AttributeThisDN";
    public static final String ERROR_CODE = "AttributeErrorCode";
    public static final String ERROR_MESSAGE = "AttributeErrorMessage";
    public static final String REGISTER_MODE = "AttributeRegisterMode";

    /** Values of AttributeRegisterMode. */
    public static final int SHARE = 0;
    public static final int MONITOR = 2;

    private Id() {
    }
}
