package io.github.weightnorm;

import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/** Skips properties of the vector back end in a JVM without the module, and says so. */
final class VectorModule implements SkipExecutionHook {

    /** The vector back end, or null. */
    static Kernels kernels() {
        return Backend.choose("vector", Machine.current(), VectorKernels::new).kernels();
    }

    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
        return kernels() == null ? SkipResult.skip("this JVM runs without the vector module") : SkipResult.doNotSkip();
    }

    @Override
    public PropagationMode propagateTo() {
        return PropagationMode.ALL_DESCENDANTS;
    }
}
