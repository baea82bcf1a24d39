#!/usr/bin/env python3
"""Adds up meson's test logs (testlog.json, one object a line) to one line: N passed, N failed, N skipped.

Usage: tally.py LOG... ; a test that speaks TAP counts by its subtests, any other as one. A program that ends badly
without naming a failure counts as one failure. Exits 1 where anything failed or nothing ran.
"""
import json
import re
import sys

GOOD = {"OK", "EXPECTEDFAIL", "SKIP"}
RESULT = re.compile(r"^(not )?ok\b(.*)$", re.M)
SKIPPED = re.compile(r"#\s*skip", re.I)


def count(test):
    """(passed, failed, skipped) of one test program."""
    passed = failed = skipped = 0
    for bad, rest in RESULT.findall(test.get("stdout", "")):
        if SKIPPED.search(rest):
            skipped += 1
        elif bad:
            failed += 1
        else:
            passed += 1
    if test["result"] not in GOOD:
        return passed, max(failed, 1), skipped
    if passed + skipped == 0:
        return (0, 0, 1) if test["result"] == "SKIP" else (1, 0, 0)
    return passed, failed, skipped


def main():
    total = [0, 0, 0]
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as log:
            for line in log:
                test = json.loads(line)
                counts = count(test)
                total = [a + b for a, b in zip(total, counts)]
                if counts[1]:
                    print(f"failed: {test['name']} ({test['result']})")
    print("{} passed, {} failed, {} skipped".format(*total))
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
