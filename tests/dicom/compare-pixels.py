#!/usr/bin/env python3
"""Stored samples of every MR frame below DKM_TEST_DATA: ours and pydicom's are the same, or we refuse with a
reason. Usage: compare-pixels.py PIXEL_DUMP"""
import hashlib
import os
import subprocess
import sys
import warnings

FOLDERS = ("nact-br06", "phases", "enhanced", "odd")


def peer_sums(path, pydicom, np):
    """SHA-256 of every frame as pydicom decodes it, or None where it cannot."""
    dataset = pydicom.dcmread(path)
    try:
        pixels = dataset.pixel_array
    except Exception:
        return None
    if pixels.ndim == 2:
        pixels = pixels[None]
    return [hashlib.sha256(np.ascontiguousarray(p.astype("<i4")).tobytes()).hexdigest() for p in pixels]


def main():
    data = os.environ.get("DKM_TEST_DATA")
    try:
        import numpy as np
        import pydicom
    except ImportError:
        data = None
    if not data:
        print("no real data or no pydicom")
        return 77
    warnings.simplefilter("ignore")
    equal = refused = unknown = wrong = 0
    cache = {}
    for folder in FOLDERS:
        lines = subprocess.run([sys.argv[1], os.path.join(data, folder)], capture_output=True, text=True, check=True)
        for line in lines.stdout.splitlines():
            path, frame, fate, what = line.split("\t")
            if fate == "refused":
                refused += 1
                if frame == "0":
                    print(f"refused {os.path.relpath(path, data)}: {what}")
                continue
            if path not in cache:
                cache = {path: peer_sums(path, pydicom, np)}
            sums = cache[path]
            if sums is None:
                unknown += 1
            elif sums[int(frame)] == what:
                equal += 1
            else:
                wrong += 1
                print(f"DIFFERENT {os.path.relpath(path, data)} frame {frame}")
    print(f"{equal} frames equal, {refused} refused, {unknown} that pydicom cannot decode, {wrong} different")
    return 1 if wrong or not equal else 0


if __name__ == "__main__":
    sys.exit(main())
