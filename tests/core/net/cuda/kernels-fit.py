#!/usr/bin/env python3
"""Every CUDA kernel keeps what it has in registers, 128 at most, on every GPU: no spill, no local memory.
Usage: kernels-fit.py [LOG], what `ptxas -v` said of the kernels; without one there was no nvcc, and nothing to say."""
import re
import sys

REGISTERS = 128
ENTRY = re.compile(r"Compiling entry function '(\w+)' for '(\w+)'")
FRAME = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers")


def read(lines):
    """(kernel, gpu) -> (registers, bytes of stack, bytes spilt)"""
    found, key, frame = {}, None, (0, 0)
    for line in lines:
        if match := ENTRY.search(line):
            key = match.groups()
        elif match := FRAME.search(line):
            stack, stores, loads = map(int, match.groups())
            frame = (stack, stores + loads)
        elif (match := USED.search(line)) and key:
            found[key] = (int(match.group(1)), *frame)
            key = None
    return found


def complaints(found):
    for (kernel, gpu), (registers, stack, spilt) in sorted(found.items()):
        if registers > REGISTERS:
            yield f"{kernel} for {gpu}: {registers} registers, more than {REGISTERS}"
        if stack or spilt:
            yield f"{kernel} for {gpu}: {stack} bytes of local memory, {spilt} bytes spilt"


def main():
    if len(sys.argv) < 2:
        print("no nvcc 13 or newer: nothing was compiled")
        return 77
    with open(sys.argv[1], encoding="utf-8") as log:
        found = read(log)
    if not found:
        print(f"{sys.argv[1]} names no kernel")
        return 1
    bad = list(complaints(found))
    most = max(found.items(), key=lambda item: item[1][0])
    print("\n".join(bad) or f"{len(found)} kernels, one a GPU; {most[0][0]} for {most[0][1]} has most registers, "
          f"{most[1][0]}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
