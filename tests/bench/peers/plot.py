#!/usr/bin/env python3
"""Bars of milliseconds by engine, one panel a work, one column a preset. Usage: plot.py BENCH.json OUT.svg

BENCH.json comes from `dkm bench --peers --json` or run.py. Needs no library.
"""
import html
import json
import sys

COLUMN, NAMES, BAR, TITLE, GAP, MARGIN = 600, 190, 16, 26, 18, 16
COLOURS = {("dkm", "f32"): "#c2410c", ("dkm", "bf16"): "#f59e0b", ("torch", "f32"): "#1d4ed8",
           ("torch", "bf16"): "#93c5fd", ("onnxruntime", "f32"): "#047857", ("onnxruntime", "int8"): "#6ee7b7"}
TITLES = {"dm-taps": "diffusion module, to the taps", "dm": "diffusion module, whole", "sm": "segmentation module",
          "slice": "a slice: taps, then segmentation", "train-dm": "training step, diffusion module",
          "train-sm": "training step, segmentation module"}


def text(x, y, words, **style):
    attributes = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in style.items())
    return f'<text x="{x}" y="{y}"{attributes}>{html.escape(words)}</text>'


def time_words(ms):
    return f"{ms / 1e3:.2f} s" if ms >= 1e4 else f"{ms:.0f} ms" if ms >= 100 else f"{ms:.1f} ms"


def bar(x, y, row, longest):
    """One row: name, bar, time and how it stands beside the best peer."""
    width = max(1, (COLUMN - NAMES - 230) * row["ms_median"] / longest)
    colour = COLOURS.get((row["engine"].split("-")[0], row["dtype"]), "#6b7280")
    own = row["engine"] == "dkm"
    words, ratio = time_words(row["ms_median"]), row.get("ratio_to_best_peer")
    if own and ratio:
        words += f"   {ratio:.2f}x the best {row['dtype']} peer's speed"
    if not ratio and row.get("difference") is not None and not own:
        words += "   another result: not compared"
    name = f"dkm {row['dtype']}" if own else row["engine"]
    return [text(x + NAMES - 8, y + 12, name, text_anchor="end", font_weight="bold" if own else "normal"),
            f'<rect x="{x + NAMES}" y="{y + 2}" width="{width:.1f}" height="{BAR - 4}" fill="{colour}"/>',
            text(x + NAMES + width + 6, y + 12, words, font_weight="bold" if own else "normal")]


def panel(x, y, rows):
    """A work of a preset; the parts and the y below it."""
    rows = sorted(rows, key=lambda row: (row["dtype"] != "f32", row["ms_median"]))
    longest = max(row["ms_median"] for row in rows)
    parts = [text(x, y + 14, TITLES.get(rows[0]["work"], rows[0]["work"]), font_size=14, font_weight="bold")]
    y += TITLE
    for row in rows:
        parts += bar(x, y, row, longest)
        y += BAR
    return parts, y + GAP


def draw(bench):
    rows = [row for row in bench["rows"] if row["ms_median"]]
    machine, parts, bottom = bench.get("machine", {}), [], 0
    presets, works = (list(dict.fromkeys(row[key] for row in rows)) for key in ("preset", "work"))
    head = f'{machine.get("device", "")}; medians of one interleaved run, shorter is better'
    for column, preset in enumerate(presets):
        x, y = MARGIN + column * COLUMN, 2 * MARGIN + 44
        parts.append(text(x, MARGIN + 42, f"preset {preset}", font_size=17, font_weight="bold"))
        for work in works:
            here = [row for row in rows if (row["preset"], row["work"]) == (preset, work)]
            if here:
                drawn, y = panel(x, y, here)
                parts += drawn
        bottom = max(bottom, y)
    width = 2 * MARGIN + max(1, len(presets)) * COLUMN
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{bottom}" '
                      'font-family="sans-serif" font-size="12" fill="#111827">',
                      f'<rect width="{width}" height="{bottom}" fill="#ffffff"/>',
                      text(MARGIN, MARGIN + 12, head, font_size=13), *parts, "</svg>\n"])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        bench = json.load(file)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(draw(bench))


if __name__ == "__main__":
    main()
