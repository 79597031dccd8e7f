package io.github.weightnorm;

import io.github.weightnorm.properties.AgreementProperties;
import io.github.weightnorm.properties.WeightNormKernel;
import net.jqwik.api.lifecycle.AddLifecycleHook;

/** The scalar and the vector back end. */
@AddLifecycleHook(VectorModule.class)
class BackEndAgreementProperties extends AgreementProperties {

    @Override
    protected WeightNormKernel one() {
        return new LibraryKernel(new ScalarKernels());
    }

    @Override
    protected WeightNormKernel other() {
        return new LibraryKernel(VectorModule.kernels());
    }
}
