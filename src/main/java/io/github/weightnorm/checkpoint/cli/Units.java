package io.github.weightnorm.checkpoint.cli;

import java.util.Locale;

/** Quantities as people read them. */
final class Units {
    private Units() {}

    static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    static String bytes(long bytes) {
        if (bytes < 1024) {
            return count(bytes, "byte");
        }
        double scaled = bytes / 1024.0;
        String prefixes = "KMGTPE";
        int prefix = 0;
        while (scaled >= 1024 && prefix < prefixes.length() - 1) {
            scaled /= 1024;
            prefix++;
        }
        return String.format(Locale.ROOT, "%.1f %ciB", scaled, prefixes.charAt(prefix));
    }

    static String time(long nanos) {
        double milliseconds = nanos / 1e6;
        return milliseconds < 1000 ? String.format(Locale.ROOT, "%.0f ms", milliseconds)
                : String.format(Locale.ROOT, "%.1f s", milliseconds / 1000);
    }
}
