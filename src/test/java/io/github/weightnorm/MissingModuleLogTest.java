package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program says of the missing module, in JVMs of its own: nothing, or one line to whoever asks. */
@Tag("once")
class MissingModuleLogTest {

    private static final String LINE = "back end scalar: this JVM runs without the Vector API: add --add-modules jdk.incubator.vector";

    @TempDir
    Path directory;

    @Test
    void isSilentUnlessAskedFor() throws Exception {
        assertEquals(List.of("scalar"), run());
    }

    @Test
    void isOneLineAtLevelDebug() throws Exception {
        List<String> lines = run(debug());
        assertEquals(1, lines.stream().filter(line -> line.endsWith(LINE)).count(), lines::toString);
        assertEquals("scalar", lines.get(lines.size() - 1));
    }

    @Test
    void hasNothingToSayWhereTheModuleIsThere() throws Exception {
        assertTrue(run(debug(), "--add-modules", "jdk.incubator.vector").stream().noneMatch(line -> line.contains("back end")));
    }

    @Test
    void hasNothingToSayWhereScalarWasAskedFor() throws Exception {
        assertEquals(List.of("scalar"), run(debug(), "-Dweightnorm.backend=scalar"));
    }

    @Test
    void aLoggerThatFailsIsNoneOfItsBusiness() throws Exception {
        Path service = directory.resolve("META-INF/services/java.lang.System$LoggerFinder");
        Files.createDirectories(service.getParent());
        Files.writeString(service, FailingFinder.class.getName());
        assertEquals(List.of("asked for io.github.weightnorm", "scalar"), run("-Xbootclasspath/a:" + directory));
    }

    /** The flag that makes the JDK's own logging print what is at level DEBUG, which it calls FINE. */
    private String debug() throws IOException {
        Path configuration = Files.writeString(directory.resolve("logging.properties"), """
                handlers = java.util.logging.ConsoleHandler
                java.util.logging.ConsoleHandler.level = ALL
                io.github.weightnorm.level = FINE
                """);
        return "-Djava.util.logging.config.file=" + configuration;
    }

    private static List<String> run(String... flags) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(flags));
        // Not every JDK of the machine: the one that runs.
        return Jdk.all().get(Runtime.version().feature()).run(arguments, Program.class);
    }

    /** What the forked JVM does: uses kernels on several threads, for so long that vectors are wanted, and says which. */
    static final class Program {
        private static void use() {
            long start = System.nanoTime();
            while (System.nanoTime() - start < 2 * Handover.PATIENCE_NANOS) {
                WeightNorm.linear(200, 3).norms(new float[600], new float[200]);
            }
        }

        public static void main(String[] arguments) throws InterruptedException {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(new Thread(Program::use));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getName().equals(Handover.THREAD)) {
                    thread.join();
                }
            }
            System.out.println(WeightNorm.backend().split(" ")[0]);
        }
    }

    /** A program's own logging, which does not work. */
    public static final class FailingFinder extends System.LoggerFinder {
        @Override
        public System.Logger getLogger(String name, Module module) {
            System.out.println("asked for " + name);
            throw new IllegalStateException(name);
        }

        @Override
        public System.Logger getLocalizedLogger(String name, ResourceBundle bundle, Module module) {
            return getLogger(name, module);
        }
    }
}
