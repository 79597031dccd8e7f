#!/usr/bin/env python3
"""Holds this project against the reference implementation of the format. Needs: pip install safetensors numpy

  reference_reader.py rules                  the reference's column of src/test/resources/format/rules.tsv
  reference_reader.py folded IN OUT          OUT, folded from IN: the reference reads it, every other tensor and the metadata are those
                                             of IN, and every weight is g*v/|v| as numpy computes it in double
"""
import pathlib
import struct
import sys
import urllib.parse

import numpy as np
import safetensors

RULES = pathlib.Path(__file__).parent.parent / "resources" / "format" / "rules.tsv"
# Rounding to the result's type, half a unit, and a little for the arithmetic.
TOLERANCE = {"F64": 2.0**-22, "F32": 2.0**-22, "F16": 1.01 * 2.0**-11, "BF16": 1.01 * 2.0**-8}
SMALLEST = {"F64": 2.0**-149, "F32": 2.0**-149, "F16": 2.0**-24, "BF16": 2.0**-133}


def rules():
    wrong = checked = 0
    for line in RULES.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        group, name, expected, _, claimed, data, escaped = line.split("\t")
        header = urllib.parse.unquote_to_bytes(escaped)
        length = b"" if claimed == "none" else struct.pack("<Q", len(header) if claimed == "=" else int(claimed))
        try:
            safetensors.deserialize(length + header + bytes(int(data)))
            found = "accepts"
        except safetensors.SafetensorError:
            found = "refuses"
        checked += 1
        if found != expected:
            wrong += 1
            print(f"{group}: {name}: the reference {found}, the table has {expected}")
    print(f"{checked} rules, {wrong} wrong, safetensors {safetensors.__version__}")
    return wrong


def numbers(tensor):
    data = bytes(tensor["data"])
    if tensor["dtype"] == "BF16":
        values = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    else:
        values = np.frombuffer(data, {"F64": "<f8", "F32": "<f4", "F16": "<f2"}[tensor["dtype"]]).astype(np.float32)
    return values.astype(np.float64).reshape(tensor["shape"])


def pair(name, tensors):
    """The plain weight's name, if this is a gain whose direction is there too."""
    if name.endswith("_g") and name[:-1] + "v" in tensors:
        return name[:-2], name[:-1] + "v"
    before, found, after = name.rpartition("parametrizations.")
    if found and after.endswith(".original0"):
        return before + after[: -len(".original0")], name[:-1] + "1"
    return None


def metadata(path):
    with safetensors.safe_open(path, framework="numpy") as file:
        return file.metadata()


def folded(before_path, after_path):
    before = dict(safetensors.deserialize(pathlib.Path(before_path).read_bytes()))
    after = dict(safetensors.deserialize(pathlib.Path(after_path).read_bytes()))
    assert metadata(before_path) == metadata(after_path), "metadata"
    pairs = {gain: pair(gain, before) for gain in before if pair(gain, before)}
    parts = set(pairs) | {direction for _, direction in pairs.values()}
    others = set(before) - parts
    assert set(after) == others | {name for name, _ in pairs.values()}, "names"
    for name in others:
        assert after[name] == before[name], name
    worst = 0.0
    for gain, (name, direction) in pairs.items():
        v, g, w = numbers(before[direction]), numbers(before[gain]), numbers(after[name])
        assert w.shape == v.shape, name
        if g.size == 1:
            axes = tuple(range(v.ndim))
        elif g.ndim == 1:
            axes = tuple(range(1, v.ndim))
            g = g.reshape([-1] + [1] * (v.ndim - 1))
        else:
            axes = tuple(axis for axis in range(v.ndim) if g.shape[axis] == 1)
        norm = np.sqrt(np.sum(v * v, axis=axes, keepdims=True))
        expected = np.where(norm == 0, 0, v * np.divide(g, norm, out=np.zeros_like(norm), where=norm != 0))
        kind = after[name]["dtype"]
        error = np.abs(w - expected) / (TOLERANCE[kind] * np.abs(expected) + SMALLEST[kind])
        worst = max(worst, float(error.max()))
    assert worst <= 1, f"a weight is off by {worst} tolerances"
    print(f"{len(others)} tensors equal byte for byte, {len(pairs)} weights within {worst:.3f} of the tolerance, "
          f"safetensors {safetensors.__version__}")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["rules"]:
        sys.exit(min(rules(), 1))
    if len(sys.argv) == 4 and sys.argv[1] == "folded":
        sys.exit(folded(*sys.argv[2:]))
    sys.exit(__doc__)
