#!/usr/bin/env python3
"""The tally can fail: each way in which a run of tests goes wrong is counted, and the last line is the sum alone."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

TALLY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packaging/tally.py")


def test(result, stdout="", name="one"):
    return json.dumps({"name": name, "result": result, "stdout": stdout}) + "\n"


class Tally(unittest.TestCase):
    def tally(self, *runs):
        """(last line, exit status) for runs of (meson's status, log or None)."""
        with tempfile.TemporaryDirectory() as folder:
            words = []
            for number, (status, text) in enumerate(runs):
                path = os.path.join(folder, f"{number}.json")
                words.append(f"{status}={path}")
                if text is not None:
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(text)
            done = subprocess.run([sys.executable, TALLY, *words], capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        last = done.stdout.splitlines()[-1]
        self.assertTrue(re.fullmatch(r"\d+ passed, \d+ failed, \d+ skipped", last), last)
        return last, done.returncode

    def test_good(self):
        tap = "TAP version 13\n1..3\nok 1 /a\nok 2 /b # SKIP no data\n    ok 1 inner\nok 3 /c\n"
        good = test("OK", tap) + test("OK", "words") + test("SKIP", "1..0 # SKIP nothing") + test("SKIP", "no tool")
        self.assertEqual(self.tally((0, good)), ("3 passed, 0 failed, 3 skipped", 0))

    def test_adds_runs(self):
        self.assertEqual(self.tally((0, test("OK")), (0, test("OK"))), ("2 passed, 0 failed, 0 skipped", 0))

    def test_failures(self):
        for result, stdout, line in (("FAIL", "1..2\nok 1 /a\nnot ok 2 /b\n", "1 passed, 1 failed, 0 skipped"),
                                     ("FAIL", "", "0 passed, 1 failed, 0 skipped"),
                                     ("ERROR", "1..2\nok 1 /a\n", "1 passed, 1 failed, 0 skipped"),
                                     ("TIMEOUT", "ok 1 /a\n", "1 passed, 1 failed, 0 skipped"),
                                     ("INTERRUPT", "", "0 passed, 1 failed, 0 skipped")):
            self.assertEqual(self.tally((1, test(result, stdout))), (line, 1))

    def test_a_run_that_broke_off(self):
        self.assertEqual(self.tally((0, test("OK")), (1, None)), ("1 passed, 1 failed, 0 skipped", 1))
        self.assertEqual(self.tally((2, test("OK"))), ("1 passed, 1 failed, 0 skipped", 1))
        self.assertEqual(self.tally((0, "")), ("0 passed, 1 failed, 0 skipped", 1))

    def test_nothing_passed(self):
        self.assertEqual(self.tally((0, test("SKIP"))), ("0 passed, 0 failed, 1 skipped", 1))


if __name__ == "__main__":
    unittest.main()
