package io.github.weightnorm;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Property;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A run of properties within a test, to see which of them fail. */
final class PropertyRun {

    private PropertyRun() {}

    /** The properties that a suite inherits. */
    static Set<String> properties(Class<?> suite) {
        return Arrays.stream(suite.getSuperclass().getDeclaredMethods()).filter(method -> method.isAnnotationPresent(Property.class))
                .map(Method::getName).collect(Collectors.toCollection(TreeSet::new));
    }

    /** One of them. */
    static Method method(Class<?> suite, String property) {
        return Arrays.stream(suite.getSuperclass().getDeclaredMethods()).filter(method -> method.getName().equals(property)).findFirst()
                .orElseThrow(() -> new NoSuchElementException(property));
    }

    /** Runs what is selected. */
    static Map<String, Status> of(DiscoverySelector... selectors) {
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
