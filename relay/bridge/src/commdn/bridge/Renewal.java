package commdn.bridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * TLS by files that are read again when they have changed, so that a renewed
 * certificate counts from the next connection on. Files that cannot be used change
 * nothing.
 */
final class Renewal implements Supplier<SSLContext> {
    private final Pem.Files files;
    private SSLContext inUse;
    private List<Object> seen; // times and sizes of the files

    Renewal(Pem.Files files) throws IOException {
        this.files = files;
        seen = now();
        inUse = Pem.context(files);
    }

    @Override
    public synchronized SSLContext get() {
        List<Object> now = now();
        if (now.equals(seen)) {
            return inUse;
        }
        seen = now;
        try {
            inUse = Pem.context(files);
            Log.info("certificates read again", "cert", files.cert);
        } catch (IOException e) {
            Log.error("certificates that have changed cannot be used, the old ones stay in use", "err", Errors.text(e));
        }
        return inUse;
    }

    private List<Object> now() {
        List<Object> all = new ArrayList<>();
        for (Path p : new Path[] {files.cert, files.key, files.authority}) {
            try {
                all.add(Files.getLastModifiedTime(p));
                all.add(Files.size(p));
            } catch (IOException e) {
                all.add(String.valueOf(e.getMessage()));
            }
        }
        return all;
    }
}
