package io.github.weightnorm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a figure was measured on. */
final class Environment {

    private Environment() {}

    /** The processor, how many of them, and the JVM. */
    static String describe() {
        return processor() + ", " + Runtime.getRuntime().availableProcessors() + " processors, " + System.getProperty("java.vendor.version",
                System.getProperty("java.vm.name")) + ", Java " + Runtime.version();
    }

    private static String processor() {
        String model = fromLinux("model name");
        if (model == null) {
            return System.getProperty("os.arch");
        }
        // A guest is often told no more than the maker; the family and the model tell the generation.
        return model + " (family " + fromLinux("cpu family") + ", model " + fromLinux("model\t") + ")";
    }

    private static String fromLinux(String key) {
        Path file = Path.of("/proc/cpuinfo");
        if (Files.isReadable(file)) {
            try {
                for (String line : Files.readAllLines(file)) {
                    if (line.startsWith(key)) {
                        return line.substring(line.indexOf(':') + 2);
                    }
                }
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
        return null;
    }
}
