package io.github.weightnorm;

import io.github.weightnorm.properties.GradientKernel;
import io.github.weightnorm.properties.GradientProperties;
import net.jqwik.api.lifecycle.AddLifecycleHook;

/** The gradients of the vector back end. */
@AddLifecycleHook(VectorModule.class)
class VectorGradientProperties extends GradientProperties {

    @Override
    protected GradientKernel kernel() {
        return new LibraryGradients(GradientKernels.of(VectorModule.kernels(), () -> new VectorGradients()));
    }
}
