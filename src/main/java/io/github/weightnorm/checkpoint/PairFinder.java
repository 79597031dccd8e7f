package io.github.weightnorm.checkpoint;

import io.github.weightnorm.WeightNorm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the pairs of a checkpoint by their names, under either of PyTorch's two spellings, and refuses what is ambiguous. */
final class PairFinder {
    private static final String GAIN_SUFFIX = "_g";
    private static final String DIRECTION_SUFFIX = "_v";
    private static final String GAIN_ORIGINAL = "original0";
    private static final String DIRECTION_ORIGINAL = "original1";
    /** {@code conv.parametrizations.weight.original0}: what comes before, the parameter, and its part. */
    private static final Pattern PARAMETRIZED = Pattern.compile("((?:.*\\.)?)parametrizations\\.([^.]+)\\.(.+)", Pattern.DOTALL);

    private final Path file;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, WeightPair> pairsByName = new HashMap<>();

    private PairFinder(Path file, Map<String, TensorInfo> tensors) {
        this.file = file;
        this.tensors = tensors;
    }

    /**
     * Sorts the tensors of a checkpoint into pairs and others.
     *
     * @param file named in messages only
     * @param tensors by name, in the order of their data
     */
    static FoldPlan find(Path file, Map<String, TensorInfo> tensors) throws CheckpointException {
        PairFinder finder = new PairFinder(file, tensors);
        finder.findSuffixed();
        finder.findParametrized();

        Map<String, WeightPair> byDirection = new HashMap<>();
        Set<String> gains = new HashSet<>();
        for (WeightPair pair : finder.pairsByName.values()) {
            byDirection.put(pair.direction().name(), pair);
            gains.add(pair.gain().name());
        }
        List<WeightPair> pairs = new ArrayList<>();
        List<TensorInfo> others = new ArrayList<>();
        for (TensorInfo tensor : tensors.values()) {
            WeightPair pair = byDirection.get(tensor.name());
            if (pair != null) {
                pairs.add(pair);
            } else if (!gains.contains(tensor.name())) {
                others.add(tensor);
            }
        }
        return new FoldPlan(pairs, others);
    }

    /** {@code X_g} with {@code X_v}. One of them alone is something else: spectral normalization has a {@code weight_v} too. */
    private void findSuffixed() throws CheckpointException {
        for (TensorInfo direction : tensors.values()) {
            String name = withoutSuffix(direction.name());
            TensorInfo gain = name == null ? null : tensors.get(name + GAIN_SUFFIX);
            if (gain != null) {
                add(name, gain, direction);
            }
        }
    }

    private static String withoutSuffix(String name) {
        int length = name.length() - DIRECTION_SUFFIX.length();
        return length > 0 && name.endsWith(DIRECTION_SUFFIX) ? name.substring(0, length) : null;
    }

    /**
     * {@code P.parametrizations.W.original0} with {@code original1}. PyTorch numbers the parts only where there are several, and
     * nothing but weight normalization has just these two.
     */
    private void findParametrized() throws CheckpointException {
        Map<String, Map<String, TensorInfo>> partsByName = new LinkedHashMap<>();
        for (TensorInfo tensor : tensors.values()) {
            Matcher matcher = PARAMETRIZED.matcher(tensor.name());
            if (matcher.matches()) {
                partsByName.computeIfAbsent(matcher.group(1) + matcher.group(2), name -> new TreeMap<>())
                        .put(matcher.group(3), tensor);
            }
        }
        for (Map.Entry<String, Map<String, TensorInfo>> entry : partsByName.entrySet()) {
            Map<String, TensorInfo> parts = entry.getValue();
            TensorInfo gain = parts.get(GAIN_ORIGINAL);
            TensorInfo direction = parts.get(DIRECTION_ORIGINAL);
            if (gain == null && direction == null) {
                continue;
            }
            if (gain == null || direction == null) {
                throw new CheckpointException(file, "half a pair: " + names(parts.values()) + " without its "
                        + (gain == null ? GAIN_ORIGINAL : DIRECTION_ORIGINAL));
            }
            if (parts.size() > 2) {
                throw new CheckpointException(file, "more than weight normalization is applied to "
                        + Printable.quoted(entry.getKey()) + ": " + names(parts.values()));
            }
            add(entry.getKey(), gain, direction);
        }
    }

    private void add(String name, TensorInfo gain, TensorInfo direction) throws CheckpointException {
        String both = names(List.of(direction, gain));
        WeightPair other = pairsByName.get(name);
        if (other != null) {
            throw new CheckpointException(file, both + " and " + names(List.of(other.direction(), other.gain()))
                    + " would both become " + Printable.quoted(name));
        }
        if (tensors.containsKey(name)) {
            throw new CheckpointException(file, both + " would become " + Printable.quoted(name) + ", which is there too");
        }
        if (name.equals(Header.METADATA)) {
            throw new CheckpointException(file, both + " would become " + name + ", which is no name for a tensor");
        }
        for (TensorInfo tensor : List.of(direction, gain)) {
            if (!tensor.dataType().isFoldable()) {
                throw new CheckpointException(file, both + " cannot be folded: " + Printable.quoted(tensor.name()) + " is "
                        + tensor.dataType() + ", and only F64, F32, F16 and BF16 can");
            }
        }
        pairsByName.put(name, new WeightPair(name, direction, gain, keptAxis(direction, gain)));
    }

    /**
     * Which axis is kept depends only on which dimensions are 1 and which are equal. Small numbers therefore stand for them, and
     * a tensor of more elements than an array can have is judged like any other.
     */
    private int keptAxis(TensorInfo direction, TensorInfo gain) throws CheckpointException {
        if (direction.elementCount() > 0 && gain.elementCount() > 0) {
            List<Long> distinct = Stream.concat(direction.shape().stream(), gain.shape().stream())
                    .filter(dimension -> dimension != 1).distinct().toList();
            try {
                return WeightNorm.infer(standIns(direction, distinct), standIns(gain, distinct)).keptAxis();
            } catch (IllegalArgumentException e) {
                // The message would speak of the stand-ins.
            }
        }
        throw new CheckpointException(file, Printable.quoted(direction.name()) + " " + direction.layoutText() + " and "
                + Printable.quoted(gain.name()) + " " + gain.layoutText()
                + " do not fit: a gain has one element, or as many as one axis of the direction and 1 everywhere else");
    }

    private static int[] standIns(TensorInfo tensor, List<Long> distinct) {
        return tensor.shape().stream().mapToInt(dimension -> dimension == 1 ? 1 : 2 + distinct.indexOf(dimension)).toArray();
    }

    private static String names(Collection<TensorInfo> tensors) {
        String listed = tensors.stream().limit(4).map(tensor -> Printable.quoted(tensor.name()))
                .collect(Collectors.joining(", "));
        return tensors.size() > 4 ? listed + " and " + (tensors.size() - 4) + " more" : listed;
    }
}
