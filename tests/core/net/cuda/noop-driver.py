#!/usr/bin/env python3
"""Writes a driver that does nothing, in C: the functions of the toolkit's stub, each returning success, but a few
that say there is no device. With it cuDNN compiles its run-time engines for devices that are only described.
Test-only: what cuDNN asks its driver is its own affair. Usage: noop-driver.py NM STUB OUTPUT"""
import subprocess
import sys

SAY = {"cuInit": 100, "cuGetExportTable": 500}  # no device; not found
DUMMY = {"cuLibraryLoadData", "cuLibraryGetKernel", "cuLibraryGetModule", "cuModuleLoadData", "cuModuleLoadDataEx",
         "cuModuleGetFunction", "cuKernelGetFunction"}  # their first argument receives a handle


def main():
    nm, stub, output = sys.argv[1:]
    text = subprocess.run([nm, "-D", "--defined-only", stub], capture_output=True, text=True, check=True).stdout
    names = sorted({line.split()[-1].split("@")[0] for line in text.splitlines() if " T cu" in line})
    with open(output, "w", encoding="utf-8") as file:
        file.write("static int thing;\n")
        for name in names:
            if name in DUMMY:
                file.write(f"int {name}(void **to) {{ *to = &thing; return 0; }}\n")
            elif name == "cuDeviceGetCount":
                file.write(f"int {name}(int *count) {{ *count = 0; return 0; }}\n")
            elif name == "cuDriverGetVersion":
                file.write(f"int {name}(int *version) {{ *version = 13000; return 0; }}\n")
            else:
                file.write(f"int {name}(void) {{ return {SAY.get(name, 0)}; }}\n")


if __name__ == "__main__":
    main()
