package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.weightnorm.Kernels.Output;
import java.util.Arrays;
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
        await(() -> fold(handover, LONG_ROWS) == vector);
        assertEquals(vector.name() + " for long rows, scalar for others", handover.name());
        assertThreadsEnd();
        assertSame(scalar, handover.kernels(COLUMNS), "columns were not in use before");
    }

    @Test
    void everyKindThatVectorsServeIsTakenOver() {
        Handover handover = handover(() -> true);
        assumeTrue(vector.takesRows(Kernels.Output.WEIGHT, 7), "short rows are scalar code at this width");
        await(() -> fold(handover, LONG_ROWS) == vector & fold(handover, MEDIUM_ROWS) == vector
                & fold(handover, SHORT_ROWS) == vector & fold(handover, COLUMNS) == vector);
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
            assertSame(scalar, fold(patient, LONG_ROWS));
        }
        assertEquals("scalar, then vector", patient.name());
    }

    @Test
    void soIsAProgramThatHasOtherThingsToDo() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        Handover handover = new Handover(scalar, vector, () -> {
            asked.countDown();
            return false;
        }, 50_000_000, Handover.SHARE);
        for (int i = 0; i < 50; i++) {
            assertSame(scalar, fold(handover, LONG_ROWS));
            Thread.sleep(5);
        }
        assertThreadsEnd();
        assertEquals(1, asked.getCount());
    }

    @Test
    void aProgramThatDoesLittleElseIsNot() {
        Handover handover = new Handover(scalar, vector, () -> true, 1_000_000, Handover.SHARE);
        assumeTrue(vector != null, "this JVM runs without the vector module");
        await(() -> fold(handover, LONG_ROWS) == vector);
        assertThreadsEnd();
    }

    /** What scalar code takes for an element differs by more than ten times from layout to layout: the time counts, and not the elements. */
    @Test
    void norIsOneWhoseLayoutsAreSlow() {
        Handover handover = new Handover(scalar, vector, () -> true, 1_000_000, Handover.SHARE);
        assumeTrue(vector != null, "this JVM runs without the vector module");
        float[] w = new float[COLUMNS.size()];
        float[] g = new float[COLUMNS.channelCount()];
        await(() -> {
            Arrays.fill(w, 1);
            Arrays.fill(g, 1);
            handover.apply(Output.WEIGHT, COLUMNS, w, 0, g, 0, w, 0);
            return handover.kernels(COLUMNS) == vector;
        });
        assertThreadsEnd();
    }

    @Test
    void whatAProgramDidLongAgoDoesNotCount() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        long patience = 20_000_000;
        Handover handover = new Handover(scalar, vector, () -> {
            asked.countDown();
            return false;
        }, patience, Handover.SHARE);
        fold(handover, LONG_ROWS);
        Thread.sleep(2000);
        // Some milliseconds of work, which is little beside the seconds before; and of nothing else, as arrays would be.
        float[] w = new float[LONG_ROWS.size()];
        float[] g = new float[LONG_ROWS.channelCount()];
        long start = System.nanoTime();
        while (asked.getCount() > 0 && System.nanoTime() - start < 20 * patience) {
            handover.apply(Output.WEIGHT, LONG_ROWS, w, 0, g, 0, w, 0);
        }
        assertTrue(asked.await(10, TimeUnit.SECONDS));
        assertThreadsEnd();
    }

    @Test
    void scalarCodeStaysWhereThereIsNoOther() {
        CountDownLatch loaded = new CountDownLatch(1);
        Handover handover = handover(() -> {
            loaded.countDown();
            return false;
        });
        await(() -> fold(handover, LONG_ROWS) == scalar && loaded.getCount() == 0);
        assertThreadsEnd();
        assertSame(scalar, fold(handover, LONG_ROWS));
        assertEquals("scalar", handover.name());
    }

    /** Folds a layer, and returns what is in force then. */
    private static Kernels fold(Handover handover, WeightNorm layer) {
        float[] v = new float[layer.size()];
        float[] g = new float[layer.channelCount()];
        handover.apply(Output.WEIGHT, layer, v, 0, g, 0, new float[v.length], 0);
        return handover.kernels(layer);
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
