package io.github.weightnorm;

/**
 * This library through its public methods, checks of arguments included.
 *
 * @param name the back end: {@code vector}, {@code scalar}, or {@code auto} for the JVM's own choice. A JVM has one, that of the first
 *     call prepared in it
 */
record Library(String name) implements Implementation {

    static final Library AUTO = new Library("auto");
    static final Library VECTOR = new Library("vector");
    static final Library SCALAR = new Library("scalar");

    @Override
    public String description() {
        return "weightnorm, back end " + backend();
    }

    /** The back end's full name, once it is certain to be the one asked for. */
    private String backend() {
        String backend = WeightNorm.backend();
        if (!name.equals("auto") && !backend.startsWith(name)) {
            throw new IllegalStateException("back end: " + backend + " (expected: " + name + ", which needs a JVM of its own)");
        }
        return backend;
    }

    /** Has this JVM choose the back end when it first uses a kernel. Without effect if it has. */
    void ask() {
        if (!name.equals("auto")) {
            System.setProperty(Backend.PROPERTY, name);
        }
    }

    @Override
    public boolean supports(Kernel kernel, WeightNorm layer) {
        return true;
    }

    @Override
    public Call prepare(Kernel kernel, Task task) {
        ask();
        WeightNorm layer = task.layer();
        float[] v = task.v();
        float[] g = task.g();
        float[] perChannel = new float[g.length];
        float[] out = switch (kernel) {
            case IN_PLACE -> v.clone();
            case GRADIENTS_IN_PLACE -> task.weightGradient().clone();
            default -> new float[v.length];
        };
        return switch (kernel) {
            case NORMS -> Call.of(() -> layer.norms(v, perChannel), perChannel);
            case SCALES -> Call.of(() -> layer.scales(v, g, perChannel), perChannel);
            case DIRECTIONS -> Call.of(() -> layer.directions(v, out), out);
            case RECONSTRUCT -> Call.of(() -> layer.reconstruct(v, g, out), out);
            case IN_PLACE -> Call.of(() -> layer.reconstruct(out, g, out), out);
            case DECOMPOSE -> Call.of(() -> layer.decompose(v, perChannel, out), perChannel, out);
            case GRADIENTS -> Call.of(() -> layer.gradients(task.weightGradient(), v, g, out, perChannel), out, perChannel);
            case GRADIENTS_IN_PLACE -> Call.of(() -> layer.gradients(out, v, g, out, perChannel), out, perChannel);
        };
    }
}
