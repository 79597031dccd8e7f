package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("once")
class SummaryTest {

    @Test
    void quantilesLieBetweenTheirNeighbours() {
        assertEquals(new Summary(1, 2, 6, 10), Summary.of(new double[] {11, 3, 1, 2, 5, 4, 6, 7, 8, 10, 9}));
        assertEquals(new Summary(1, 1.25, 2.25, 3.25), Summary.of(new double[] {1, 3.5, 1 + 5 / 6.0, 2 + 2 / 3.0}));
        assertEquals(new Summary(7, 7, 7, 7), Summary.of(new double[] {7}));
    }

    /** A neighbour that makes both of a round's samples ten times slower does not show in the ratios, as it does in the times. */
    @Test
    void ratiosAreThoseOfEachRound() {
        Random random = new Random(1);
        double[] ours = IntStream.range(0, 1000).mapToDouble(i -> random.nextInt(3) == 0 ? 10 : 1).toArray();
        double[] theirs = IntStream.range(0, 1000).mapToDouble(i -> 3 * ours[i]).toArray();
        assertEquals(10, Summary.of(ours).highDecile());
        assertEquals(new Summary(3, 3, 3, 3), Summary.ofRatios(theirs, ours));
    }

    @Test
    void refusesNothingAndUnequalNumbers() {
        assertThrows(IllegalArgumentException.class, () -> Summary.of(new double[0]));
        assertThrows(IllegalArgumentException.class, () -> Summary.ofRatios(new double[2], new double[3]));
    }
}
