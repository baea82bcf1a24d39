#!/bin/sh
# cppcheck with its GTK library over the product's files. Usage: cppcheck.sh ROOT
command -v cppcheck >/dev/null || { echo "cppcheck is not installed"; exit 77; }
cd "$1" || exit 1
git ls-files -co --exclude-standard 'core/*.c' 'plugin/*.c' 'gui/*.c' 'dicom/*.c' |
    cppcheck --file-list=- --quiet -j 2 --std=c11 --library=gtk --enable=warning,performance,portability \
        --inline-suppr --error-exitcode=1 --suppress=missingInclude --suppress=unknownMacro \
        --suppress=normalCheckLevelMaxBranches -I .
