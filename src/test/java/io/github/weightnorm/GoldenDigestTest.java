package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bits of every kernel are the ones on record, whatever this JVM and CPU are. ({@code docs/exactness.md} says how to renew them.) */
class GoldenDigestTest {

    @Test
    void ofTheScalarBackEnd() throws IOException {
        assertGolden(KernelDigest.of(new ScalarKernels()));
    }

    @Test
    void ofTheBackEndInUse() throws IOException {
        assertGolden(KernelDigest.of(Backend.kernels()));
    }

    static void assertGolden(List<String> digests) throws IOException {
        List<String> golden = KernelDigest.golden();
        assertTrue(golden.size() > 1000, golden.size() + " digests");
        List<String> others = new ArrayList<>(digests);
        others.removeAll(new HashSet<>(golden));
        assertEquals(List.of(), others.subList(0, Math.min(5, others.size())), others.size() + " other digests than on record");
        assertEquals(golden.size(), digests.size());
    }
}
