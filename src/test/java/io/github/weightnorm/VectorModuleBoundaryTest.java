package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Only classes named Vector… refer to the Vector API: all others load in a JVM without the module. */
class VectorModuleBoundaryTest {

    @Test
    void onlyVectorClassesReferToTheModule() throws IOException, URISyntaxException {
        Path classes = Path.of(WeightNorm.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Set<String> referring = new TreeSet<>();
        try (Stream<Path> files = Files.walk(classes)) {
            // What a module needs is part of its own file, and no reason to load anything.
            List<Path> all = files.filter(f -> f.toString().endsWith(".class") && !f.endsWith("module-info.class")).toList();
            for (Path file : all) {
                if (ClassFile.of(Files.readAllBytes(file)).classes().stream().anyMatch(name -> name.startsWith("jdk/incubator/"))) {
                    referring.add(file.getFileName().toString());
                }
            }
        }
        assertTrue(referring.contains("VectorRows.class"), referring.toString());
        assertFalse(referring.contains("VectorKernels.class"), "it is loaded before anyone knows whether the module is there");
        referring.removeIf(name -> name.startsWith("Vector"));
        assertEquals(Set.of(), referring);
    }
}
