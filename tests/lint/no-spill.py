#!/usr/bin/env python3
"""The convolution micro-kernels keep their accumulators in registers: in the innermost loop of each
no vector register goes to or comes from the stack. Usage: no-spill.py BUILD"""
import glob
import os
import re
import shutil
import subprocess
import sys

KERNEL = re.compile(r"^[0-9a-f]+ <((?:tile|grad)_\d+x\d+_\w+)>:")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*)")
MULTIPLY_ADD = re.compile(r"vfmadd|vdpbf16|vpdpbusd")
# clang uses rbp as any other register: with an index it is an array, without one the frame.
SPILL = re.compile(r"%[xyz]mm\d+.*\(%(?:rsp|rbp\))|\(%(?:rsp|rbp\)).*%[xyz]mm\d+")


def kernels(listing):
    """name -> [(address, mnemonic, operands)]"""
    found, name = {}, None
    for line in listing.splitlines():
        if line.endswith(">:"):
            match = KERNEL.match(line)
            name = match and match.group(1)
        elif name and (match := INSTRUCTION.match(line)):
            found.setdefault(name, []).append((int(match.group(1), 16), match.group(2), match.group(3)))
    return found


def innermost_loop(code):
    """The shortest run from a backward jump's target to the jump that multiplies and adds."""
    loops = []
    for place, (address, mnemonic, operands) in enumerate(code):
        target = re.match(r"([0-9a-f]+)", operands)
        if mnemonic.startswith("j") and target and int(target.group(1), 16) <= address:
            body = [c for c in code[:place + 1] if c[0] >= int(target.group(1), 16)]
            if any(MULTIPLY_ADD.match(c[1]) for c in body):
                loops.append(body)
    return min(loops, key=len, default=[])


def main():
    if not shutil.which("objdump"):
        return 77
    objects = [o for o in glob.glob(os.path.join(sys.argv[1], "core/net/cpu/**/*conv-*rows.c.o"), recursive=True)
               if "avx512" in o or "vnni" in o]
    complaints, seen = [], 0
    for path in objects:
        listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], capture_output=True, text=True,
                                 check=True).stdout
        for name, code in kernels(listing).items():
            loop = innermost_loop(code)
            seen += 1
            if not loop:
                complaints.append(f"{os.path.basename(os.path.dirname(path))} {name}: no loop of multiply-adds")
            complaints += [f"{name}: {m} {o}" for _, m, o in loop if SPILL.search(o)]
    print("\n".join(complaints) or f"{seen} kernels keep their accumulators in registers")
    return 1 if complaints else 0 if seen else 77


if __name__ == "__main__":
    sys.exit(main())
