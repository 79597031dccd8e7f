package io.github.weightnorm;

import io.github.weightnorm.Kernels.Output;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Brings the vector code for one {@link Kind} of layout to C2, on numbers made up, while callers compute with scalar code.
 *
 * <p>They are not to notice. So it calls straight what vector code has of its own, and never {@link Kernels#apply}: where that sees a second
 * back end, C2 takes back what it compiled of it for the callers, who then run C1's code until it is compiled anew. And it works in
 * short turns, a fifth of the time at first: more would not bring it further, because the compiler takes as long as that, but would take
 * a processor from the callers.
 */
final class WarmUp {

    /** In how many turns one after the other vector code has to be the faster one: by then nothing is left to compile. */
    private static final int FASTER_TURNS = 8;
    private static final int SAMPLES = 5;
    /** So many times slower, and one sample will do. */
    private static final int FAR = 4;
    private static final long TURN_NANOS = 1_000_000;
    /** At most so many times as long as scalar code, and it is compiled: until then, vector code takes eight times as long and more. */
    private static final int COMPILED = 3;
    /**
     * The rest after a turn, in turns: much at first, when the compiler is busy with all of the Vector API; later it waits for calls to
     * become many. The first turns take long, because all is loaded then, and interpreted.
     */
    private static final int EARLY_REST = 4;
    private static final int LATE_REST = 1;
    private static final long EARLY_NANOS = 400_000_000;
    private static final long LONGEST_REST_NANOS = 8_000_000;
    /** Rows up to here may have ways of their own. */
    private static final int LONGEST_MEDIUM_ROW = 128;
    static final long GIVE_UP_NANOS = 20_000_000_000L;

    /**
     * Layouts that take the same methods, which are warmed together, with layers for every loop of those. They are small, because until C2
     * has compiled it a vector operation takes microseconds. But loops go round several times, as they do for callers: C2 goes by how often
     * they did, and for loops that hardly ever did it made code that took a tenth longer for good. Rounds count beside calls towards
     * its compilation, so they cost nothing.
     */
    enum Kind {
        LONG_ROWS("long rows") {
            @Override
            WeightNorm[] layers() {
                return longRows(WeightNorm.linear(2, 544));
            }

            @Override
            void weight(Kernels kernels, WeightNorm layer, float[] v, float[] g, float[] w) {
                rows(Output.WEIGHT, kernels, layer, v, g, w);
            }

            @Override
            void others(Kernels kernels, WeightNorm layer, float[] v, float[] g, float[] w) {
                eachRow(kernels, layer, v, w);
            }
        },
        MEDIUM_ROWS("medium rows") {
            @Override
            WeightNorm[] layers() {
                WeightNorm[] rows = new WeightNorm[9];
                rows[0] = WeightNorm.linear(8, 48);
                for (int i = 1; i < rows.length; i++) {
                    // Products end in as many ways, with and without a group.
                    rows[i] = WeightNorm.linear(8, 16 * i + i % 2 * 8);
                }
                // Those that do not go eight at a time, and all in place, are long rows.
                return longRows(rows);
            }

            @Override
            void weight(Kernels kernels, WeightNorm layer, float[] v, float[] g, float[] w) {
                rows(Output.WEIGHT, kernels, layer, v, g, w);
            }

            @Override
            void others(Kernels kernels, WeightNorm layer, float[] v, float[] g, float[] w) {
                if (layer.layout.inner() % Kernels.GROUP == 0) {
                    rows(Output.WEIGHT, kernels, layer, v, null, w);
                } else {
                    rows(Output.WEIGHT, kernels, layer, v, g, v);
                    eachRow(kernels, layer, v, w);
                }
            }
        },
        SHORT_ROWS("short rows") {
            @Override
            WeightNorm[] layers() {
                WeightNorm sevens = WeightNorm.linear(8, 7);
                return new WeightNorm[] {sevens, sevens, WeightNorm.linear(8, 3), WeightNorm.linear(8, 5), WeightNorm.linear(8, 8)};
            }

            @Override
            void weight(Kernels kernels, WeightNorm layer, float[] v, float[] g, float[] w) {
                rows(Output.WEIGHT, kernels, layer, v, g, w);
            }

            @Override
            void others(Kernels kernels, WeightNorm layer, float[] v, float[] g, float[] w) {
                rows(Output.NORM, kernels, layer, v, null, w);
                rows(Output.SCALE, kernels, layer, v, g, w);
            }
        },
        SPREAD("spread channels") {
            @Override
            WeightNorm[] layers() {
                WeightNorm columns = WeightNorm.of(new int[] {6, 128}, 1);
                WeightNorm farApart = WeightNorm.of(new int[] {6, 1024}, 1).range(0, 135);
                WeightNorm groups = WeightNorm.of(new int[] {6, 64, 8}, 1).range(0, 16);
                // A few: made for many, the code for these is slower.
                WeightNorm pairsOfGroups = WeightNorm.of(new int[] {6, 64, 16}, 1).range(0, 4);
                return new WeightNorm[] {columns, columns, farApart, groups, pairsOfGroups};
            }

            @Override
            void weight(Kernels kernels, WeightNorm layer, float[] v, float[] g, float[] w) {
                Layout layout = layer.layout;
                int last = (layout.outer() - 1) * layout.stride();
                kernels.factorsRunByRun(layer, 0, layer.toChannel, v, 0, g, 0, w, 0, last);
                kernels.multiplyRuns(v, 0, w, last, w, 0, layout.outer() - 1, layout.stride(), layer.toChannel, layout.inner());
            }

            @Override
            void others(Kernels kernels, WeightNorm layer, float[] v, float[] g, float[] w) {
                Layout layout = layer.layout;
                if (layout.inner() > 1) {
                    // Longer runs are multiplied as rows are.
                    kernels.multiply(v, 0, 2, w, 0, 1, 0, 47);
                    kernels.multiply(v, 0, 2, w, 0, 1, 0, 48);
                } else if (layer.toChannel < layer.channelCount()) {
                    weight(kernels, layer, v, null, w);
                } else {
                    strip(kernels, Output.NORM, layer, v, null, w);
                    strip(kernels, Output.SCALE, layer, v, g, w);
                    strip(kernels, Output.WEIGHT, layer, v, g, v);
                }
            }

            private void strip(Kernels kernels, Output output, WeightNorm layer, float[] v, float[] g, float[] out) {
                int width = kernels.stripWidth(output, layer.layout, layer.toChannel);
                kernels.strip(output, layer, 0, width, v, 0, g, 0, out, 0);
            }
        };

        final String title;

        Kind(String title) {
            this.title = title;
        }

        static Kind of(Layout layout) {
            if (layout.outer() > 1) {
                return SPREAD;
            }
            if (layout.inner() <= Kernels.GROUP) {
                return SHORT_ROWS;
            }
            return layout.inner() <= LONGEST_MEDIUM_ROW ? MEDIUM_ROWS : LONG_ROWS;
        }

        /** The first is for the back ends to be compared on, as a whole; all others for vector code to be warmed on. */
        abstract WeightNorm[] layers();

        /** What {@link Kernels#apply} calls for a weight apart from v. */
        abstract void weight(Kernels kernels, WeightNorm layer, float[] v, float[] g, float[] w);

        /** What it calls for all else, where that has vector code of its own. */
        void others(Kernels kernels, WeightNorm layer, float[] v, float[] g, float[] w) {}

        private static void rows(Output output, Kernels kernels, WeightNorm layer, float[] v, float[] g, float[] out) {
            kernels.plainRows(output, layer, layer.fromChannel, layer.toChannel, v, 0, g, 0, out, 0);
        }

        /**
         * Some layers, and then rows for each end that a row can come to, in a small array and in one so large that vectors keep to its cache
         * lines. There are five of each, so that what takes longest to compile, a row's weights with the next one's sum, is called most.
         */
        private static WeightNorm[] longRows(WeightNorm... layers) {
            WeightNorm[] all = Arrays.copyOf(layers, layers.length + 4);
            all[layers.length] = WeightNorm.linear(5, 271);
            all[layers.length + 1] = WeightNorm.linear(5, 273);
            all[layers.length + 2] = WeightNorm.linear(Kernels.ALIGNED_ARRAY / 271 + 1, 271).range(0, 5);
            all[layers.length + 3] = WeightNorm.linear(Kernels.ALIGNED_ARRAY / 289 + 1, 289).range(0, 5);
            return all;
        }

        /** Rows one by one, as norms and scales are made, and weights of those that are not plain. */
        private static void eachRow(Kernels kernels, WeightNorm layer, float[] v, float[] w) {
            int length = layer.layout.inner();
            kernels.sumOfSquares(v, 0, 1, 0, length);
            kernels.multiply(v, 0, 2, w, 0, 1, 0, length);
        }
    }

    private final Kind kind;
    private final Kernels scalar;
    private final Kernels vector;
    private final long giveUpNanos;

    WarmUp(Kind kind, Kernels scalar, Kernels vector, long giveUpNanos) {
        this.kind = kind;
        this.scalar = scalar;
        this.vector = vector;
        this.giveUpNanos = giveUpNanos;
    }

    /** Returns true once vector code is the faster one, or false when it has not become so for long. */
    boolean becomesFaster() {
        WeightNorm[] layers = kind.layers();
        Pass[] passes = new Pass[layers.length];
        for (int i = 0; i < layers.length; i++) {
            passes[i] = new Pass(layers[i]);
        }
        long start = System.nanoTime();
        int faster = 0;
        while (faster < FASTER_TURNS) {
            long turn = System.nanoTime();
            do {
                for (int i = 1; i < passes.length; i++) {
                    passes[i].vector();
                }
            } while (System.nanoTime() - turn < TURN_NANOS);
            faster = isFaster(passes) ? faster + 1 : 0;
            long now = System.nanoTime();
            if (now - start > giveUpNanos) {
                return false;
            }
            LockSupport.parkNanos(Math.min(LONGEST_REST_NANOS, (now - start < EARLY_NANOS ? EARLY_REST : LATE_REST) * (now - turn)));
        }
        return true;
    }

    /** Whether vector code is faster where that counts, and compiled for all other layers. */
    private static boolean isFaster(Pass[] passes) {
        boolean faster = passes[0].takesAtMost(1);
        for (int i = 1; faster && i < passes.length; i++) {
            faster = passes[i].takesAtMost(COMPILED);
        }
        return faster;
    }

    /** One layer with its numbers. */
    private final class Pass {
        private final WeightNorm layer;
        private final float[] v;
        private final float[] g;
        private final float[] w;

        Pass(WeightNorm layer) {
            this.layer = layer;
            this.v = new float[layer.size()];
            this.g = new float[layer.channelCount()];
            this.w = new float[layer.size()];
            Arrays.fill(v, 0.5f);
            Arrays.fill(g, 2);
        }

        void vector() {
            kind.weight(vector, layer, v, g, w);
            kind.others(vector, layer, v, g, w);
        }

        /** Whether a weight takes vector code at most so many times as long as scalar code. */
        boolean takesAtMost(int times) {
            long fastestScalar = Long.MAX_VALUE;
            long fastestVector = Long.MAX_VALUE;
            for (int i = 0; i < SAMPLES; i++) {
                long start = System.nanoTime();
                scalar.apply(Output.WEIGHT, layer, v, 0, g, 0, w, 0);
                long between = System.nanoTime();
                kind.weight(vector, layer, v, g, w);
                fastestScalar = Math.min(fastestScalar, between - start);
                fastestVector = Math.min(fastestVector, System.nanoTime() - between);
                if (fastestVector / FAR > fastestScalar) {
                    return false;
                }
            }
            return fastestVector <= times * fastestScalar;
        }
    }
}
