#!/usr/bin/env python3
"""Are the viewer's translations whole? Usage: po.py ROOT

Every file of gui/ and resources/ui that marks words is listed in resources/po/POTFILES; no word of a .ui file is left
unmarked; each language of LINGUAS translates every marked word, with the right formats. Exits 77 without gettext.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

MARK = re.compile(r'\b(?:N?_|ngettext)\(\s*"')
SHOWN = re.compile(r'<property name="(?:[\w:-]*-name|label|title|text|tooltip-text)">[^<]*[A-Za-z]{2}[^<]*<')
MADE_UP = re.compile(r'name="(?:icon|action)-name"')
XGETTEXT = ["xgettext", "--from-code=UTF-8", "--add-comments", "--keyword=_", "--keyword=N_"]


def has_marks(text):
    return bool(MARK.search(text)) or 'translatable="yes"' in text


def unlisted(root, listed):
    paths = glob.glob(os.path.join(root, "gui", "*.c")) + glob.glob(os.path.join(root, "resources", "ui", "*.ui"))
    for path in sorted(paths):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        name = os.path.relpath(path, root)
        if has_marks(text) != (name in listed):
            yield f"{name}: " + ("listed without a marked word" if name in listed else "not in POTFILES")
        if name.endswith(".ui"):
            for number, line in enumerate(text.splitlines(), 1):
                if SHOWN.search(line) and not MADE_UP.search(line):
                    yield f"{name}:{number}: a word that is not marked as translatable"


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def complaints(command, root):
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    return done.returncode, done.stderr.strip()


def untranslated(root, po, template):
    code, words = complaints(["msgcmp", "--no-fuzzy-matching", po, template], root)
    if code:
        yield words
    code, words = complaints(["msgfmt", "--check", "--statistics", "-o", os.devnull, po], root)
    if code or "fuzzy" in words or "untranslated" in words:
        yield words


def check(root):
    folder = os.path.join(root, "resources", "po")
    listed = lines_of(os.path.join(folder, "POTFILES"))
    yield from (f"{name}: listed in POTFILES, but not there" for name in listed
                if not os.path.exists(os.path.join(root, name)))
    yield from unlisted(root, set(listed))
    with tempfile.TemporaryDirectory() as scratch:
        template = os.path.join(scratch, "words.pot")
        code, words = complaints(XGETTEXT + ["-o", template] + listed, root)
        if code:
            yield words
            return
        for language in lines_of(os.path.join(folder, "LINGUAS")):
            yield from untranslated(root, os.path.join(folder, language + ".po"), template)


def main():
    if not all(shutil.which(tool) for tool in ("xgettext", "msgcmp", "msgfmt")):
        print("gettext is not installed")
        return 77
    found = list(check(sys.argv[1]))
    print("\n".join(found) or "every word is translated")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
