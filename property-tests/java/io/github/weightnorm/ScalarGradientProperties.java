package io.github.weightnorm;

import io.github.weightnorm.properties.GradientKernel;
import io.github.weightnorm.properties.GradientProperties;

/** The gradients of the scalar back end. */
class ScalarGradientProperties extends GradientProperties {

    @Override
    protected GradientKernel kernel() {
        return new LibraryGradients(new ScalarGradients());
    }
}
