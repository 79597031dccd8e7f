package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A JDK on this machine: the one that runs, those that an environment variable JAVA_HOME or JAVA_HOME_… names, and their neighbours.
 *
 * @param home its folder
 * @param feature its feature number, such as 25
 */
record Jdk(Path home, int feature) {

    /** One JDK with the vector module for each feature number from 17 on; this JVM's own, and then the environment's, come first. */
    static Map<Integer, Jdk> all() throws IOException {
        Set<Path> homes = new LinkedHashSet<>();
        homes.add(Path.of(System.getProperty("java.home")).toRealPath());
        for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
            if (variable.getKey().startsWith("JAVA_HOME") && Files.isDirectory(Path.of(variable.getValue()))) {
                homes.add(Path.of(variable.getValue()).toRealPath());
            }
        }
        for (Path home : List.copyOf(homes)) {
            if (home.getParent() != null) {
                try (Stream<Path> neighbours = Files.list(home.getParent())) {
                    homes.addAll(neighbours.filter(Files::isDirectory).sorted().toList());
                }
            }
        }
        Map<Integer, Jdk> jdks = new TreeMap<>();
        for (Path home : homes) {
            int feature = feature(home);
            if (feature >= 17) {
                jdks.putIfAbsent(feature, new Jdk(home, feature));
            }
        }
        return jdks;
    }

    /** The feature number of a JDK with the vector module, and 0 for anything else. */
    private static int feature(Path home) throws IOException {
        Path release = home.resolve("release");
        if (!Files.isReadable(release) || !Files.isExecutable(home.resolve("bin").resolve("java"))) {
            return 0;
        }
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(release)) {
            properties.load(reader);
        }
        boolean vectors = properties.getProperty("MODULES", "").contains("jdk.incubator.vector");
        return vectors ? Runtime.Version.parse(properties.getProperty("JAVA_VERSION").replace("\"", "")).feature() : 0;
    }

    /** Runs a program from among the tests, and returns what it printed; fails if it failed. */
    List<String> run(List<String> flags, Class<?> program) throws IOException, InterruptedException, URISyntaxException {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin").resolve("java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", home(WeightNorm.class) + File.pathSeparator + home(program), program.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> command + " printed " + output);
        return output.lines().toList();
    }

    private static Path home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
