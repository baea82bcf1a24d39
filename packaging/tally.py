#!/usr/bin/env python3
"""Adds up meson's test logs (testlog.json, one object a line) to one line: N passed, N failed, N skipped.

Usage: tally.py STATUS=LOG... ; STATUS is what `meson test` ended with. A test that speaks TAP counts by its subtests,
any other as one. A program that ends badly without naming a failure counts as one failure, and so does a run of meson
that left no log or ended badly while every test in its log is good. Exits 1 where anything failed or nothing passed.
"""
import json
import os
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


def count_log(status, path):
    """(passed, failed, skipped) of one run of meson; says what failed."""
    total = (0, 0, 0)
    lines = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as log:
            lines = log.read().splitlines()
    for test in map(json.loads, lines):
        counts = count(test)
        total = tuple(a + b for a, b in zip(total, counts))
        if counts[1]:
            print(f"failed: {test['name']} ({test['result']})")
    if not lines or (status != "0" and not total[1]):
        print(f"failed: meson test ended with status {status} and {len(lines)} tests in {path}")
        return total[0], total[1] + 1, total[2]
    return total


def main():
    total = [0, 0, 0]
    for run in sys.argv[1:]:
        total = [a + b for a, b in zip(total, count_log(*run.split("=", 1)))]
    print("{} passed, {} failed, {} skipped".format(*total))
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
