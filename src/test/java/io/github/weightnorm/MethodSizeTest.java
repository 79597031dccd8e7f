package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * HotSpot inlines a method that is called often only up to 325 bytecodes (FreqInlineSize), compiles none of more than 8000
 * (HugeMethodLimit), and stops inlining into one once 8000 came together (DesiredMethodLimit). Read from the class files.
 */
class MethodSizeTest {

    private static final int INLINED = 325;
    private static final int COMPILED = 8000;

    /** Loops written out: each is called for a channel or for many, and is compiled for itself. */
    private static final Set<String> LOOPS = Set.of("ScalarKernels.quarter", "ScalarKernels.strip", "VectorRows.sumOfSquares2",
            "VectorRows.sumOfSquares4", "VectorRows.sumOfSquares8", "VectorLongRows.multiplyAndSumNext", "VectorColumns.addFour",
            "VectorColumns.addTwoGroups", "VectorColumns.strip", "VectorColumns.stripInPlace", "VectorShortRows.groups",
            "VectorShortRows.rests", "VectorOddRows.triples", "VectorOddRows.sevens", "VectorMediumRows.sums",
            "VectorMediumRows.factors", "VectorMediumRows.multiply", "ScalarGradients.quarter", "ScalarGradients.strip",
            "VectorGradients.coefficients4", "VectorGradients.coefficients8", "VectorGradients.sumOfProducts2");

    @Test
    void onlyLoopsWrittenOutAreTooLargeToInline() throws IOException {
        Set<String> large = new TreeSet<>();
        for (Class<?> type : new Class<?>[] {WeightNorm.class, Arguments.class, Layout.class, Channel.class, Kernels.class,
            ScalarKernels.class, Backend.class, GradientKernels.class, ScalarGradients.class, ChannelGradient.class}) {
            collect(type.getSimpleName(), ClassFile.of(type), large);
        }
        for (String type : new String[] {"VectorKernels", "VectorRows", "VectorLongRows", "VectorColumns", "VectorShortRows", "VectorOddRows", "VectorMediumRows",
            "VectorRuns", "VectorLanes", "VectorGradients", "VectorColumnSums"}) {
            // Not as a class, which a JVM without the module could not link.
            try (var file = Kernels.class.getResourceAsStream(type + ".class")) {
                collect(type, ClassFile.of(file.readAllBytes()), large);
            }
        }
        large.removeAll(LOOPS);
        assertEquals(Set.of(), large);
    }

    private static void collect(String type, ClassFile file, Set<String> large) {
        for (Map.Entry<String, Integer> method : file.bytecodes().entrySet()) {
            String name = type + "." + method.getKey().replaceFirst("\\(.*", "");
            assertTrue(method.getValue() < COMPILED, () -> name + " has " + method.getValue() + " bytecodes");
            if (method.getValue() > INLINED) {
                large.add(name);
            }
        }
    }

    /** The reader sees a method's size: one that is known by heart, and one that is large. */
    @Test
    void theReaderCountsBytecodes() throws IOException {
        // aload_0, invokespecial #…, return.
        assertEquals(5, ClassFile.of(Empty.class).bytecodes().get("<init>()V"));
        assertTrue(ClassFile.of(ScalarKernels.class).bytecodes().entrySet().stream()
                .anyMatch(method -> method.getKey().startsWith("strip(") && method.getValue() > INLINED));
    }

    private static class Empty {
        Empty() {}
    }
}
