package io.github.weightnorm;

/** {@link System#arraycopy} of v, whatever the kernel: the limit of anything that reads and writes as much. It computes nothing. */
final class ArrayCopy implements Implementation {

    @Override
    public String name() {
        return "copy";
    }

    @Override
    public String description() {
        return "System.arraycopy of v";
    }

    @Override
    public boolean supports(Kernel kernel, WeightNorm layer) {
        return true;
    }

    @Override
    public Call prepare(Kernel kernel, Task task) {
        float[] v = task.v();
        float[] copy = new float[v.length];
        return Call.of(() -> System.arraycopy(v, 0, copy, 0, v.length));
    }
}
