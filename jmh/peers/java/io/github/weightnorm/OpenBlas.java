package io.github.weightnorm;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/** OpenBLAS: {@code snrm2}, {@code scopy} and {@code sscal} of each row, on native memory; its overloads for arrays copy. */
public final class OpenBlas extends RowPeer {

    @Override
    public String name() {
        return "openblas";
    }

    @Override
    public String description() {
        return "OpenBLAS " + openblas_nolapack.class.getPackage().getImplementationVersion() + ", snrm2, scopy and sscal per row, 1 thread";
    }

    @Override
    public Call prepare(Kernel kernel, Task task) {
        openblas_nolapack.blas_set_num_threads(1);
        return new Rows(kernel, task) {
            private final FloatPointer v = new FloatPointer(task.v());
            private final FloatPointer w = new FloatPointer((long) task.v().length);

            @Override
            float norm(int channel) {
                return openblas_nolapack.cblas_snrm2(length, v.position((long) channel * length), 1);
            }

            @Override
            void scale(int channel, float factor) {
                long at = (long) channel * length;
                openblas_nolapack.cblas_scopy(length, v.position(at), 1, w.position(at), 1);
                openblas_nolapack.cblas_sscal(length, factor, w, 1);
            }

            @Override
            float[] weight() {
                float[] weight = new float[channels * length];
                w.position(0).get(weight);
                return weight;
            }

            @Override
            public void close() {
                v.close();
                w.close();
            }
        };
    }
}
