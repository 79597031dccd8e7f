#!/usr/bin/env bash
# Folds onto a disk that is full and onto one that is read-only: IN stays as it is, no OUT, no temporary file, one line, exit code 1.
# Needs root for the two small file systems in memory; without it, says so and does nothing.
# Usage: full-disk.sh JAR IN.safetensors     (IN of at least 2 MiB)
set -euo pipefail
jar=$1 in=$2
if [ "$(id -u)" != 0 ]; then
    echo "skipped: only root may mount" >&2
    exit 0
fi
disk=$(mktemp -d)
trap 'umount "$disk" 2>/dev/null || true; rm -rf "$disk" "$disk.err"' EXIT
before=$(cksum < "$in")

expect() {
    local wanted=$1 code=0
    java -jar "$jar" fold "$in" "$disk/out.safetensors" > /dev/null 2> "$disk.err" || code=$?
    cat "$disk.err"
    [ "$code" = 1 ] || { echo "exit code $code" >&2; exit 1; }
    [ "$(cat "$disk.err")" = "weightnorm: $disk/out.safetensors: $wanted" ] || { echo "expected: $wanted" >&2; exit 1; }
    [ -z "$(ls -A "$disk")" ] || { echo "left: $(ls -A "$disk")" >&2; exit 1; }
    [ "$(cksum < "$in")" = "$before" ] || { echo "IN has changed" >&2; exit 1; }
}

mount -t tmpfs -o size=1m tmpfs "$disk"
expect "No space left on device"
mount -o remount,ro "$disk"
expect "Read-only file system"
echo "both refused as they should be"
