package io.github.weightnorm;

import io.github.weightnorm.properties.WeightNormKernel;
import io.github.weightnorm.properties.WeightNormProperties;
import net.jqwik.api.lifecycle.AddLifecycleHook;

/** The vector back end. */
@AddLifecycleHook(VectorModule.class)
class VectorProperties extends WeightNormProperties {

    @Override
    protected WeightNormKernel kernel() {
        return new LibraryKernel(VectorModule.kernels());
    }
}
