package io.github.weightnorm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What one measured call computes: a layer, or all layers of a model, one after the other.
 *
 * @param name the layer as {@code 256x256x3:0}, the shape with the kept axis behind it, so many of one as {@code 60*128x128x7:0}, or the model's name
 * @param layers the layers
 */
record Workload(String name, List<WeightNorm> layers) {

    /** The workload of that name. */
    static Workload named(String name) {
        for (Model model : Model.values()) {
            if (model.toString().equals(name)) {
                return new Workload(name, model.layers());
            }
        }
        int times = name.indexOf('*');
        int count = times < 0 ? 1 : Integer.parseInt(name.substring(0, times));
        return new Workload(name, Collections.nCopies(count, Task.layer(name.substring(times + 1))));
    }

    /** The number of weights. */
    long size() {
        return layers.stream().mapToLong(WeightNorm::size).sum();
    }

    /** Whether the implementation has the kernel for every layer. */
    boolean supportedBy(Implementation implementation, Kernel kernel) {
        return layers.stream().allMatch(layer -> implementation.supports(kernel, layer));
    }

    /** The kernel by each implementation, run once on every layer and found to be right. Implementations share what they only read. */
    Map<Implementation, Implementation.Call> checked(Kernel kernel, List<Implementation> implementations) {
        Map<Implementation, List<Implementation.Call>> calls = new LinkedHashMap<>();
        for (WeightNorm layer : layers) {
            Task task = Task.of(layer, kernel);
            double[][] truth = task.truth(kernel);
            for (Implementation implementation : implementations) {
                if (!implementation.supports(kernel, layer)) {
                    throw new IllegalArgumentException(implementation.name() + " has no " + kernel + " for " + layer);
                }
                Implementation.Call call = implementation.prepare(kernel, task);
                call.run();
                task.check(implementation, kernel, call, truth);
                calls.computeIfAbsent(implementation, i -> new ArrayList<>()).add(call);
            }
        }
        Map<Implementation, Implementation.Call> all = new LinkedHashMap<>();
        calls.forEach((implementation, each) -> all.put(implementation, each.size() == 1 ? each.get(0) : oneAfterTheOther(each)));
        return all;
    }

    private static Implementation.Call oneAfterTheOther(List<Implementation.Call> calls) {
        Implementation.Call[] all = calls.toArray(Implementation.Call[]::new);
        return new Implementation.Call() {
            @Override
            public void run() {
                for (Implementation.Call call : all) {
                    call.run();
                }
            }

            @Override
            public float[][] results() {
                return calls.stream().flatMap(call -> Stream.of(call.results())).toArray(float[][]::new);
            }

            @Override
            public void close() {
                calls.forEach(Implementation.Call::close);
            }
        };
    }
}
