package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.github.weightnorm.properties.AgreementProperties;
import io.github.weightnorm.properties.WeightNormKernel;
import io.github.weightnorm.properties.WeightNormProperties;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.TestExecutionResult.Status;

/** The properties' teeth: each planted fault is found, by the property that is there for it; a right kernel passes all of them. */
@Tag("once")
class PlantedFaultsTest {

    /** What the suites below run against; they are made by jqwik, which can be handed nothing. */
    private static PlainKernel current = new PlainKernel();

    static class Suite extends WeightNormProperties {
        @Override
        protected WeightNormKernel kernel() {
            return current;
        }
    }

    static class SameBits extends AgreementProperties {
        @Override
        protected WeightNormKernel one() {
            return new LibraryKernel(new ScalarKernels());
        }

        @Override
        protected WeightNormKernel other() {
            return current;
        }
    }

    @ParameterizedTest
    @EnumSource
    void isFoundByItsProperty(PlantedFault fault) {
        current = fault.kernel;
        Class<?> suite = PropertyRun.properties(Suite.class).contains(fault.property) ? Suite.class : SameBits.class;
        assertEquals(Map.of(fault.property, Status.FAILED), PropertyRun.of(selectMethod(suite, PropertyRun.method(suite, fault.property))));
    }

    @Test
    void aRightKernelPasses() {
        current = new PlainKernel();
        Map<String, Status> results = PropertyRun.of(selectClass(Suite.class), selectClass(SameBits.class));
        assertEquals(Set.of(Status.SUCCESSFUL), Set.copyOf(results.values()), results.toString());
        assertTrue(results.keySet().containsAll(PropertyRun.properties(Suite.class)), results.toString());
    }

    /** A property that finds no fault may be one that cannot. */
    @Test
    void everyPropertyHasItsFault() {
        Set<String> properties = PropertyRun.properties(Suite.class);
        for (PlantedFault fault : PlantedFault.values()) {
            properties.remove(fault.property);
        }
        assertEquals(Set.of(), properties);
    }
}
