package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.properties.WeightNormProperties;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What ships as the {@code properties} jar needs jqwik and the JDK, and neither this library nor its tests. */
class PropertiesJarTest {

    private static final List<String> ALLOWED =
            List.of("java/", "net/jqwik/api/", "io/github/weightnorm/properties/");

    @Test
    void needsNothingButJqwik() throws IOException, URISyntaxException {
        Path folder = Path.of(WeightNormProperties.class.getResource(".").toURI());
        Set<String> others = new TreeSet<>();
        try (Stream<Path> files = Files.list(folder).filter(file -> file.toString().endsWith(".class"))) {
            List<Path> classes = files.toList();
            assertTrue(classes.size() > 10, classes.toString());
            for (Path file : classes) {
                others.addAll(ClassFile.of(Files.readAllBytes(file)).classes());
            }
        }
        // Letters are the types of primitive arrays.
        others.removeIf(name -> name.length() == 1 || ALLOWED.stream().anyMatch(name::startsWith));
        assertEquals(Set.of(), others);
    }
}
