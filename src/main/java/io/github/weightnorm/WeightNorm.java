package io.github.weightnorm;

import io.github.weightnorm.Kernels.Output;
import java.util.Arrays;

/**
 * {@code w = g·v/‖v‖}, per channel: the layout of one layer's weight, and the kernels over it.
 *
 * <pre>{@code
 * WeightNorm layer = WeightNorm.conv1d(512, 80, 7);
 * layer.reconstruct(v, g, w);                          // the plain weight of a g/v checkpoint
 * layer.range(0, 256).reconstruct(v, g, w);            // half of it, on a thread of yours
 * }</pre>
 *
 * <p><strong>Layout.</strong> A weight is a flat {@code float[]} in the row-major order of its shape. Each index of the <em>kept
 * axis</em> is a channel; the norm runs over all other axes. {@code g}, the norms and the scales hold one element for each channel.
 *
 * <p><strong>Numerics.</strong> Sums run in double, in one order that the layout alone determines. Results are therefore equal in
 * every bit on every CPU, vector width, JDK, back end, offset, and range. Against exact arithmetic a norm or scale is within 0.501 ulp,
 * and a direction or weight within 1.5 ulp wherever it is not subnormal; no finite float overflows or underflows on the way.
 *
 * <p><strong>Special values.</strong> A channel of zeros has norm 0, scale 0 and a row of zeros, whatever its gain (PyTorch gives
 * NaN). NaN and infinity spread through their own channel as IEEE arithmetic has it, and leave the others alone; every NaN written
 * is {@link Float#NaN}. A norm or scale beyond the largest float is written as infinity, and the weight is right all the same.
 *
 * <p><strong>Arrays.</strong> A method without offsets takes arrays of just the layer's size; one with offsets takes the layer's
 * elements from there on. An output may be the input of its own size at the same offset (in place); any other overlap is refused.
 * All checks come before the first write: {@link NullPointerException} for a missing array, {@link IllegalArgumentException} for a
 * wrong length or an overlap, {@link IndexOutOfBoundsException} for an offset that leaves too few elements.
 *
 * <p><strong>Threads and memory.</strong> Instances are immutable and hold no arrays. Kernels take no lock and allocate nothing once
 * compiled. One thread may be started, for a second, where vector code takes over from scalar code: see {@link #backend()}.
 *
 * @see <a href="https://arxiv.org/abs/1602.07868">Salimans and Kingma, Weight Normalization, 2016, equation 2</a>
 */
public final class WeightNorm {

    private final int[] shape;
    private final int keptAxis;
    final Layout layout;
    final double epsilon;
    final int fromChannel;
    final int toChannel;

    private WeightNorm(int[] shape, int keptAxis) {
        this.shape = shape;
        this.keptAxis = keptAxis;
        this.layout = Layout.of(shape, keptAxis);
        this.epsilon = 0;
        this.fromChannel = 0;
        this.toChannel = layout.channels();
    }

    private WeightNorm(WeightNorm layer, double epsilon, int fromChannel, int toChannel) {
        this.shape = layer.shape;
        this.keptAxis = layer.keptAxis;
        this.layout = layer.layout;
        this.epsilon = epsilon;
        this.fromChannel = fromChannel;
        this.toChannel = toChannel;
    }

    /**
     * {@code [outFeatures, inFeatures]}, one norm per output feature: a Linear weight as PyTorch keeps it.
     *
     * @param outFeatures the number of channels, > 0
     * @param inFeatures the length of a row, > 0
     * @return the layer
     * @throws IllegalArgumentException if a size is not positive, or the weight has more elements than an array can
     */
    public static WeightNorm linear(int outFeatures, int inFeatures) {
        Arguments.positive("outFeatures", outFeatures);
        Arguments.positive("inFeatures", inFeatures);
        return of(new int[] {outFeatures, inFeatures}, 0);
    }

    /**
     * {@code [outChannels, inChannelsPerGroup, kernelSize]}, one norm per output channel: a Conv1d weight as PyTorch keeps it.
     *
     * @param outChannels the number of channels, > 0
     * @param inChannelsPerGroup input channels divided by groups, > 0; 1 for a depthwise convolution
     * @param kernelSize the length of the kernel, > 0
     * @return the layer
     * @throws IllegalArgumentException if a size is not positive, or the weight has more elements than an array can
     */
    public static WeightNorm conv1d(int outChannels, int inChannelsPerGroup, int kernelSize) {
        Arguments.positive("outChannels", outChannels);
        Arguments.positive("inChannelsPerGroup", inChannelsPerGroup);
        Arguments.positive("kernelSize", kernelSize);
        return of(new int[] {outChannels, inChannelsPerGroup, kernelSize}, 0);
    }

    /**
     * {@code [inChannels, outChannelsPerGroup, kernelSize]}, one norm per <em>input</em> channel: a ConvTranspose1d weight as
     * PyTorch's {@code weight_norm} treats it, which keeps axis 0 here too. For one norm per output channel, as the paper's authors
     * have it, use {@code of(shape, 1)}.
     *
     * @param inChannels the number of channels, > 0
     * @param outChannelsPerGroup output channels divided by groups, > 0
     * @param kernelSize the length of the kernel, > 0
     * @return the layer
     * @throws IllegalArgumentException if a size is not positive, or the weight has more elements than an array can
     */
    public static WeightNorm convTranspose1d(int inChannels, int outChannelsPerGroup, int kernelSize) {
        Arguments.positive("inChannels", inChannels);
        Arguments.positive("outChannelsPerGroup", outChannelsPerGroup);
        Arguments.positive("kernelSize", kernelSize);
        return of(new int[] {inChannels, outChannelsPerGroup, kernelSize}, 0);
    }

    /**
     * Any shape, with one norm per index of one axis.
     *
     * @param shape the sizes of the weight, each > 0
     * @param keptAxis the axis whose indices are the channels; −1 is the last one. (PyTorch's {@code dim=-1} is {@link #whole}.)
     * @return the layer
     * @throws IllegalArgumentException if a size is not positive, the axis is not one of the shape's, or the weight has more
     *     elements than an array can
     */
    public static WeightNorm of(int[] shape, int keptAxis) {
        int[] checked = Arguments.shape("shape", shape);
        return new WeightNorm(checked, Arguments.axis("keptAxis", keptAxis, checked.length));
    }

    /**
     * Any shape, with one norm over everything: PyTorch's {@code dim=None}, and its {@code dim=-1}, which means the same.
     *
     * @param shape the sizes of the weight, each > 0; none at all for a single number
     * @return the layer
     * @throws IllegalArgumentException if a size is not positive, or the weight has more elements than an array can
     */
    public static WeightNorm whole(int... shape) {
        return new WeightNorm(Arguments.shape("shape", shape), Layout.WHOLE);
    }

    /**
     * The layer of a checkpoint's pair, from the shapes of {@code v} and {@code g}: {@code (n,1,1)} keeps axis 0, {@code (1,1,k)}
     * axis 2, and a single gain, {@code ()} or {@code (1)}, the whole tensor. One axis of {@code shape[0]} gains keeps axis 0, as
     * Paddle writes it.
     *
     * @param directionShape the shape of v, each size > 0
     * @param gainShape the shape of g
     * @return the layer
     * @throws IllegalArgumentException if the gains fit no axis of the direction, or more than one
     */
    public static WeightNorm infer(int[] directionShape, int[] gainShape) {
        int[] direction = Arguments.shape("directionShape", directionShape);
        return new WeightNorm(direction, Layout.inferKeptAxis(direction, Arguments.shape("gainShape", gainShape)));
    }

    /**
     * The same layer with {@code ‖v‖ = √(Σv² + ε)}, as Flax has it. PyTorch has no ε.
     *
     * @param epsilon what is added under the root: finite, ≥ 0; 0 unless set
     * @return the layer
     * @throws IllegalArgumentException if epsilon is negative, infinite or NaN
     */
    public WeightNorm epsilon(double epsilon) {
        if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon: " + epsilon + " (expected: finite and >= 0)");
        }
        return new WeightNorm(this, epsilon, fromChannel, toChannel);
    }

    /**
     * The channels {@code [fromChannel, toChannel)} of the same layer: the arrays and their offsets stay those of the whole layer,
     * and only these channels' elements are read and written. Ranges without a common channel may run on threads of their own.
     *
     * @param fromChannel the first channel
     * @param toChannel the channel behind the last
     * @return the layer
     * @throws IndexOutOfBoundsException if the range is not within this one's
     */
    public WeightNorm range(int fromChannel, int toChannel) {
        if (fromChannel < this.fromChannel || toChannel > this.toChannel || fromChannel > toChannel) {
            throw new IndexOutOfBoundsException("fromChannel, toChannel: " + fromChannel + ", " + toChannel
                    + " (expected: a range within " + this.fromChannel + ", " + this.toChannel + ")");
        }
        return new WeightNorm(this, epsilon, fromChannel, toChannel);
    }

    /**
     * The sizes of the weight.
     *
     * @return a copy
     */
    public int[] shape() {
        return shape.clone();
    }

    /**
     * The axis whose indices are the channels.
     *
     * @return the axis, counted from 0, or −1 where one norm runs over everything
     */
    public int keptAxis() {
        return keptAxis;
    }

    /**
     * The number of the layer's channels: the length of {@code g}, of the norms and of the scales, with a {@link #range} too.
     *
     * @return the number, > 0
     */
    public int channelCount() {
        return layout.channels();
    }

    /**
     * The number of the layer's elements: the length of {@code v} and of {@code w}, with a {@link #range} too.
     *
     * @return the number, > 0
     */
    public int size() {
        return layout.size();
    }

    /**
     * {@code norms[c] = ‖v_c‖}.
     *
     * @param v the direction parameter, {@link #size()} elements
     * @param norms receives {@link #channelCount()} norms
     */
    public void norms(float[] v, float[] norms) {
        Arguments.length("v", v, size());
        Arguments.length("norms", norms, channelCount());
        norms(v, 0, norms, 0);
    }

    /**
     * {@code norms[c] = ‖v_c‖}, with offsets.
     *
     * @param v the direction parameter
     * @param vOffset where it begins
     * @param norms receives the norms; no element in common with v
     * @param normsOffset where they begin
     */
    public void norms(float[] v, int vOffset, float[] norms, int normsOffset) {
        Arguments.range("v", v, vOffset, size());
        Arguments.range("norms", norms, normsOffset, channelCount());
        Arguments.apart("norms", norms, normsOffset, channelCount(), "v", v, vOffset, size());
        Backend.apply(Output.NORM, this, v, vOffset, null, 0, norms, normsOffset);
    }

    /**
     * {@code scales[c] = g[c]/‖v_c‖}, for engines that apply the factor after the product.
     *
     * @param v the direction parameter, {@link #size()} elements
     * @param g the gains, {@link #channelCount()} elements
     * @param scales receives {@link #channelCount()} scales; may be g
     */
    public void scales(float[] v, float[] g, float[] scales) {
        Arguments.length("v", v, size());
        Arguments.length("g", g, channelCount());
        Arguments.length("scales", scales, channelCount());
        scales(v, 0, g, 0, scales, 0);
    }

    /**
     * {@code scales[c] = g[c]/‖v_c‖}, with offsets.
     *
     * @param v the direction parameter
     * @param vOffset where it begins
     * @param g the gains
     * @param gOffset where they begin
     * @param scales receives the scales; may be g at the same offset, else no element in common with g or v
     * @param scalesOffset where they begin
     */
    public void scales(float[] v, int vOffset, float[] g, int gOffset, float[] scales, int scalesOffset) {
        Arguments.range("v", v, vOffset, size());
        Arguments.range("g", g, gOffset, channelCount());
        Arguments.range("scales", scales, scalesOffset, channelCount());
        Arguments.apart("scales", scales, scalesOffset, channelCount(), "v", v, vOffset, size());
        Arguments.apartOrInPlace("scales", scales, scalesOffset, "g", g, gOffset, channelCount());
        Backend.apply(Output.SCALE, this, v, vOffset, g, gOffset, scales, scalesOffset);
    }

    /**
     * {@code directions = v/‖v‖}: each channel of unit length.
     *
     * @param v the direction parameter, {@link #size()} elements
     * @param directions receives {@link #size()} elements; may be v
     */
    public void directions(float[] v, float[] directions) {
        Arguments.length("v", v, size());
        Arguments.length("directions", directions, size());
        directions(v, 0, directions, 0);
    }

    /**
     * {@code directions = v/‖v‖}, with offsets.
     *
     * @param v the direction parameter
     * @param vOffset where it begins
     * @param directions receives the directions; may be v at the same offset, else no element in common with it
     * @param directionsOffset where they begin
     */
    public void directions(float[] v, int vOffset, float[] directions, int directionsOffset) {
        Arguments.range("v", v, vOffset, size());
        Arguments.range("directions", directions, directionsOffset, size());
        Arguments.apartOrInPlace("directions", directions, directionsOffset, "v", v, vOffset, size());
        Backend.apply(Output.WEIGHT, this, v, vOffset, null, 0, directions, directionsOffset);
    }

    /**
     * {@code w = g·v/‖v‖}: folds g and v into a plain weight, what {@code remove_weight_norm} does in PyTorch. The factor
     * {@code g/‖v‖} is rounded once per channel and multiplied in float, as PyTorch's CPU kernel does; its sums are in float, so that
     * its results differ in the last places.
     *
     * @param v the direction parameter, {@link #size()} elements
     * @param g the gains, {@link #channelCount()} elements
     * @param w receives {@link #size()} elements; may be v
     */
    public void reconstruct(float[] v, float[] g, float[] w) {
        Arguments.length("v", v, size());
        Arguments.length("g", g, channelCount());
        Arguments.length("w", w, size());
        reconstruct(v, 0, g, 0, w, 0);
    }

    /**
     * {@code w = g·v/‖v‖}, with offsets.
     *
     * @param v the direction parameter
     * @param vOffset where it begins
     * @param g the gains
     * @param gOffset where they begin
     * @param w receives the weight; may be v at the same offset, else no element in common with v or g
     * @param wOffset where it begins
     */
    public void reconstruct(float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset) {
        checkReconstruct(v, vOffset, g, gOffset, w, wOffset);
        Backend.apply(Output.WEIGHT, this, v, vOffset, g, gOffset, w, wOffset);
    }

    void checkReconstruct(float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset) {
        Arguments.range("v", v, vOffset, size());
        Arguments.range("g", g, gOffset, channelCount());
        Arguments.range("w", w, wOffset, size());
        Arguments.apartOrInPlace("w", w, wOffset, "v", v, vOffset, size());
        Arguments.apart("w", w, wOffset, size(), "g", g, gOffset, channelCount());
    }

    /**
     * {@code g = ‖w‖} and {@code v = w}: unfolds a plain weight, what {@code weight_norm} does in PyTorch. {@code v} is a copy and
     * not of unit length, there as here; {@link #decomposeUnit} makes it so.
     *
     * @param w the weight, {@link #size()} elements
     * @param g receives {@link #channelCount()} gains
     * @param v receives {@link #size()} elements; may be w
     */
    public void decompose(float[] w, float[] g, float[] v) {
        Arguments.length("w", w, size());
        Arguments.length("g", g, channelCount());
        Arguments.length("v", v, size());
        decompose(w, 0, g, 0, v, 0);
    }

    /**
     * {@code g = ‖w‖} and {@code v = w}, with offsets.
     *
     * @param w the weight
     * @param wOffset where it begins
     * @param g receives the gains; no element in common with w or v
     * @param gOffset where they begin
     * @param v receives a copy of w; may be w at the same offset, else no element in common with it
     * @param vOffset where it begins
     */
    public void decompose(float[] w, int wOffset, float[] g, int gOffset, float[] v, int vOffset) {
        checkDecomposition(w, wOffset, g, gOffset, v, vOffset);
        Backend.apply(Output.NORM, this, w, wOffset, null, 0, g, gOffset);
        copy(w, wOffset, v, vOffset);
    }

    /**
     * {@code g = ‖w‖} and {@code v = w/‖w‖}: unfolds a plain weight into directions of unit length, where {@link #decompose} keeps w.
     *
     * <p>Without ε, {@link #reconstruct} gives w back, within rounding. With one, v is of length {@code ‖w‖/√(‖w‖² + ε)}, less than
     * 1, and {@code g·v}, not what {@link #reconstruct} makes of them, is w.
     *
     * @param w the weight, {@link #size()} elements
     * @param g receives {@link #channelCount()} gains
     * @param v receives {@link #size()} elements; may be w
     */
    public void decomposeUnit(float[] w, float[] g, float[] v) {
        Arguments.length("w", w, size());
        Arguments.length("g", g, channelCount());
        Arguments.length("v", v, size());
        decomposeUnit(w, 0, g, 0, v, 0);
    }

    /**
     * {@code g = ‖w‖} and {@code v = w/‖w‖}, with offsets.
     *
     * @param w the weight
     * @param wOffset where it begins
     * @param g receives the gains; no element in common with w or v
     * @param gOffset where they begin
     * @param v receives the directions; may be w at the same offset, else no element in common with it
     * @param vOffset where it begins
     */
    public void decomposeUnit(float[] w, int wOffset, float[] g, int gOffset, float[] v, int vOffset) {
        checkDecomposition(w, wOffset, g, gOffset, v, vOffset);
        Backend.apply(Output.NORM, this, w, wOffset, null, 0, g, gOffset);
        Backend.apply(Output.WEIGHT, this, w, wOffset, null, 0, v, vOffset);
    }

    private void checkDecomposition(float[] w, int wOffset, float[] g, int gOffset, float[] v, int vOffset) {
        Arguments.range("w", w, wOffset, size());
        Arguments.range("g", g, gOffset, channelCount());
        Arguments.range("v", v, vOffset, size());
        Arguments.apart("g", g, gOffset, channelCount(), "w", w, wOffset, size());
        Arguments.apart("g", g, gOffset, channelCount(), "v", v, vOffset, size());
        Arguments.apartOrInPlace("v", v, vOffset, "w", w, wOffset, size());
    }

    private void copy(float[] source, int sourceOffset, float[] target, int targetOffset) {
        if (source == target) {
            return;
        }
        int first = fromChannel * layout.inner();
        int length = (toChannel - fromChannel) * layout.inner();
        for (int run = 0; run < layout.outer(); run++) {
            int at = run * layout.stride() + first;
            System.arraycopy(source, sourceOffset + at, target, targetOffset + at, length);
        }
    }

    /**
     * The gradients of v and g, from that of {@code w = g·v/‖v‖} (Salimans and Kingma, equation 3), per channel:
     * {@code ∇g = Σ∇w·v/‖v‖} and {@code ∇v = g/‖v‖ · (∇w − (Σ∇w·v/‖v‖²)·v)}.
     *
     * <p>With ε, {@code ‖v‖ = √(Σv² + ε)} has the derivative {@code v/‖v‖} as well, so both formulas hold as they stand with that norm.
     * Without, ∇v is orthogonal to v, and a step against it never makes v shorter.
     *
     * <p><strong>Accuracy.</strong> Both sums run in double, in the canonical order. ∇g is the nearest float but for near ties and
     * sums that all but cancel. In ∇v, {@code g/‖v‖} and {@code Σ∇w·v/‖v‖²} round to float once per channel, and each of three
     * operations once more: an element that is not subnormal is within {@code 2⁻²⁴·(3·|∇v| + 2·|g/‖v‖·(Σ∇w·v/‖v‖²)·v|)} of the
     * truth, and {@code 2⁻⁵⁰·|g·∇g/‖v‖|} on top of that where a product underflows.
     *
     * <p><strong>Special values.</strong> A channel of zeros has the gradients 0 unless there is an ε, whatever ∇w is (PyTorch gives
     * NaN). NaN and infinity, in ∇w too, stay in their channel. A gradient beyond the largest float is written as infinity.
     *
     * @param weightGradient ∇w, {@link #size()} elements
     * @param v the direction parameter, {@link #size()} elements
     * @param g the gains, {@link #channelCount()} elements
     * @param vGradient receives ∇v, {@link #size()} elements; may be weightGradient, or v
     * @param gGradient receives ∇g, {@link #channelCount()} elements; may be g
     * @see <a href="https://arxiv.org/abs/1602.07868">Salimans and Kingma, Weight Normalization, 2016, section 2.1</a>
     */
    public void gradients(float[] weightGradient, float[] v, float[] g, float[] vGradient, float[] gGradient) {
        Arguments.length("weightGradient", weightGradient, size());
        Arguments.length("v", v, size());
        Arguments.length("g", g, channelCount());
        Arguments.length("vGradient", vGradient, size());
        Arguments.length("gGradient", gGradient, channelCount());
        gradients(weightGradient, 0, v, 0, g, 0, vGradient, 0, gGradient, 0);
    }

    /**
     * The gradients of v and g, with offsets.
     *
     * @param weightGradient ∇w
     * @param weightGradientOffset where it begins
     * @param v the direction parameter
     * @param vOffset where it begins
     * @param g the gains
     * @param gOffset where they begin
     * @param vGradient receives ∇v; may be weightGradient or v at the same offset, else no element in common with an input
     * @param vGradientOffset where it begins
     * @param gGradient receives ∇g; may be g at the same offset, else no element in common with an input or vGradient
     * @param gGradientOffset where it begins
     */
    public void gradients(float[] weightGradient, int weightGradientOffset, float[] v, int vOffset, float[] g, int gOffset,
            float[] vGradient, int vGradientOffset, float[] gGradient, int gGradientOffset) {
        Arguments.range("weightGradient", weightGradient, weightGradientOffset, size());
        Arguments.range("v", v, vOffset, size());
        Arguments.range("g", g, gOffset, channelCount());
        Arguments.range("vGradient", vGradient, vGradientOffset, size());
        Arguments.range("gGradient", gGradient, gGradientOffset, channelCount());
        Arguments.apartOrInPlace("vGradient", vGradient, vGradientOffset, "weightGradient", weightGradient, weightGradientOffset, size());
        Arguments.apartOrInPlace("vGradient", vGradient, vGradientOffset, "v", v, vOffset, size());
        Arguments.apart("vGradient", vGradient, vGradientOffset, size(), "g", g, gOffset, channelCount());
        Arguments.apart("gGradient", gGradient, gGradientOffset, channelCount(), "weightGradient", weightGradient,
                weightGradientOffset, size());
        Arguments.apart("gGradient", gGradient, gGradientOffset, channelCount(), "v", v, vOffset, size());
        Arguments.apart("gGradient", gGradient, gGradientOffset, channelCount(), "vGradient", vGradient, vGradientOffset, size());
        Arguments.apartOrInPlace("gGradient", gGradient, gGradientOffset, "g", g, gOffset, channelCount());
        GradientKernels.inUse().apply(this, weightGradient, weightGradientOffset, v, vOffset, g, gOffset, vGradient, vGradientOffset,
                gGradient, gGradientOffset);
    }

    /**
     * The back end that this JVM's kernels run on at this moment, by the system property {@code weightnorm.backend}: {@code auto} (the
     * default) takes the vector one where it is there and pays, {@code scalar} and {@code vector} insist on theirs.
     *
     * <p>With {@code auto}, scalar code begins, because vector code is slow until the JVM has compiled it. Once kernels have been in use
     * for a tenth of a second, and for a good part of that, a daemon thread called {@code weightnorm-warmup} brings the vector code for that kind of layout to the
     * compiler, within a second or so; then that takes over, with the same bits, and the thread ends.
     * {@code -Dweightnorm.warmup=false} does without it: vector code then begins. So it does for gradients, which are wanted many times over.
     *
     * @return {@code "scalar"} or, say, {@code "vector 512-bit"}; on the way there {@code "scalar, then vector"} and
     *     {@code "vector 512-bit for long rows, scalar for others"}
     * @throws IllegalStateException if {@code weightnorm.backend} asks for vector where it can't be had (the message has the flag
     *     to add), or is none of the three; kernels throw the same
     */
    public static String backend() {
        return Backend.name();
    }

    /** Two layers are equal if their shape, kept axis, epsilon and range are. */
    @Override
    public boolean equals(Object other) {
        return other instanceof WeightNorm that && Arrays.equals(shape, that.shape) && keptAxis == that.keptAxis
                && Double.compare(epsilon, that.epsilon) == 0 && fromChannel == that.fromChannel && toChannel == that.toChannel;
    }

    @Override
    public int hashCode() {
        return ((Arrays.hashCode(shape) * 31 + keptAxis) * 31 + Double.hashCode(epsilon)) * 31 * 31 + fromChannel * 31 + toChannel;
    }

    /** The shape and the kept axis, and what else was set. */
    @Override
    public String toString() {
        return "WeightNorm[shape=" + Arrays.toString(shape) + ", keptAxis=" + (keptAxis == Layout.WHOLE ? "none" : keptAxis)
                + (epsilon == 0 ? "" : ", epsilon=" + epsilon)
                + (fromChannel == 0 && toChannel == channelCount() ? "" : ", range=" + fromChannel + ".." + toChannel) + "]";
    }
}
