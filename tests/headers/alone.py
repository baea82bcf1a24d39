#!/usr/bin/env python3
"""Every header compiles by itself, as C and, where C++ or a foreign host may include it, as C++. Speaks TAP.

Usage: alone.py ROOT CC CXX [FLAG...]; the flags find the libraries that our headers include.
"""
import glob
import os
import subprocess
import sys

FOLDERS = ("core/**", "dicom", "plugin/**", "gui")
# Seen by the C files beside them alone, free to be C17 only; seen by C++ files, free to speak it.
C_ONLY = ("core/net/cpu/", "core/net/reference/", "gui/")
CXX_ONLY = ("dicom/",)
BOTH = ("dicom/dicom.h",)
# Headers that promise more: a host of any age may include the C ABI.
STANDARDS = {"plugin/dkm-plugin.h": ("-std=c99", "-std=c++98")}


def compiles(compiler, language, standard, root, header, flags):
    command = [compiler, "-x", language, standard, "-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused-parameter",
               "-Wno-missing-field-initializers", "-Werror", "-D_GNU_SOURCE", "-I", root, *flags, "-"]
    text = f'#include "{header}"\n'
    done = subprocess.run(command, input=text, text=True, capture_output=True)
    return done.returncode == 0, done.stderr


def main():
    root, cc, cxx, flags = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    headers = sorted({os.path.relpath(path, root) for folder in FOLDERS
                      for path in glob.glob(os.path.join(root, folder, "*.h"), recursive=True)})
    jobs = []
    for header in headers:
        c_standard, cxx_standard = STANDARDS.get(header, ("-std=c17", "-std=c++17"))
        if header in BOTH or not header.startswith(CXX_ONLY):
            jobs.append((cc, "c", c_standard, header))
        if header in BOTH or not header.startswith(C_ONLY):
            jobs.append((cxx, "c++", cxx_standard, header))
    print(f"1..{len(jobs)}")
    bad = 0
    for number, (compiler, language, standard, header) in enumerate(jobs, 1):
        good, words = compiles(compiler, language, standard, root, header, flags)
        bad += not good
        print(f"{'ok' if good else 'not ok'} {number} {header} as {language}")
        for line in words.splitlines() if not good else []:
            print("# " + line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
