#!/bin/sh
# Every C and C++ file is as clang-format leaves it. Usage: format.sh ROOT
command -v clang-format >/dev/null || { echo "clang-format is not installed"; exit 77; }
cd "$1" || exit 1
git ls-files -co --exclude-standard '*.c' '*.cc' '*.cu' '*.h' | xargs clang-format --dry-run -Werror --style=file
