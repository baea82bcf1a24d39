#!/bin/sh
# One fat binary of all kernels, and what ptxas says of each. Usage: compile.sh FATBIN LOG COMMAND...
fatbin=$1 log=$2
shift 2
"$@" -o "$fatbin" >"$log" 2>&1 && exit
cat "$log" >&2
rm -f "$fatbin"
exit 1
