#!/usr/bin/env python3
"""Draws canonical-order.svg, beside this script: python3 docs/canonical-order.py"""
from pathlib import Path

CELL, LEFT = 22, 90
ROW = 43  # elements: a block, a group and a rest
out, y = [], 0


def text(x, y, content, kind="", anchor="start"):
    out.append(f'<text x="{x}" y="{y}" class="{kind}" text-anchor="{anchor}">{content}</text>')


def cell(index, y, label, kind):
    x = LEFT + index * CELL
    out.append(f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" class="cell {kind}"/>')
    text(x + CELL / 2, y + 15, label, "number", "middle")


def register(first, lanes, y):
    out.append(f'<rect x="{LEFT + first * CELL + 1.5}" y="{y}" width="{lanes * CELL - 3}" height="16" rx="4" class="register"/>')


def arrow(x0, x1, y0, y1, dashed=""):
    out.append(f'<path d="M{x0} {y0} C{x0} {y0 + 12} {x1} {y0 + 6} {x1} {y1 - 4}" class="arrow {dashed}" marker-end="url(#head)"/>')


def heading(content):
    text(0, y, content, "heading")


def quarter(index):
    return f"q{index // 8}"


y = 22
heading("1. A run of 43 elements: a block of 32, a group of 8, a rest of 3")
y += 14
for j in range(ROW):
    cell(j, y, j, quarter(j) if j < 32 else "q0" if j < 40 else "rest")
text(LEFT - 10, y + 15, "element j", "", "end")
y += CELL + 8
for first, count, label in ((0, 32, "block: squared and added to p[j mod 32]"), (32, 8, "group: to p[j mod 8]"), (40, 3, "rest")):
    x0, x1 = LEFT + first * CELL + 3, LEFT + (first + count) * CELL - 3
    out.append(f'<path d="M{x0} {y} v5 H{x1} v-5" class="brace"/>')
    text((x0 + x1) / 2, y + 20, label, "small", "middle")

y += 58
heading("2. The 32 partial sums, and the registers that hold them")
y += 14
for i in range(32):
    cell(i, y, i, quarter(i))
text(LEFT - 10, y + 15, "p[i]", "", "end")
y += CELL + 7
for bits, lanes in ((512, 8), (256, 4), (128, 2)):
    for first in range(0, 32, lanes):
        register(first, lanes, y)
    text(LEFT - 10, y + 13, f"{bits}-bit", "", "end")
    text(LEFT + 32 * CELL + 12, y + 13, f"{32 // lanes} registers of {lanes}", "small")
    y += 21

y += 30
heading("3. The fold: p[i] += p[i + h]")
text(LEFT + 32 * CELL + 12, y + 12, "● whole registers, or lanes, of", "small")
COLUMNS = ((512, 8, 26), (256, 4, 74), (128, 2, 122))
for bits, _, x in COLUMNS:
    text(LEFT + 32 * CELL + 12 + x, y + 30, f"{bits}-bit", "small", "middle")
y += 14
h = 32
while h:
    for i in range(h):
        cell(i, y, i, quarter(i))
    if h == 32:
        text(LEFT - 10, y + 15, "32 sums", "", "end")
    half = h // 2
    if half:
        for i in range(half):
            arrow(LEFT + (i + half + 0.5) * CELL, LEFT + (i + 0.5) * CELL, y + CELL, y + CELL + 34)
        text(LEFT - 10, y + CELL + 22, f"h = {half}", "small", "end")
        for _, lanes, x in COLUMNS:
            text(LEFT + 32 * CELL + 12 + x, y + CELL + 22, "●" if half >= lanes else "lanes", "small", "middle")
        y += CELL + 34
    h = half
text(LEFT + CELL + 12, y + 15, "+ the rest = Σv²", "")
height = y + CELL + 12

style = """
text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
.heading { font-weight: 600; font-size: 15px }
.small { font-size: 12px; fill: #59636e }
.number { font-size: 11px }
.cell { stroke: #ffffff; stroke-width: 1.5 }
.q0 { fill: #b6d7ff } .q1 { fill: #bfe8c5 } .q2 { fill: #ffdf9e } .q3 { fill: #f3c6e8 } .rest { fill: #d1d9e0 }
.register { fill: none; stroke: #59636e; stroke-width: 1.5 }
.brace, .arrow { fill: none; stroke: #818b98; stroke-width: 1 }
#head path { fill: #818b98 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .small { fill: #9198a1 } .cell { stroke: #0d1117 } .register { stroke: #9198a1 }
.q0 { fill: #1f4b82 } .q1 { fill: #1f5c30 } .q2 { fill: #6b4e0d } .q3 { fill: #6d2f60 } .rest { fill: #3d444d }
}
"""
title = "The canonical order: elements to 32 partial sums, registers of three widths, and the fold"
svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 0 {LEFT + ROW * CELL + 24} {height}" role="img" aria-label="{title}">
<title>{title}</title>
<style>{style}</style>
<defs><marker id="head" viewBox="0 0 6 6" refX="4" refY="3" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0 L6 3 L0 6 z"/></marker></defs>
""" + "\n".join(out) + "\n</svg>\n"
Path(__file__).with_suffix(".svg").write_text(svg, encoding="utf-8")
