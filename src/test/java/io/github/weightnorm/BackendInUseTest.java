package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

/** The build runs all tests at several widths; this one turns red where a run did not get the back end that it is meant for. */
class BackendInUseTest {

    private static final String EXPECTED = System.getProperty("weightnorm.test.backend");

    @Test
    void isTheOneThatThisRunIsMeantFor() {
        assumeTrue(EXPECTED != null, "no expectation: run outside of the build");
        assertEquals(EXPECTED, WeightNorm.backend().split(" ")[0]);
    }

    @Test
    void hasTheWidthThatThisRunIsMeantFor() {
        int widest = Integer.getInteger("weightnorm.test.bits", Integer.MAX_VALUE);
        assumeTrue("vector".equals(EXPECTED), "no vectors in this run");
        int bits = Integer.parseInt(WeightNorm.backend().replaceAll("vector (\\d+)-bit", "$1"));
        assertTrue(bits >= 128 && bits <= widest, WeightNorm.backend());
    }
}
