package io.github.weightnorm;

import io.github.weightnorm.Kernels.Output;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The choice of the back end: made once, by a pure function of the property and the machine. An automatic choice of vectors comes into
 * force by and by ({@link Handover}).
 */
final class Backend {

    static final String PROPERTY = "weightnorm.backend";
    private static final String NO_MODULE = "this JVM runs without the Vector API: add --add-modules jdk.incubator.vector";

    private Backend() {}

    /**
     * A back end, or the reason why there is none. The reason is kept, and not thrown where it arises, because an exception in a static
     * initializer would reach only the first caller and leave all later ones with a NoClassDefFoundError.
     */
    record Choice(Kernels kernels, String reason) {}

    private static final class Holder {
        static final Choice CHOICE = choose(mode(), Machine.current(), VectorKernels::new);

        static {
            logMissingModule(CHOICE);
        }
    }

    private static final class Gradual {
        /** Null where the choice is in force from the beginning. */
        static final Handover HANDOVER = isGradual(mode(), System.getProperty(Handover.PROPERTY))
                ? new Handover(new ScalarKernels(), new VectorKernels(), new Handover.Choice(), Handover.PATIENCE_NANOS,
                        hasModule() ? Handover.SHARE : 0) : null;
    }

    private static String mode() {
        return System.getProperty(PROPERTY, "auto");
    }

    /** True if an automatic choice of vectors comes into force only once they are compiled. */
    static boolean isGradual(String mode, String warmup) {
        return mode.equalsIgnoreCase("auto") && !"false".equalsIgnoreCase(warmup);
    }

    /** The back end that this JVM's kernels have, or come to have. */
    static Kernels kernels() {
        Kernels kernels = Holder.CHOICE.kernels;
        if (kernels == null) {
            throw new IllegalStateException(Holder.CHOICE.reason);
        }
        return kernels;
    }

    /** {@link Kernels#apply} of the back end that is in force for the layer at this moment. */
    static void apply(Output output, WeightNorm layer, float[] v, int vOffset, float[] g, int gOffset, float[] out, int outOffset) {
        if (Gradual.HANDOVER == null) {
            kernels().apply(output, layer, v, vOffset, g, gOffset, out, outOffset);
        } else {
            Gradual.HANDOVER.apply(output, layer, v, vOffset, g, gOffset, out, outOffset);
        }
    }

    /** True unless it is plain, without loading them, that vectors are not to be had here or would not pay. */
    static boolean expectsVectors() {
        return hasModule() && Machine.current().objection() == null;
    }

    private static boolean hasModule() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    /** What is in force at this moment, as {@link WeightNorm#backend()} tells it. */
    static String name() {
        return Gradual.HANDOVER == null ? kernels().name() : Gradual.HANDOVER.name();
    }

    /** The back end for a mode, {@code auto}, {@code scalar} or {@code vector}, and the reason for it. */
    static Choice choose(String mode, Machine machine, Supplier<? extends Kernels> loader) {
        return switch (mode.toLowerCase(Locale.ROOT)) {
            case "scalar" -> scalar("asked for");
            case "vector" -> {
                Choice vector = vector(loader);
                yield vector.kernels != null ? vector : new Choice(null, PROPERTY + "=vector, but " + vector.reason);
            }
            case "auto" -> automatic(machine, loader);
            default -> new Choice(null, PROPERTY + ": " + mode + " (expected: auto, scalar or vector)");
        };
    }

    private static Choice automatic(Machine machine, Supplier<? extends Kernels> loader) {
        String objection = machine.objection();
        if (objection != null) {
            return scalar(objection);
        }
        Choice vector = vector(loader);
        if (vector.kernels == null) {
            return scalar(vector.reason);
        }
        int bits = vector.kernels.vectorBits();
        return machine.tooNarrow(bits) ? scalar("vectors of " + bits + " bits do not pay on this CPU") : vector;
    }

    /**
     * One line for whoever looks for it. Nothing is wrong without the module, and results are the same, so the level is one that is off
     * unless asked for: INFO would reach the standard error of every program that logs no further than the JDK does by default.
     */
    private static void logMissingModule(Choice choice) {
        if (choice.kernels != null && choice.reason.equals(NO_MODULE)) {
            try {
                System.getLogger("io.github.weightnorm").log(System.Logger.Level.DEBUG, "back end scalar: " + NO_MODULE);
            } catch (RuntimeException | Error broken) {
                // A program's logging, when it fails, is no reason for kernels to.
            }
        }
    }

    private static Choice scalar(String reason) {
        return new Choice(new ScalarKernels(), reason);
    }

    private static Choice vector(Supplier<? extends Kernels> loader) {
        try {
            Kernels kernels = loader.get();
            // Links the Vector API, or fails to.
            kernels.vectorBits();
            return new Choice(kernels, "the vector module is there");
        } catch (ExceptionInInitializerError narrow) {
            return new Choice(null, String.valueOf(narrow.getCause().getMessage()));
        } catch (LinkageError missing) {
            return new Choice(null, NO_MODULE);
        }
    }
}
