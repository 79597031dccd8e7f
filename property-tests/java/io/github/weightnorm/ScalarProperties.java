package io.github.weightnorm;

import io.github.weightnorm.properties.WeightNormKernel;
import io.github.weightnorm.properties.WeightNormProperties;

/** The scalar back end. */
class ScalarProperties extends WeightNormProperties {

    @Override
    protected WeightNormKernel kernel() {
        return new LibraryKernel(new ScalarKernels());
    }
}
