package io.github.weightnorm;

import io.github.weightnorm.checkpoint.SafetensorsFile;
import io.github.weightnorm.checkpoint.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.NoSuchElementException;

/** The files in {@code src/test/resources/fixtures}, which PyTorch wrote: the script beside them says how. */
public final class Fixtures {

    private Fixtures() {}

    /** The path of a fixture. */
    public static Path path(String name) {
        try {
            return Path.of(Fixtures.class.getResource("/fixtures/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    /** A tensor of a file as PyTorch left it: an F64 one in full, which {@link SafetensorsFile#floats} would round. */
    public static double[] doubles(SafetensorsFile file, String name) {
        TensorInfo tensor = tensor(file, name);
        try (FileChannel channel = FileChannel.open(file.path())) {
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(length, 0);
            ByteBuffer bytes = ByteBuffer.allocate((int) tensor.byteCount()).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(bytes, Long.BYTES + length.getLong(0) + tensor.begin());
            double[] values = new double[bytes.flip().remaining() / Double.BYTES];
            bytes.asDoubleBuffer().get(values);
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The shape of a tensor. */
    public static int[] shape(SafetensorsFile file, String name) {
        return tensor(file, name).shape().stream().mapToInt(Math::toIntExact).toArray();
    }

    private static TensorInfo tensor(SafetensorsFile file, String name) {
        return file.tensors().stream().filter(t -> t.name().equals(name)).findFirst()
                .orElseThrow(() -> new NoSuchElementException(name));
    }
}
