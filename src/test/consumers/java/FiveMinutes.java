// <five-minutes>
import io.github.weightnorm.WeightNorm;
import java.util.Arrays;

class FiveMinutes {
    public static void main(String[] arguments) {
        float[] v = {3, 4, 5, 12};   // what the checkpoint holds for a Linear layer of 2 × 2, row by row
        float[] g = {10, 26};        // and its gains, one for each row
        float[] w = new float[v.length];
        WeightNorm.linear(2, 2).reconstruct(v, g, w);
        System.out.println(Arrays.toString(w) + ", backend " + WeightNorm.backend());
    }
}
// </five-minutes>
