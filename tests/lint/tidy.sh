#!/bin/sh
# clang-tidy over the product's files of a build. Usage: tidy.sh ROOT BUILD
command -v clang-tidy >/dev/null || { echo "clang-tidy is not installed"; exit 77; }
cd "$1" || exit 1
# Only what the build compiles, and no test: those are read by people.
files=$(python3 - "$2/compile_commands.json" "$1" <<'PY'
import json, os, sys
root = os.path.realpath(sys.argv[2]) + os.sep
seen = set()
for entry in json.load(open(sys.argv[1])):
    path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
    if path.startswith(root) and not path.startswith(root + "tests/"):
        seen.add(path)
print("\n".join(sorted(seen)))
PY
)
echo "$files" | xargs -P 2 -n 8 clang-tidy -p "$2" --quiet --warnings-as-errors='*' 2>/dev/null
