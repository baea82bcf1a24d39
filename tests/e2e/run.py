#!/usr/bin/env python3
"""Runs the command lines in cases/*.txt as a user would type them, and compares with what the file expects. TAP.

Usage: run.py NAME=PATH... CASE...; the names are programs that cases run, a case may be a folder of them. The words of a case file
stand in README.md beside this file. Two rules hold in every step without being written down: a command that fails
says one line, "dkm: ...", and leaves every file as it was; one that succeeds says nothing on standard error.
"""
import glob
import hashlib
import json
import operator
import os
import re
import resource
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

OPERATORS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
             ">=": operator.ge}
NOBODY = 65534
TIMEOUT = 240
PLAYERS = 2  # cases at once: most of them wait for one core


class Skip(Exception):
    pass


class Wrong(Exception):
    pass


def check(condition, words):
    if not condition:
        raise Wrong(words)


def snapshot(folder):
    """Path and content of everything below a folder."""
    found = {}
    for base, folders, files in os.walk(folder):
        for name in folders:
            found[os.path.join(base, name)] = "folder"
        for name in files:
            path = os.path.join(base, name)
            if not stat.S_ISREG(os.lstat(path).st_mode):
                found[path] = f"mode {os.lstat(path).st_mode:o}"
                continue
            with open(path, "rb") as file:
                found[path] = hashlib.sha256(file.read()).hexdigest()
    return found


class Cache:
    """Folders that several cases copy: each is made once, by the first case that asks."""

    def __init__(self):
        self.folders, self.lock = {}, threading.Lock()

    def get(self, key, make):
        with self.lock:
            if key not in self.folders:
                folder = tempfile.mkdtemp(prefix="dkm-e2e-cache-")
                self.folders[key] = folder
                make(folder)
            return self.folders[key]

    def remove(self):
        for folder in self.folders.values():
            shutil.rmtree(folder, ignore_errors=True)


class Case:
    """One case file, run in a folder of its own."""

    def __init__(self, tools, cache):
        self.tools, self.cache = tools, cache
        self.folder = tempfile.mkdtemp(prefix="dkm-e2e-")
        os.chmod(self.folder, 0o777)
        self.kept = {"ESC": "\x1b", "LF": "\n"}
        self.how = {}
        self.done = self.before = None

    def path(self, name):
        return os.path.join(self.folder, name)

    # -- what lies in the folder

    def do_study(self, name, layout):
        examples = self.cache.get("examples", lambda folder: subprocess.run(
            [self.tools["write-examples"], folder], check=True, stdout=subprocess.DEVNULL))
        source = os.path.join(examples, layout)
        (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, self.path(name))

    def do_phantom(self, name, *options):
        shutil.copytree(os.path.join(self.cache.get(options, self.write_phantom(options)), "study"), self.path(name))

    def write_phantom(self, options):
        def write(folder):
            done = subprocess.run([self.tools["dkm"], "phantom", "-o", os.path.join(folder, "study"), *options],
                                  capture_output=True, text=True, check=False)
            check(done.returncode == 0, f"the phantom was not written: {done.stderr}")
        return write

    def do_model(self, name, *seen):
        subprocess.run([self.tools["write-model"], self.path(name), *seen], check=True)

    def do_cases(self, name, *numbers):
        """Made-up training cases as TIFF stacks: how many, slices of each, pixels of a side."""
        os.mkdir(self.path(name))
        subprocess.run([self.tools["write-cases"], self.path(name), *numbers], check=True)

    def do_module(self, folder, fake):
        """A folder that holds the fake CUDA module of that name, for DKM_MODULE_PATH."""
        os.mkdir(self.path(folder), 0o755)
        shutil.copy(os.path.join(self.tools["fake-modules"], f"fake-{fake}.so"), self.path(folder + "/dkm-cuda.so"))

    def do_real(self, name, data):
        source = os.path.join(os.environ.get("DKM_TEST_DATA", ""), data)
        if not os.environ.get("DKM_TEST_DATA") or not os.path.exists(source):
            raise Skip("real data absent (set DKM_TEST_DATA)")
        os.symlink(source, self.path(name))

    def do_needs(self, command):
        listed = subprocess.run([self.tools["dkm"], "help"], capture_output=True, text=True, check=True).stdout
        if not re.search(rf"^  {command} ", listed, re.M):
            raise Skip(f"this build has no command {command}")

    def do_folder(self, name):
        os.makedirs(self.path(name))
        os.chmod(self.path(name), 0o777)

    def do_write(self, name, *words):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(" ".join(words) + "\n")

    def do_remove(self, name):
        os.unlink(self.path(name))

    def do_copy(self, source, target):
        shutil.copy(self.path(source), self.path(target))

    def do_link(self, target, name):
        os.symlink(target, self.path(name))

    def do_fifo(self, name):
        os.mkfifo(self.path(name))

    def do_truncate(self, name, share):
        size = os.path.getsize(self.path(name))
        os.truncate(self.path(name), int(size * float(share)))

    def do_replace(self, name, old, new):
        """Bytes by others of the same number, in one file or in all files of a folder."""
        old, new = self.fill(old), self.fill(new)
        check(len(old) == len(new), "both texts must have one length")
        whole = self.path(name)
        files = [os.path.join(whole, n) for n in os.listdir(whole)] if os.path.isdir(whole) else [whole]
        for path in files:
            with open(path, "rb") as file:
                content = file.read()
            check(old.encode() in content, f"{path} does not hold {old}")
            with open(path, "wb") as file:
                file.write(content.replace(old.encode(), new.encode()))

    def do_flip(self, name, place):
        """The byte at a share of the file's length becomes another one."""
        with open(self.path(name), "r+b") as file:
            file.seek(int(os.path.getsize(self.path(name)) * float(place)))
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 0xff]))

    def do_readonly(self, name):
        os.chmod(self.path(name), 0o555)

    # -- how the next command runs

    def do_interrupt(self, seconds, name="INT"):
        self.how["interrupt"] = float(seconds)
        self.how["signal"] = getattr(signal, "SIG" + name)

    def do_as_nobody(self):
        if os.getuid() == 0 and not self.nobody_may_run():
            raise Skip("another user may not run the program here")
        self.how["nobody"] = True

    def nobody_may_run(self):
        done = subprocess.run([self.tools["dkm"], "--version"], preexec_fn=self.become_nobody, capture_output=True,
                              check=False) if self.nobody_may_reach() else None
        return done is not None and done.returncode == 0

    def nobody_may_reach(self):
        folder = os.path.dirname(os.path.abspath(self.tools["dkm"]))
        while folder != "/":
            if not os.stat(folder).st_mode & 0o001:
                return False
            folder = os.path.dirname(folder)
        return True

    @staticmethod
    def become_nobody():
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

    def do_full_disk(self, n_bytes):
        """No file may grow beyond: writing ends as on a full disk, for this one command."""
        self.how["limit"] = int(n_bytes)

    def do_stdout_to(self, path):
        self.how["stdout"] = path

    def prepare_child(self):
        if "limit" in self.how:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.how["limit"],) * 2)
        if "nobody" in self.how:
            self.become_nobody()

    def fill(self, text):
        """Kept values in the place of their {names}."""
        for name, value in self.kept.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def run(self, line):
        self.finish()
        words = shlex.split(self.fill(line))
        words = [self.tools.get(word, word) for word in words]
        self.before = snapshot(self.folder)
        stdout = open(self.how["stdout"], "wb") if "stdout" in self.how else subprocess.PIPE
        child = subprocess.Popen(words, cwd=self.folder, stdout=stdout, stderr=subprocess.PIPE,
                                 preexec_fn=self.prepare_child, restore_signals=False)
        if "interrupt" in self.how:
            time.sleep(self.how["interrupt"])
            child.send_signal(self.how["signal"])
        asked = time.monotonic()
        out, err = child.communicate(timeout=TIMEOUT)
        self.done = {"status": child.returncode, "stdout": (out or b"").decode(), "stderr": err.decode(),
                     "seconds": time.monotonic() - asked, "line": line, "expected": 0, "partial": False, "warnings": 0,
                     "after": snapshot(self.folder)}
        self.how = {}

    # -- what is expected of the last command

    def do_status(self, number):
        self.done["expected"] = int(number)

    def do_keeps_results(self):
        """It fails, but what was complete before stays (the segmentation, where the picture fails)."""
        self.done["partial"] = True

    def finish(self):
        """The rules that hold always, once all is known about the last command."""
        done, self.done = self.done, None
        if not done:
            return
        check(done["status"] == done["expected"],
              f"{done['line']}: status {done['status']}, expected {done['expected']}\n{done['stderr']}")
        if done["status"] == 0:
            check(bool(re.fullmatch(r"(dkm: warning: [^\n]+\n)*", done["stderr"])) and
                  done["stderr"].count("\n") == done["warnings"], f"{done['line']}: said {done['stderr']!r}")
            return
        check(re.fullmatch(r"dkm: [^\n]+\n", done["stderr"]), f"{done['line']}: not one line: {done['stderr']!r}")
        after = done["after"]
        if done["partial"]:
            after = {path: value for path, value in after.items() if path in self.before}
        changed = sorted(set(after.items()) ^ set(self.before.items()))
        check(not changed, f"{done['line']}: failed, but changed {changed}")

    def do_says(self, *words):
        pattern = " ".join(words)
        check(re.search(pattern, self.done["stderr"]), f"{self.done['line']}: did not say '{pattern}' but "
              f"{self.done['stderr']!r}")

    def do_warns(self, *words):
        """It succeeds, and says this too: one line."""
        self.done["warnings"] += 1
        self.do_says("dkm: warning: .*" + " ".join(words))

    def do_prints(self, *words):
        pattern = self.fill(" ".join(words))
        check(re.search(pattern, self.done["stdout"], re.M), f"{self.done['line']}: did not print '{pattern}' but\n"
              f"{self.done['stdout']}")

    def value(self, key):
        value = json.loads(self.done["stdout"])
        for part in key.split("."):
            if part == "length":
                value = len(value)
            elif part in ("min", "max"):
                value = (min if part == "min" else max)(value)
            else:
                value = value[int(part)] if isinstance(value, list) else value[part]
        return value

    def do_json(self, key, how, *words):
        got = self.value(key)
        text = self.fill(" ".join(words))
        if how == "~":
            check(re.search(text, str(got)), f"{self.done['line']}: {key} is {got}, not like {text}")
            return
        wanted = type(got)(text) if isinstance(got, (int, float)) and not isinstance(got, bool) else text
        got = got if isinstance(got, (int, float)) and not isinstance(got, bool) else json.dumps(got).strip('"')
        check(OPERATORS[how](got, wanted), f"{self.done['line']}: {key} is {got}, expected {how} {wanted}")

    def do_keep(self, name, key):
        self.kept[name] = self.value(key)

    def do_keep_match(self, name, *words):
        match = re.search(" ".join(words), self.done["stdout"])
        check(match, f"{self.done['line']}: printed {self.done['stdout']!r}")
        self.kept[name] = match.group(1)

    def do_within(self, seconds):
        check(self.done["seconds"] <= float(seconds), f"{self.done['line']}: took {self.done['seconds']:.2f} s")

    def do_has(self, *names):
        for name in names:
            check(os.path.getsize(self.path(name)) > 0, f"{name} is empty")

    def do_lacks(self, *names):
        for name in names:
            check(not os.path.exists(self.path(name)), f"{name} is there")

    def play(self, lines):
        for line in lines:
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("$ "):
                self.run(line[2:])
                continue
            word, *rest = line.split()
            if word in ("replace", "write"):
                rest = shlex.split(line)[1:]
            action = getattr(self, "do_" + word.replace("-", "_"), None)
            check(action, f"'{word}' is no word of a case file")
            action(*rest)
        self.finish()


def as_from_a_terminal():
    """A program takes the signals that its parent ignored as ignored: under nohup it would not end by SIGHUP."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def play(path, tools, cache):
    """One case: its lines of TAP after the number, and whether it failed."""
    name, start = os.path.splitext(os.path.basename(path))[0], time.monotonic()
    case = Case(tools, cache)
    try:
        with open(path, encoding="utf-8") as file:
            case.play(file.read().splitlines())
        return f"{name}\n# {name}: {time.monotonic() - start:.1f} s", False
    except Skip as reason:
        return f"{name} # SKIP {reason}", False
    except Exception as reason:  # whatever it is, it is this case's failure, and the next one still runs
        lines = f"{type(reason).__name__}: {reason}".splitlines()
        return "\n".join([name] + ["# " + line for line in lines]), True
    finally:
        shutil.rmtree(case.folder, ignore_errors=True)


def main():
    as_from_a_terminal()
    tools = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word)
    files = [path for word in sys.argv[1:] if "=" not in word
             for path in (sorted(glob.glob(word + "/*.txt")) if os.path.isdir(word) else [word])]
    cache, bad = Cache(), 0
    print(f"1..{len(files)}", flush=True)
    with ThreadPoolExecutor(PLAYERS) as players:
        for number, (lines, failed) in enumerate(players.map(lambda path: play(path, tools, cache), files), 1):
            print(f"{'not ok' if failed else 'ok'} {number} {lines}", flush=True)
            bad += failed
    cache.remove()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
