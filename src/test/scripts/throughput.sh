#!/usr/bin/env bash
# Folds a large checkpoint and copies it with cp, in turns, and tells the medians and minima in seconds, and the throughput as a share of
# that of cp. Both with the data forced to the disk, as fold always does; cp also without.
# Usage: throughput.sh JAR IN.safetensors ROUNDS     (OUT goes beside IN)
set -euo pipefail
jar=$1 in=$2 rounds=$3
out="$in.throughput"
times=$(mktemp -d)
trap 'rm -rf "$out" "$times"' EXIT
now() { date +%s.%N; }
take() { # name, command
    rm -f "$out"
    sync
    local name=$1 begun
    shift
    begun=$(now)
    "$@" > "$times/output" 2> /dev/null
    awk -v a="$begun" -v b="$(now)" 'BEGIN { printf "%.2f\n", b - a }' >> "$times/$name"
}
copy_and_force() { cp "$in" "$out" && sync "$out"; }

cat "$in" > /dev/null
for _ in $(seq "$rounds"); do
    take cp cp "$in" "$out"
    take cp+fsync copy_and_force
    take fold java --add-modules jdk.incubator.vector -jar "$jar" fold "$in" "$out"
    grep -o 'in [0-9.]* m\?s' "$times/output" | awk '{ print $3 == "ms" ? $2 / 1000 : $2 }' >> "$times/fold,by-its-own-clock"
    take fold,one-thread java --add-modules jdk.incubator.vector -jar "$jar" fold --one-thread "$in" "$out"
done
printf '%-24s %8s %8s   %s\n' "$(du -m "$in" | cut -f1) MiB, $rounds rounds" median minimum "throughput of cp+fsync = 1, by either"
for name in cp cp+fsync fold fold,by-its-own-clock fold,one-thread; do
    awk -v name="$name" '
        FNR == 1 { file++ }
        { t[file, FNR] = $1; n = FNR }
        END {
            m = int((n + 1) / 2)
            printf "%-24s %8.2f %8.2f %8.2f %8.2f\n", name, t[2, m], t[2, 1], t[1, m] / t[2, m], t[1, 1] / t[2, 1]
        }' <(sort -n "$times/cp+fsync") <(sort -n "$times/$name")
done
