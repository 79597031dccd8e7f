package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The choice of a back end, on machines made up. */
class BackendTest {

    private static final String SERVER = "OpenJDK 64-Bit Server VM";
    private static final Machine USUAL = new Machine(SERVER, "mixed mode, sharing", 25, "amd64", Map.<String, String>of()::get);

    /** A vector back end of some width; it computes as the scalar one does. */
    private static Supplier<Kernels> vectors(int bits) {
        return () -> new ScalarKernels() {
            @Override
            int vectorBits() {
                return bits;
            }
        };
    }

    private static final Supplier<Kernels> MISSING = () -> {
        throw new NoClassDefFoundError("jdk/incubator/vector/Vector");
    };

    private static final Supplier<Kernels> UNFIT = () -> {
        throw new ExceptionInInitializerError(new UnsupportedOperationException("a vector of this machine holds one double"));
    };

    @Test
    void autoTakesVectorsWhereTheyPay() {
        assertEquals("vector 512-bit", Backend.choose("auto", USUAL, vectors(512)).kernels().name());
        assertEquals("vector 256-bit", Backend.choose("AUTO", USUAL, vectors(256)).kernels().name());
    }

    @Test
    void autoLeavesNarrowVectorsOfX86Alone() {
        assertEquals("scalar", Backend.choose("auto", USUAL, vectors(128)).kernels().name());
        Machine arm = new Machine(SERVER, "mixed mode", 25, "aarch64", Map.<String, String>of()::get);
        assertEquals("vector 128-bit", Backend.choose("auto", arm, vectors(128)).kernels().name());
    }

    @Test
    void autoFallsBackWithoutTheModule() {
        Backend.Choice choice = Backend.choose("auto", USUAL, MISSING);
        assertEquals("scalar", choice.kernels().name());
        assertTrue(choice.reason().contains("--add-modules jdk.incubator.vector"), choice.reason());
        assertEquals("scalar", Backend.choose("auto", USUAL, UNFIT).kernels().name());
    }

    @ParameterizedTest
    @CsvSource({
        "OpenJDK 64-Bit Server VM, 'interpreted mode, sharing', 25, false, C2 is switched off",
        "OpenJDK 64-Bit Server VM, 'mixed mode, emulated-client, sharing', 25, false, C2 is switched off",
        "OpenJDK 64-Bit Client VM, mixed mode, 25, false, not known to have HotSpot's C2",
        "Eclipse OpenJ9 VM, mixed mode, 25, false, not known to have HotSpot's C2",
        "OpenJDK 64-Bit Server VM, mixed mode, 24, true, Graal",
    })
    void autoFallsBackWithoutC2(String name, String info, int feature, String jvmci, String reason) {
        Machine machine = new Machine(name, info, feature, "amd64", Map.of("UseJVMCICompiler", jvmci)::get);
        Backend.Choice choice = Backend.choose("auto", machine, vectors(512));
        assertEquals("scalar", choice.kernels().name());
        assertTrue(choice.reason().contains(reason), choice.reason());
        assertEquals("vector 512-bit", Backend.choose("vector", machine, vectors(512)).kernels().name());
    }

    @Test
    void autoTrustsGraalFrom25On() {
        Machine graal = new Machine(SERVER, "mixed mode, jvmci", 25, "amd64", Map.of("UseJVMCICompiler", "true")::get);
        assertEquals("vector 512-bit", Backend.choose("auto", graal, vectors(512)).kernels().name());
    }

    @Test
    void scalarIsAlwaysToBeHad() {
        assertEquals("scalar", Backend.choose("scalar", USUAL, MISSING).kernels().name());
        assertEquals("scalar", Backend.choose("scalar", USUAL, vectors(512)).kernels().name());
    }

    @Test
    void vectorInsistsAndSaysWhatIsMissing() {
        Backend.Choice choice = Backend.choose("vector", USUAL, MISSING);
        assertNull(choice.kernels());
        assertEquals("weightnorm.backend=vector, but this JVM runs without the Vector API: add --add-modules jdk.incubator.vector",
                choice.reason());
        assertEquals("weightnorm.backend=vector, but a vector of this machine holds one double",
                Backend.choose("vector", USUAL, UNFIT).reason());
        assertEquals("vector 128-bit", Backend.choose("vector", USUAL, vectors(128)).kernels().name());
    }

    @Test
    void otherModesAreRefused() {
        Backend.Choice choice = Backend.choose("simd", USUAL, vectors(512));
        assertNull(choice.kernels());
        assertEquals("weightnorm.backend: simd (expected: auto, scalar or vector)", choice.reason());
    }

    @Test
    void aTurkishLocaleChangesNothing() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr"));
        try {
            // Lower case of I is a dotless ı there.
            Machine machine = new Machine(SERVER, "INTERPRETED MODE", 25, "amd64", Map.<String, String>of()::get);
            assertTrue(Backend.choose("AUTO", machine, vectors(512)).reason().contains("C2 is switched off"));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void theChoiceIsGradualUnlessABackEndIsAskedForOrTheWarmUpIsOff() {
        assertTrue(Backend.isGradual("auto", null));
        assertTrue(Backend.isGradual("Auto", "true"));
        assertFalse(Backend.isGradual("auto", "false"));
        assertFalse(Backend.isGradual("vector", null));
        assertFalse(Backend.isGradual("scalar", null));
        assertFalse(Backend.isGradual("no such mode", null), "the choice has to refuse it");
    }
}
