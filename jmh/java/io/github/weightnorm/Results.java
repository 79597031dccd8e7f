package io.github.weightnorm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a comparison measured, as it lies in a file for the charts.
 *
 * @param environment the processor and the JVM
 * @param date the day
 * @param command what repeats it
 * @param lines a line for each kernel, workload and back end
 */
record Results(String environment, String date, String command, List<Line> lines) {

    static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /**
     * What was measured together, in one JVM after another.
     *
     * @param kernel the kernel
     * @param workload the workload's name
     * @param weights its number of weights
     * @param measurements this library first
     */
    record Line(Kernel kernel, String workload, long weights, List<Measurement> measurements) {

        Measurement ours() {
            return measurements.get(0);
        }

        Optional<Measurement> of(String implementation) {
            return measurements.stream().filter(measurement -> measurement.implementation().equals(implementation)).findFirst();
        }
    }

    /**
     * One implementation.
     *
     * @param implementation its name
     * @param description what just it was
     * @param nanoseconds what a call took
     * @param ratio round by round, its time over this library's; for the copy, this library's over its
     */
    record Measurement(String implementation, String description, Summary nanoseconds, Summary ratio) {}

    static void write(Path file, Object results) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        JSON.writeValue(file.toFile(), results);
    }

    static Results read(Path file) throws IOException {
        return JSON.readValue(file.toFile(), Results.class);
    }
}
