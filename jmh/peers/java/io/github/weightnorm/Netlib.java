package io.github.weightnorm;

import dev.ludovic.netlib.blas.JavaBLAS;

/** netlib's BLAS in Java, which is Vector API code where the module is there: the nearest peer without native code. */
public final class Netlib extends RowPeer {

    private static final class Holder {
        static final JavaBLAS BLAS = JavaBLAS.getInstance();
    }

    @Override
    public String name() {
        return "netlib";
    }

    @Override
    public String description() {
        return "netlib " + Holder.BLAS.getClass().getSimpleName() + ", snrm2, scopy and sscal per row";
    }

    @Override
    public Call prepare(Kernel kernel, Task task) {
        JavaBLAS blas = Holder.BLAS;
        float[] v = task.v();
        float[] w = new float[v.length];
        return new Rows(kernel, task) {
            @Override
            float norm(int channel) {
                return blas.snrm2(length, v, channel * length, 1);
            }

            @Override
            void scale(int channel, float factor) {
                blas.scopy(length, v, channel * length, 1, w, channel * length, 1);
                blas.sscal(length, factor, w, channel * length, 1);
            }

            @Override
            float[] weight() {
                return w;
            }
        };
    }
}
