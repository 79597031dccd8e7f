package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.github.weightnorm.PlantedGradientFault.PlainGradients;
import io.github.weightnorm.properties.GradientKernel;
import io.github.weightnorm.properties.GradientProperties;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.TestExecutionResult.Status;

/** The teeth of the properties of gradients, as {@link PlantedFaultsTest} has them of the weights'. */
@Tag("once")
class PlantedGradientFaultsTest {

    /** What the suite below runs against; it is made by jqwik, which can be handed nothing. */
    private static PlainGradients current = new PlainGradients();

    static class Suite extends GradientProperties {
        @Override
        protected GradientKernel kernel() {
            return current;
        }
    }

    @ParameterizedTest
    @EnumSource
    void isFoundByItsProperty(PlantedGradientFault fault) {
        current = fault.kernel;
        assertEquals(Map.of(fault.property, Status.FAILED), PropertyRun.of(selectMethod(Suite.class, PropertyRun.method(Suite.class, fault.property))));
    }

    @Test
    void rightGradientsPass() {
        current = new PlainGradients();
        Map<String, Status> results = PropertyRun.of(selectClass(Suite.class));
        assertEquals(Set.of(Status.SUCCESSFUL), Set.copyOf(results.values()), results.toString());
        assertEquals(PropertyRun.properties(Suite.class), results.keySet());
    }

    /** A property that finds no fault may be one that cannot. */
    @Test
    void everyPropertyHasItsFault() {
        Set<String> properties = PropertyRun.properties(Suite.class);
        for (PlantedGradientFault fault : PlantedGradientFault.values()) {
            properties.remove(fault.property);
        }
        assertEquals(Set.of(), properties);
    }
}
