package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.Accuracy.Quantity;
import io.github.weightnorm.properties.Layer;
import io.github.weightnorm.properties.Numbers;
import io.github.weightnorm.properties.Reference;
import io.github.weightnorm.properties.WeightCase;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The accuracy contract, in units in the last place, against exact arithmetic. */
@Tag("once")
class AccuracyTest {

    @ParameterizedTest
    @EnumSource
    void isWithinTheContract(Numbers numbers) {
        Accuracy accuracy = new Accuracy(new LibraryKernel(Backend.kernels()));
        for (WeightCase c : Accuracy.cases(numbers, 2)) {
            accuracy.measure(c);
        }
        Map<Quantity, Double> worst = accuracy.worst();
        assertTrue(worst.get(Quantity.NORM) <= 0.501, worst::toString);
        assertTrue(worst.get(Quantity.SCALE) <= 0.501, worst::toString);
        assertTrue(worst.get(Quantity.DIRECTION) <= 1.5, worst::toString);
        assertTrue(worst.get(Quantity.WEIGHT) <= 1.5, worst::toString);
        assertTrue(worst.get(Quantity.SUBNORMAL) <= 1, worst::toString);
    }

    /** The meter works: a sum in float is seen to be outside of the contract. */
    @Test
    void theMeterSeesAFloatSum() {
        Accuracy accuracy = new Accuracy(new ImplementationKernel(new FloatLoop()));
        for (WeightCase c : Accuracy.cases(Numbers.UNIFORM, 1)) {
            accuracy.measure(c);
        }
        assertTrue(accuracy.worst().get(Quantity.NORM) > 2, accuracy.worst()::toString);
        assertTrue(accuracy.worst().get(Quantity.WEIGHT) > 2, accuracy.worst()::toString);
    }

    /** The reference itself, on sums whose exact value is known. */
    @Test
    void theReferenceIsExact() {
        assertEquals(Math.sqrt(14), norm(0, 1, 2, 3));
        assertEquals(Float.MIN_VALUE, norm(0, Float.MIN_VALUE));
        assertEquals(Float.MAX_VALUE, norm(0, -Float.MAX_VALUE));
        assertEquals(5 * 0x1p-140, norm(0, 3 * 0x1p-140f, 4 * 0x1p-140f));
        // √(1 + 2^-200) is nearest to 1; in √(2^-40 + 2^-40) both count alike.
        assertEquals(1, norm(0, 1, 0x1p-100f));
        assertEquals(Math.sqrt(0x1p-39), norm(0x1p-40, 0x1p-20f));
        assertEquals(0, norm(0, 0, -0f));
        assertEquals(Math.sqrt(0.1), norm(0.1));
        assertEquals(Double.POSITIVE_INFINITY, norm(0, 1, Float.NEGATIVE_INFINITY));
        assertEquals(Double.NaN, norm(0, Float.POSITIVE_INFINITY, Float.NaN, Float.POSITIVE_INFINITY));
        assertThrows(ArithmeticException.class, () -> norm(Double.MIN_VALUE, 1));
    }

    @Test
    void theDistanceIsInUnitsOfTheTruthsBinade() {
        assertEquals(0, Reference.ulps(1, 1f));
        assertEquals(1, Reference.ulps(1, Math.nextUp(1f)));
        assertEquals(0.5, Reference.ulps(1, Math.nextDown(1f)));
        assertEquals(1, Reference.ulps(0, -Float.MIN_VALUE));
        assertEquals(0, Reference.ulps(1e300, Float.POSITIVE_INFINITY));
        assertEquals(1, Reference.ulps(Float.MAX_VALUE, Float.POSITIVE_INFINITY));
        assertEquals(0x1p24, Reference.ulps(-0x1p128, 0f));
        assertTrue(Double.isNaN(Reference.ulps(1, Float.NaN)));
    }

    private static double norm(double epsilon, float... v) {
        Layer layer = new Layer(new int[] {1, v.length}, 0, epsilon);
        return Reference.norms(v, Reference.channels(layer.shape(), layer.keptAxis()), 1, epsilon)[0];
    }
}
