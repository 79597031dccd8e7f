package io.github.weightnorm;

import org.apache.lucene.util.VectorUtil;
import org.apache.lucene.util.Version;

/** Lucene: {@code VectorUtil.dotProduct} of each row, which has to be an array of its own, and a loop for the product, which it lacks. */
public final class Lucene extends RowPeer {

    @Override
    public String name() {
        return "lucene";
    }

    @Override
    public String description() {
        return "Lucene " + Version.LATEST + ", dotProduct per row";
    }

    @Override
    public Call prepare(Kernel kernel, Task task) {
        return new Rows(kernel, task) {
            private final float[][] v = new float[channels][length];
            private final float[] w = new float[channels * length];

            {
                for (int channel = 0; channel < channels; channel++) {
                    System.arraycopy(task.v(), channel * length, v[channel], 0, length);
                }
            }

            @Override
            float norm(int channel) {
                return (float) Math.sqrt(VectorUtil.dotProduct(v[channel], v[channel]));
            }

            @Override
            void scale(int channel, float factor) {
                float[] row = v[channel];
                int at = channel * length;
                for (int i = 0; i < length; i++) {
                    w[at + i] = row[i] * factor;
                }
            }

            @Override
            float[] weight() {
                return w;
            }
        };
    }
}
