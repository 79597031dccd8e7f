package io.github.weightnorm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * PyTorch's native kernels on one thread, called as its own dispatcher calls them, on tensors that PyTorch allocated.
 *
 * <p>Each call makes a new tensor for its result, and for a large one the kernel of the operating system zeroes the pages: that is what
 * a user of PyTorch pays too. The overload that writes to a given tensor ({@code .out}) computes as this one does, then copies.
 */
public final class Libtorch implements Implementation {

    @Override
    public String name() {
        return "libtorch";
    }

    @Override
    public String description() {
        TorchCall.load();
        return "libtorch " + torch.class.getPackage().getImplementationVersion() + " (" + torch.get_cpu_capability().getString()
                + "), 1 thread";
    }

    @Override
    public boolean supports(Kernel kernel, WeightNorm layer) {
        return switch (kernel) {
            case NORMS, SCALES, RECONSTRUCT, DECOMPOSE -> true;
            // Its backward kernel is for the first and the last axis; others go through automatic differentiation.
            case GRADIENTS -> fused(layer);
            case DIRECTIONS, IN_PLACE, GRADIENTS_IN_PLACE -> false;
        };
    }

    private static boolean fused(WeightNorm layer) {
        return layer.keptAxis() >= 0 && (layer.layout.outer() == 1 || layer.layout.inner() == 1);
    }

    @Override
    public Call prepare(Kernel kernel, Task task) {
        return new TorchCall(kernel, task);
    }

    /** Arguments that stay, and the operators to be called with them. What an operator returns lies on its stack. */
    private static final class TorchCall implements Call {

        static {
            // Else a collector's thread frees what native code still uses, and each call pays for a phantom reference. Read once, by the
            // first class of JavaCPP, and no other part of a benchmark's JVM uses it.
            System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
            try {
                // Unpacks both whole: the linker looks for libraries that no Java class asks for. Without this, a first run crashes.
                Loader.cacheResource("/org/bytedeco/openblas/" + Loader.getPlatform());
                Loader.cacheResource("/org/bytedeco/pytorch/" + Loader.getPlatform());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
            torch.set_num_threads(1);
        }

        private static final IValue TWO = new IValue(2L);
        private static final IValue NONE = new IValue();

        private final Kernel kernel;
        private final List<Pointer> owned = new ArrayList<>();
        private final Supplier<IValueVector> compute;
        /**
         * What the last run computed, freed when the next one begins. If each layer of a model were freed at once, all would be written to
         * one block that never leaves the cache, and the model would not be folded when it is done.
         */
        private IValueVector last;

        /** Loads the native code, unless that is done. */
        static void load() {}

        TorchCall(Kernel kernel, Task task) {
            this.kernel = kernel;
            Layout layout = task.layer().layout;
            long[] shape;
            long[] gainShape;
            long dim;
            // PyTorch sees the same three sizes, and takes its kernel for the first or the last axis where there is one.
            if (task.layer().keptAxis() < 0) {
                shape = new long[] {layout.inner()};
                gainShape = new long[] {1};
                dim = -1;
            } else if (layout.outer() == 1) {
                shape = new long[] {layout.channels(), layout.inner()};
                gainShape = new long[] {layout.channels(), 1};
                dim = 0;
            } else if (layout.inner() == 1) {
                shape = new long[] {layout.outer(), layout.channels()};
                gainShape = new long[] {1, layout.channels()};
                dim = 1;
            } else {
                shape = new long[] {layout.outer(), layout.channels(), layout.inner()};
                gainShape = new long[] {1, layout.channels(), 1};
                dim = 1;
            }
            IValue v = tensor(task.v(), shape);
            IValue g = tensor(task.g(), gainShape);
            IValue axis = own(new IValue(dim));
            OperatorHandle norms = operator("norm_except_dim", "");
            compute = switch (kernel) {
                case NORMS -> () -> call(norms, v, TWO, axis);
                case SCALES -> {
                    OperatorHandle divide = operator("div", "Tensor");
                    yield () -> {
                        try (IValueVector lengths = call(norms, v, TWO, axis)) {
                            return call(divide, g, lengths.get(0));
                        }
                    };
                }
                case RECONSTRUCT -> {
                    // The operator that the other one calls if it can.
                    OperatorHandle fold = operator(fused(task.layer()) ? "_weight_norm_interface" : "_weight_norm", "");
                    yield () -> call(fold, v, g, axis);
                }
                case DECOMPOSE -> {
                    OperatorHandle copy = operator("clone", "");
                    yield () -> {
                        IValueVector results = call(norms, v, TWO, axis);
                        try (IValueVector copied = call(copy, v, NONE)) {
                            return results.push_back(copied.get(0));
                        }
                    };
                }
                case GRADIENTS -> {
                    OperatorHandle backward = operator("_weight_norm_interface_backward", "");
                    IValue weightGradient = tensor(task.weightGradient(), shape);
                    // Left by the forward pass, as PyTorch has it.
                    IValue lengths;
                    try (IValueVector forward = call(operator("_weight_norm_interface", ""), v, g, axis)) {
                        lengths = own(new IValue(forward.get(1)));
                    }
                    yield () -> call(backward, weightGradient, v, g, lengths, axis);
                }
                case DIRECTIONS, IN_PLACE, GRADIENTS_IN_PLACE -> throw new UnsupportedOperationException(kernel.toString());
            };
        }

        private OperatorHandle operator(String name, String overload) {
            return own(Dispatcher.singleton().findSchemaOrThrow("aten::" + name, overload));
        }

        private IValue tensor(float[] values, long... shape) {
            try (FloatPointer copy = new FloatPointer(values); Tensor view = torch.from_blob(copy, shape); Tensor tensor = view.clone()) {
                return own(new IValue(tensor));
            }
        }

        private <P extends Pointer> P own(P pointer) {
            owned.add(pointer);
            return pointer;
        }

        private static IValueVector call(OperatorHandle operator, IValue... arguments) {
            IValueVector stack = new IValueVector(arguments);
            operator.callBoxed(stack);
            return stack;
        }

        @Override
        public void run() {
            free();
            last = compute.get();
        }

        @Override
        public float[][] results() {
            // Folding returns the norms as well, for the way back.
            float[][] results = new float[kernel == Kernel.RECONSTRUCT ? 1 : (int) last.size()][];
            for (int i = 0; i < results.length; i++) {
                try (Tensor result = last.get(i).toTensor(); Tensor dense = result.contiguous()) {
                    results[i] = new float[(int) dense.numel()];
                    dense.data_ptr_float().get(results[i]);
                }
            }
            return results;
        }

        private void free() {
            if (last != null) {
                last.close();
                last = null;
            }
        }

        @Override
        public void close() {
            free();
            owned.forEach(Pointer::close);
        }
    }
}
