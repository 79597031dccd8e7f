package io.github.weightnorm.checkpoint;

import java.util.List;

/**
 * What a checkpoint's header says of one tensor.
 *
 * @param name the name, which may hold any character: see {@link Printable} before printing it
 * @param dataType the type of the elements
 * @param shape the dimensions, outermost first; empty for a single number
 * @param begin where the tensor begins, in bytes behind the header
 * @param end where it ends, in bytes behind the header
 */
public record TensorInfo(String name, DataType dataType, List<Long> shape, long begin, long end) {
    /**
     * Copies the shape.
     *
     * @param name the name, which may hold any character: see {@link Printable} before printing it
     * @param dataType the type of the elements
     * @param shape the dimensions, outermost first; empty for a single number
     * @param begin where the tensor begins, in bytes behind the header
     * @param end where it ends, in bytes behind the header
     */
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /**
     * Returns how many elements the tensor has.
     *
     * @return the product of the dimensions
     */
    public long elementCount() {
        long product = 1;
        for (long dimension : shape) {
            product = Math.multiplyExact(product, dimension);
        }
        return product;
    }

    /**
     * Returns the size of the tensor in the file.
     *
     * @return the number of bytes
     */
    public long byteCount() {
        return end - begin;
    }

    /** The same tensor, to be found elsewhere. */
    TensorInfo at(long newBegin) {
        return new TensorInfo(name, dataType, shape, newBegin, newBegin + byteCount());
    }

    /** Type and shape for a message, {@code F32 [512, 80, 7]}. */
    String layoutText() {
        return dataType + " " + Printable.of(shape.toString());
    }
}
