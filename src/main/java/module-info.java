/**
 * Weight normalization for the JVM: kernels for {@code g·v/‖v‖} on flat {@code float[]}, and the folding of whole checkpoints.
 *
 * <p>Every requirement is optional at run time. Without {@code jdk.incubator.vector} the scalar back end runs, with the same bits in
 * its results; without {@code jdk.management} the flags of the virtual machine stay unread and fused multiply-add unused; the two
 * libraries serve the checkpoint package (JSON) and its command line (arguments) alone.
 */
module io.github.weightnorm {
    requires static jdk.incubator.vector;
    requires static java.management;
    requires static jdk.management;
    requires static com.fasterxml.jackson.core;
    requires static info.picocli;

    exports io.github.weightnorm;
    exports io.github.weightnorm.checkpoint;
    // picocli reads the command line's annotations.
    opens io.github.weightnorm.checkpoint.cli to info.picocli;
}
