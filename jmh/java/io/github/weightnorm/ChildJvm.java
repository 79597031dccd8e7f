package io.github.weightnorm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A fresh JVM with this one's class path, for measurements that must not share compiled code or profiles with others. */
final class ChildJvm {

    private ChildJvm() {}

    /** Runs a class's main method with the vector module and further options, and returns what it wrote to the file named last. */
    static Path run(Class<?> main, List<String> options, List<String> arguments) throws IOException, InterruptedException {
        Path results = Files.createTempFile("weightnorm-", ".json");
        Path log = Files.createTempFile("weightnorm-", ".log");
        results.toFile().deleteOnExit();
        log.toFile().deleteOnExit();
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        command.add(results.toString());
        // Peers greet on both streams; that is only of interest if something goes wrong.
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        // With glibc's default of several arenas, blocks of native memory come back now with their pages and now without, at random. This way,
        // in the peers' favour, those up to 32 MiB keep them.
        builder.environment().putIfAbsent("MALLOC_ARENA_MAX", "1");
        Process process = builder.start();
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed:\n" + Files.readString(log));
            }
        } finally {
            process.destroy();
        }
        return results;
    }
}
