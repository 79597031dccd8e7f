package io.github.weightnorm;

import io.github.weightnorm.Kernels.Output;
import io.github.weightnorm.WarmUp.Kind;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * The way from scalar to vector code while a JVM runs. Until C2 has compiled it, vector code takes ten times as long as scalar code, and
 * a model is folded before that. So scalar code begins; once kernels have been in use for some time, a thread brings the vector code
 * for that {@link Kind} of layout to C2, on numbers made up; and when it has become the faster one there, it takes over. Both give the
 * same bits, so nothing shows but the time. Where it does not become the faster one, scalar code stays.
 *
 * <p>The thread is a daemon, rests most of the time ({@link WarmUp}), and ends when nothing is left to warm.
 * Nobody waits for it, and it takes no lock. {@code -Dweightnorm.warmup=false} does without: vector code then begins.
 */
final class Handover {

    static final String PROPERTY = "weightnorm.warmup";
    static final String THREAD = "weightnorm-warmup";
    /**
     * A model folded within this time after the first call never sees the thread, nor waits for what it would load. By then C2 has compiled
     * the scalar code of who goes on; begun sooner, the thread would be in its way.
     */
    static final long PATIENCE_NANOS = 75_000_000;
    /**
     * The least share of the time that kernels have to have taken, in percent. A program that reads and writes files
     * in between, as the fold tool does, would spend more on the warm-up than faster kernels save.
     */
    static final int SHARE = 40;
    /** For how many times the patience a program is looked at before the look begins anew. */
    private static final int LONGEST_LOOK = 10;

    /** This JVM's choice, which takes the Vector API: to load that alone takes longer than to fold a small model. */
    static final class Choice implements BooleanSupplier {
        @Override
        public boolean getAsBoolean() {
            return Backend.kernels().vectorBits() > 0;
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
    private final Kernels vector;
    private final BooleanSupplier vectorsPay;
    private final long patienceNanos;
    private final int share;
    private final Stage[] stages;
    private final Queue<Stage> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean warming = new AtomicBoolean();
    /** When the look at this program began, and what kernels have taken since; not volatile, as it need not be exact. */
    private long since;
    private long taken;
    /** True once it is known that there is nothing to hand over to. */
    private volatile boolean scalarForGood;

    /**
     * @param scalar begins
     * @param vector to hand over to; loaded from the beginning, so that C2 does not take scalar code for the only one there is
     * @param vectorsPay whether to, asked for on the thread
     * @param patienceNanos for how long kernels are in use before the thread begins
     * @param share the least share of that time that they have to take, in percent
     */
    Handover(Kernels scalar, Kernels vector, BooleanSupplier vectorsPay, long patienceNanos, int share) {
        this.scalar = scalar;
        this.vector = vector;
        this.vectorsPay = vectorsPay;
        this.patienceNanos = patienceNanos;
        this.share = share;
        this.stages = new Stage[Kind.values().length];
        for (Kind kind : Kind.values()) {
            stages[kind.ordinal()] = new Stage(kind, scalar);
        }
    }

    /** What is in force for a layer now. */
    Kernels kernels(WeightNorm layer) {
        return stage(layer).kernels;
    }

    /** {@link Kernels#apply} of what is in force now, and a look at the time that it takes, as long as nobody has asked for more speed. */
    void apply(Output output, WeightNorm layer, float[] v, int vOffset, float[] g, int gOffset, float[] out, int outOffset) {
        Stage stage = stage(layer);
        Kernels now = stage.kernels;
        if (now != scalar || stage.asked) {
            now.apply(output, layer, v, vOffset, g, gOffset, out, outOffset);
            return;
        }
        long start = System.nanoTime();
        now.apply(output, layer, v, vOffset, g, gOffset, out, outOffset);
        look(stage, start, System.nanoTime());
    }

    private Stage stage(WeightNorm layer) {
        return stages[Kind.of(layer.layout).ordinal()];
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

    /** Asks for vector code if kernels take so much of the program's time. */
    private void look(Stage stage, long start, long end) {
        if (since == 0) {
            since = start;
        }
        taken += end - start;
        long used = end - since;
        if (used < patienceNanos) {
            return;
        }
        if (taken < used / 100 * share) {
            if (used > LONGEST_LOOK * patienceNanos) {
                // What was long ago says little of what comes: a program may fold one model, wait, and then fold many.
                since = end;
                taken = 0;
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
        scalarForGood = !vectorsPay.getAsBoolean();
        do {
            for (Stage stage = waiting.poll(); stage != null; stage = waiting.poll()) {
                boolean same = scalarForGood || stage.kind == Kind.SHORT_ROWS && !vector.takesRows(Output.WEIGHT, Kernels.GROUP);
                if (!same && stage.kernels == scalar && new WarmUp(stage.kind, scalar, vector, WarmUp.GIVE_UP_NANOS).becomesFaster()) {
                    stage.kernels = vector;
                }
            }
            warming.set(false);
            // One that was put there after the last look, by a caller that still saw this thread at work.
        } while (!waiting.isEmpty() && warming.compareAndSet(false, true));
    }
}
