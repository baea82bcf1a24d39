#!/bin/sh
# clang-tidy over the product's files of a build. Usage: tidy.sh ROOT BUILD
command -v clang-tidy >/dev/null || { echo "clang-tidy is not installed"; exit 77; }
cd "$1" || exit 1
once=$(mktemp -d) || exit 1
trap 'rm -r "$once"' EXIT
# Only what the build compiles, and no test: those are read by people. A file that is compiled once for each instruction
# set is read once, as for the last of them; the longest files first, so that both workers end together.
files=$(python3 - "$2/compile_commands.json" "$1" "$once" <<'PY'
import json, os, sys
root = os.path.realpath(sys.argv[2]) + os.sep
seen = {}
for entry in json.load(open(sys.argv[1])):
    path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
    if path.startswith(root) and not path.startswith(root + "tests/") and not path.endswith(".S"):
        seen[path] = entry
with open(os.path.join(sys.argv[3], "compile_commands.json"), "w") as file:
    json.dump(list(seen.values()), file)
print("\n".join(sorted(seen, key=lambda path: (-os.path.getsize(path), path))))
PY
) || exit 1
[ -n "$files" ] || { echo "the build names no file of ours"; exit 1; }
# A build by gcc names warnings that clang does not know.
echo "$files" | xargs -P 2 -n 4 clang-tidy -p "$once" --quiet --warnings-as-errors='*' \
    --extra-arg=-Wno-unknown-warning-option 2>/dev/null
