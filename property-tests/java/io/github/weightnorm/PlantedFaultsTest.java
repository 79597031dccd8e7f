package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.github.weightnorm.properties.AgreementProperties;
import io.github.weightnorm.properties.WeightNormKernel;
import io.github.weightnorm.properties.WeightNormProperties;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

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
        Class<?> suite = properties(Suite.class).contains(fault.property) ? Suite.class : SameBits.class;
        assertEquals(Map.of(fault.property, Status.FAILED), run(selectMethod(suite, method(suite, fault.property))));
    }

    @Test
    void aRightKernelPasses() {
        current = new PlainKernel();
        Map<String, Status> results = run(selectClass(Suite.class), selectClass(SameBits.class));
        assertEquals(Set.of(Status.SUCCESSFUL), Set.copyOf(results.values()), results.toString());
        assertTrue(results.keySet().containsAll(properties(Suite.class)), results.toString());
    }

    /** A property that finds no fault may be one that cannot. */
    @Test
    void everyPropertyHasItsFault() {
        Set<String> properties = properties(Suite.class);
        for (PlantedFault fault : PlantedFault.values()) {
            properties.remove(fault.property);
        }
        assertEquals(Set.of(), properties);
    }

    private static Set<String> properties(Class<?> suite) {
        return Arrays.stream(suite.getSuperclass().getDeclaredMethods()).filter(method -> method.isAnnotationPresent(Property.class))
                .map(Method::getName).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Method method(Class<?> suite, String property) {
        return Arrays.stream(suite.getSuperclass().getDeclaredMethods()).filter(method -> method.getName().equals(property)).findFirst()
                .orElseThrow(() -> new NoSuchElementException(property));
    }

    private static Map<String, Status> run(DiscoverySelector... selectors) {
        Map<String, Status> results = new TreeMap<>();
        LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request().selectors(selectors)
                .filters(EngineFilter.includeEngines("jqwik"))
                .configurationParameter("jqwik.database", "target/jqwik-planted-faults")
                .configurationParameter("jqwik.failures.after.default", "RANDOM_SEED")
                .configurationParameter("jqwik.shrinking.default", "OFF")
                .configurationParameter("jqwik.reporting.usejunitplatform", "true")
                .build(), new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        if (test.isTest()) {
                            results.put(test.getDisplayName(), result.getStatus());
                        }
                    }
                });
        return results;
    }
}
