package io.github.weightnorm;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * The way from scalar to vector code while a JVM runs. Until C2 has compiled it, vector code takes ten times as long as scalar code, and
 * a model is folded before that. So scalar code begins; once kernels have been in use for some time, a thread brings the vector code
 * for that {@link Kind} of layout to C2, on numbers made up; and when it has become the faster one there, it takes over. Both give the
 * same bits, so nothing shows but the time. Where it does not become the faster one, scalar code stays.
 *
 * <p>The thread is a daemon, rests a third of the time, so as to leave a second core to the compiler, and ends when nothing is left to warm.
 * Nobody waits for it, and it takes no lock. {@code -Dweightnorm.warmup=false} does without: vector code then begins.
 */
final class Handover {

    static final String PROPERTY = "weightnorm.warmup";
    static final String THREAD = "weightnorm-warmup";
    /** A model folded within this time after the first call never sees the thread, nor waits for what it would load. */
    static final long PATIENCE_NANOS = 75_000_000;
    /**
     * The least share of the time that kernels have to have taken, in percent. A program that reads and writes files
     * in between, as the fold tool does, would spend more on the warm-up than faster kernels save.
     */
    static final int SHARE = 40;
    /** For how many times the patience a program is looked at before the look begins anew. */
    private static final int LONGEST_LOOK = 10;
    /** What scalar code takes for ten elements, about, once it is compiled. */
    private static final int NANOS_FOR_TEN = 4;

    /** How many passes in a row vector code has to be the faster one in: by then nothing is left to compile. */
    private static final int FASTER_PASSES = 50;
    /** The thread's turns, at work and at rest. */
    private static final long TURN_NANOS = 1_000_000;
    private static final long GIVE_UP_NANOS = 5_000_000_000L;

    /**
     * Layouts that take the same methods, which are warmed together, with layers for every loop of those; mostly short ones, because
     * what brings a method to C2 is the number of its calls.
     */
    enum Kind {
        LONG_ROWS("long rows") {
            @Override
            WeightNorm[] layers() {
                return new WeightNorm[] {WeightNorm.linear(3, 43), WeightNorm.linear(9, 104), WeightNorm.linear(3, 331),
                    WeightNorm.linear(2, 768)};
            }
        },
        SHORT_ROWS("short rows") {
            @Override
            WeightNorm[] layers() {
                return new WeightNorm[] {WeightNorm.linear(32, 3), WeightNorm.linear(32, 5), WeightNorm.linear(32, 7), WeightNorm.linear(32, 8)};
            }
        },
        SPREAD("spread channels") {
            @Override
            WeightNorm[] layers() {
                return new WeightNorm[] {WeightNorm.of(new int[] {9, 64}, 1), WeightNorm.of(new int[] {9, 256}, 1),
                    WeightNorm.of(new int[] {9, 64, 8}, 1), WeightNorm.of(new int[] {9, 64, 16}, 1)};
            }
        };

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        abstract WeightNorm[] layers();

        static Kind of(Layout layout) {
            if (layout.outer() > 1) {
                return SPREAD;
            }
            return layout.inner() <= Kernels.GROUP ? SHORT_ROWS : LONG_ROWS;
        }
    }

    /** Makes this JVM's choice: to load the Vector API alone takes longer than to fold a small model. */
    static final class Loader implements Supplier<Kernels> {
        @Override
        public Kernels get() {
            return Backend.kernels();
        }
    }

    /** What is in force for one kind. */
    private static final class Stage {
        final Kind kind;
        volatile Kernels kernels;
        /** Not volatile: two callers may both ask, and the second finds nothing left to do. */
        boolean asked;

        Stage(Kind kind, Kernels kernels) {
            this.kind = kind;
            this.kernels = kernels;
        }
    }

    private final Kernels scalar;
    private final Supplier<? extends Kernels> loader;
    private final long patienceNanos;
    private final int share;
    private final Stage[] stages;
    private final Queue<Stage> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean warming = new AtomicBoolean();
    /** When the look at this program began, and how many elements it has folded since; not volatile, as an estimate will do. */
    private long since;
    private long elements;
    /** True once it is known that there is nothing to hand over to. */
    private volatile boolean scalarForGood;

    /**
     * @param scalar begins
     * @param loader makes the back end to hand over to, on the thread: to load the Vector API alone takes longer than to fold a small
     *     model
     * @param patienceNanos for how long kernels are in use before the thread begins
     * @param share the least share of that time that they have to take, in percent
     */
    Handover(Kernels scalar, Supplier<? extends Kernels> loader, long patienceNanos, int share) {
        this.scalar = scalar;
        this.loader = loader;
        this.patienceNanos = patienceNanos;
        this.share = share;
        this.stages = new Stage[Kind.values().length];
        for (Kind kind : Kind.values()) {
            stages[kind.ordinal()] = new Stage(kind, scalar);
        }
    }

    /** The kernels to use now. */
    Kernels kernels(WeightNorm layer) {
        Stage stage = stages[Kind.of(layer.layout).ordinal()];
        Kernels now = stage.kernels;
        if (now == scalar && !stage.asked) {
            ask(stage, (long) layer.layout.outer() * layer.layout.inner() * (layer.toChannel - layer.fromChannel));
        }
        return now;
    }

    /** What is in force: {@code scalar}, {@code scalar, then vector}, {@code vector 512-bit}, or which for what. */
    String name() {
        String vector = null;
        StringBuilder kinds = new StringBuilder();
        boolean all = true;
        for (Stage stage : stages) {
            Kernels now = stage.kernels;
            if (now == scalar) {
                all = false;
            } else {
                vector = now.name();
                kinds.append(kinds.isEmpty() ? " for " : " and ").append(stage.kind.title);
            }
        }
        if (vector == null) {
            return scalar.name() + (!scalarForGood && Backend.expectsVectors() ? ", then vector" : "");
        }
        return all ? vector : vector + kinds + ", " + scalar.name() + " for others";
    }

    private void ask(Stage stage, long more) {
        long now = System.nanoTime();
        if (since == 0) {
            since = now;
        }
        elements += more;
        long used = now - since;
        if (used < patienceNanos) {
            return;
        }
        if (elements * NANOS_FOR_TEN / 10 < used / 100 * share) {
            if (used > LONGEST_LOOK * patienceNanos) {
                // What was long ago says little of what comes: a program may fold one model, wait, and then fold many.
                since = now;
                elements = 0;
            }
            return;
        }
        stage.asked = true;
        waiting.add(stage);
        if (warming.compareAndSet(false, true)) {
            new Warmer().start();
        }
    }

    /** A class, where a lambda would do: a JVM's first lambda takes as long as a tenth of a model. */
    private final class Warmer extends Thread {
        Warmer() {
            super(null, null, THREAD, 0, false);
            setDaemon(true);
            setContextClassLoader(null);
        }

        @Override
        public void run() {
            warm();
        }
    }

    private void warm() {
        Kernels vector = loader.get();
        scalarForGood = vector.vectorBits() == 0;
        do {
            for (Stage stage = waiting.poll(); stage != null; stage = waiting.poll()) {
                boolean same = vector.vectorBits() == 0 || stage.kind == Kind.SHORT_ROWS && !vector.takesEights(Kernels.Output.WEIGHT, Kernels.GROUP, false);
                if (!same && stage.kernels == scalar && becomesFaster(vector, stage.kind)) {
                    stage.kernels = vector;
                }
            }
            warming.set(false);
            // One that was put there after the last look, by a caller that still saw this thread at work.
        } while (!waiting.isEmpty() && warming.compareAndSet(false, true));
    }

    private boolean becomesFaster(Kernels vector, Kind kind) {
        WeightNorm[] layers = kind.layers();
        Pass[] passes = new Pass[layers.length];
        for (int i = 0; i < layers.length; i++) {
            passes[i] = new Pass(layers[i]);
        }
        long[] fastest = new long[passes.length];
        Arrays.fill(fastest, Long.MAX_VALUE);
        long start = System.nanoTime();
        long turn = start;
        int faster = 0;
        for (int i = 0; faster < FASTER_PASSES * passes.length; i = (i + 1) % passes.length) {
            fastest[i] = Math.min(fastest[i], passes[i].weight(scalar));
            faster = passes[i].weight(vector) <= fastest[i] ? faster + 1 : 0;
            if (layers[i].layout.inner() == 1 || kind == Kind.SHORT_ROWS) {
                passes[i].others(vector);
            }
            long now = System.nanoTime();
            if (now - start > GIVE_UP_NANOS) {
                return false;
            }
            if (now - turn > TURN_NANOS) {
                LockSupport.parkNanos((now - turn) / 2);
                turn = System.nanoTime();
            }
        }
        return true;
    }

    /** Kernels over one layer. */
    private static final class Pass {
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

        /** Returns the nanoseconds that a weight takes. */
        long weight(Kernels kernels) {
            long start = System.nanoTime();
            kernels.apply(Kernels.Output.WEIGHT, layer, v, 0, g, 0, w, 0);
            return System.nanoTime() - start;
        }

        /**
         * The other kernels, which have methods of their own only for short rows and columns. Elsewhere they would lead the scalar code
         * that is in use down paths it never took, and C2 would have to compile it anew.
         */
        void others(Kernels kernels) {
            kernels.apply(Kernels.Output.NORM, layer, v, 0, null, 0, w, 0);
            kernels.apply(Kernels.Output.SCALE, layer, v, 0, g, 0, w, 0);
            kernels.apply(Kernels.Output.WEIGHT, layer, w, 0, null, 0, w, 0);
        }
    }
}
