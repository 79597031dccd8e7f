package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From scalar to vector code in a running JVM: who begins, who takes over and when, and what is left behind. */
class HandoverTest {

    private static final WeightNorm LONG_ROWS = WeightNorm.linear(20, 300);
    private static final WeightNorm MEDIUM_ROWS = WeightNorm.linear(100, 64);
    private static final WeightNorm SHORT_ROWS = WeightNorm.linear(300, 7);
    private static final WeightNorm COLUMNS = WeightNorm.of(new int[] {20, 300}, 1);

    private final Kernels scalar = new ScalarKernels();
    private Kernels vector;

    @BeforeEach
    void loadTheVectorBackEnd() {
        vector = Backend.choose("vector", Machine.current(), VectorKernels::new).kernels();
    }

    private Handover handover(BooleanSupplier vectorsPay) {
        assumeTrue(vector != null, "this JVM runs without the vector module");
        return new Handover(scalar, vector, vectorsPay, 0, 0);
    }

    @Test
    void scalarCodeBeginsAndVectorCodeTakesOverWhatIsInUse() {
        Handover handover = handover(() -> true);
        assertSame(scalar, handover.kernels(LONG_ROWS));
        await(() -> handover.kernels(LONG_ROWS) == vector);
        assertEquals(vector.name() + " for long rows, scalar for others", handover.name());
        assertThreadsEnd();
        assertSame(scalar, handover.kernels(COLUMNS), "columns were not in use before");
    }

    @Test
    void everyKindThatVectorsServeIsTakenOver() {
        Handover handover = handover(() -> true);
        assumeTrue(vector.takesEights(Kernels.Output.WEIGHT, 7, false), "short rows are scalar code at this width");
        await(() -> handover.kernels(LONG_ROWS) == vector & handover.kernels(MEDIUM_ROWS) == vector
                & handover.kernels(SHORT_ROWS) == vector & handover.kernels(COLUMNS) == vector);
        assertEquals(vector.name(), handover.name());
        assertThreadsEnd();
    }

    @Test
    void nothingHappensWithoutAUse() {
        Handover handover = handover(() -> {
            throw new AssertionError("nobody has asked");
        });
        assertEquals("scalar, then vector", handover.name());
    }

    @Test
    void aFirstFoldIsLeftAlone() {
        assumeTrue(vector != null, "this JVM runs without the vector module");
        Handover patient = new Handover(scalar, vector, () -> {
            throw new AssertionError("too early");
        }, Long.MAX_VALUE, 0);
        for (int i = 0; i < 1000; i++) {
            assertSame(scalar, patient.kernels(LONG_ROWS));
        }
        assertEquals("scalar, then vector", patient.name());
    }

    @Test
    void soIsAProgramThatHasOtherThingsToDo() throws InterruptedException {
        assumeTrue(vector != null, "this JVM runs without the vector module");
        Handover handover = new Handover(scalar, vector, () -> {
            throw new AssertionError("not worth it");
        }, 1, Handover.SHARE);
        for (int i = 0; i < 50; i++) {
            assertSame(scalar, handover.kernels(LONG_ROWS));
            Thread.sleep(2);
        }
        assertThreadsEnd();
    }

    @Test
    void aProgramThatDoesLittleElseIsNot() {
        Handover handover = new Handover(scalar, vector, () -> true, 1, Handover.SHARE);
        assumeTrue(vector != null, "this JVM runs without the vector module");
        WeightNorm large = WeightNorm.linear(20_000, 50_000);
        await(() -> handover.kernels(large) == vector);
        assertThreadsEnd();
    }

    @Test
    void whatAProgramDidLongAgoDoesNotCount() throws InterruptedException {
        CountDownLatch loaded = new CountDownLatch(1);
        long patience = 1_000_000;
        Handover handover = new Handover(scalar, vector, () -> {
            loaded.countDown();
            return false;
        }, patience, Handover.SHARE);
        handover.kernels(LONG_ROWS);
        Thread.sleep(500);
        // A few milliseconds of work, which is little beside the half second.
        long start = System.nanoTime();
        for (int i = 0; i < 20 && System.nanoTime() - start < 20 * patience; i++) {
            handover.kernels(WeightNorm.linear(4000, 1000));
            Thread.sleep(0, 300_000);
        }
        assertTrue(loaded.await(10, TimeUnit.SECONDS));
        assertThreadsEnd();
    }

    @Test
    void scalarCodeStaysWhereThereIsNoOther() {
        CountDownLatch loaded = new CountDownLatch(1);
        Handover handover = handover(() -> {
            loaded.countDown();
            return false;
        });
        await(() -> handover.kernels(LONG_ROWS) == scalar && loaded.getCount() == 0);
        assertThreadsEnd();
        assertSame(scalar, handover.kernels(LONG_ROWS));
        assertEquals("scalar", handover.name());
    }

    private static void await(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - start < 60_000_000_000L, "not within a minute");
            Thread.onSpinWait();
        }
    }

    private static void assertThreadsEnd() {
        await(() -> Thread.getAllStackTraces().keySet().stream().noneMatch(thread -> thread.getName().equals(Handover.THREAD)));
    }
}
