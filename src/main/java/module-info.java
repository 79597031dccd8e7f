/**
 * Weight normalization for the JVM: kernels for {@code g·v/‖v‖} on flat {@code float[]}.
 *
 * <p>Every requirement is optional at run time. Without {@code jdk.incubator.vector} the scalar back end runs, with the same bits in
 * its results; without {@code jdk.management} the flags of the virtual machine stay unread and fused multiply-add unused.
 */
module io.github.weightnorm {
    requires static jdk.incubator.vector;
    requires static java.management;
    requires static jdk.management;

    exports io.github.weightnorm;
}
