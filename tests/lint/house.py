#!/usr/bin/env python3
"""The house rules that a machine can check. Usage: house.py layers|sizes|banned|readmes|privacy ROOT

Prints one line a violation, "file:line: what", and exits 1 where there is any.
"""
import os
import re
import subprocess
import sys

FILE_LINES, FUNCTION_LINES, PARAMETERS, README_LINES = 600, 80, 6, 40
SOURCES = (".c", ".cc", ".cu", ".h")

# Who may include whom: the first rule whose folder matches decides. None: anything.
OURS = {
    "core/": {"core"},
    "dicom/": {"core", "dicom"},
    "plugin/": {"core", "dicom", "plugin"},
    "gui/": {"core", "dicom", "gui"},
    "tests/": {"core", "dicom", "plugin", "gui", "tests"},
}
# Headers of other libraries, and the only folders that may include them.
FOREIGN = {
    r"dcmtk/": ("dicom/",),
    r"(gtk|gdk)/": ("gui/", "tests/gui/"),
    r"(cuda|cudnn|cublas)": ("core/net/cuda/",),
    r"(dnnl|oneapi)": (),
}
# What must not be called, and what to call instead.
BANNED = {
    "atof": "g_ascii_strtod", "strtod": "g_ascii_strtod", "strtof": "g_ascii_strtod",
    "sprintf": "g_snprintf or g_strdup_printf", "vsprintf": "g_strdup_vprintf", "gets": "fgets",
    "strcpy": "g_strlcpy or g_strdup", "strcat": "g_strconcat", "strtok": "g_strsplit",
    "strerror": "g_strerror", "localtime": "g_date_time_new_now_local", "gmtime": "g_date_time_new_now_utc",
    "rand": "dkm_philox", "srand": "dkm_philox", "random": "dkm_philox", "drand48": "dkm_philox",
    "system": "g_spawn_sync", "popen": "g_spawn_async_with_pipes", "tmpnam": "g_mkstemp", "mktemp": "g_mkstemp",
    "alloca": "g_new", "g_alloca": "g_new", "abort": "a GError", "exit": "return a status", "assert": "a GError",
    "g_assert": "a GError", "g_error": "a GError", "DicomImage": "our own pixel decoding",
}
ALLOWED_IN_TESTS = {"g_assert", "exit", "abort", "system", "assert"}


def tracked(root):
    out = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if out.returncode == 0:
        names = out.stdout.splitlines()
    else:  # a source archive
        names = [os.path.relpath(os.path.join(d, f), root) for d, _, fs in os.walk(root) for f in fs]
    return sorted(n for n in names if not n.startswith("build") and os.path.isfile(os.path.join(root, n)))


def read(root, name):
    with open(os.path.join(root, name), encoding="utf-8") as file:
        return file.read()


def without_comments(text):
    """Comments and strings blanked, line numbers kept."""
    def blank(match):
        token = match.group(0)
        if token.startswith(('"', "'")):
            return token[0] + " " * (len(token) - 2) + token[0]
        return re.sub(r"[^\n]", " ", token)
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def layers(root, names):
    for name in names:
        if not name.endswith(SOURCES):
            continue
        folder = next((f for f in OURS if name.startswith(f)), None)
        for number, line in enumerate(read(root, name).splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
            if not match:
                continue
            target = match.group(2)
            home = target.split("/")[0]
            if folder and home + "/" in OURS and home not in OURS[folder]:
                yield f"{name}:{number}: {folder} must not include {target}"
            for pattern, allowed in FOREIGN.items():
                if re.match(pattern, target) and not name.startswith(allowed or ("\0",)):
                    yield f"{name}:{number}: {target} belongs to {' '.join(allowed) or 'no folder'}"


def functions(text):
    """(line, name, lines, parameters) of every function: braces in column 0, as clang-format leaves them."""
    lines = without_comments(text).split("\n")
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line.startswith("}") and start is not None:
            head = number_head = start - 1
            while head > 0 and lines[head - 1].strip() and not lines[head - 1].rstrip().endswith((";", "}", ":")) \
                    and not lines[head - 1].startswith("#"):
                head -= 1
            signature = " ".join(lines[head:number_head + 1])
            match = re.search(r"(\w+)\s*\((.*)\)", signature)
            if match:
                inner = re.sub(r"\([^()]*\)|<[^<>]*>", "", match.group(2)).strip()
                count = 0 if inner in ("", "void") else inner.count(",") + 1
                yield start + 1, match.group(1), number - start + 1, count
            start = None


def sizes(root, names):
    for name in names:
        if not name.endswith(SOURCES):
            continue
        text = read(root, name)
        if text.count("\n") > FILE_LINES:
            yield f"{name}:1: {text.count(chr(10))} lines, more than {FILE_LINES}"
        for line, function, length, parameters in functions(text):
            if length > FUNCTION_LINES:
                yield f"{name}:{line}: {function} has {length} lines, more than {FUNCTION_LINES}"
            if parameters > PARAMETERS:
                yield f"{name}:{line}: {function} has {parameters} parameters, more than {PARAMETERS}: use a struct"


def banned(root, names):
    call = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    for name in names:
        if not name.endswith(SOURCES):
            continue
        for number, line in enumerate(without_comments(read(root, name)).splitlines(), 1):
            for match in call.finditer(line):
                word = match.group(1)
                if not (name.startswith("tests/") and word in ALLOWED_IN_TESTS):
                    yield f"{name}:{number}: {word}() is banned: use {BANNED[word]}"


def readmes(root, names):
    folders = {"/".join(n.split("/")[:-1]) for n in names if n.endswith((".c", ".cc", ".cu"))
               and not n.startswith("tests/")}
    for folder in sorted(folders):
        path = os.path.join(root, folder, "README.md")
        if not os.path.exists(path):
            yield f"{folder}:1: no README.md"
        elif read(root, folder + "/README.md").count("\n") > README_LINES:
            yield f"{folder}/README.md:1: more than {README_LINES} lines"
    allowed = set("meson.build meson_options.txt plugin core gui dicom resources tests packaging CHANGELOG.md "
                  "README.md LICENSE .ci .clang-format .clang-tidy .gitignore".split())
    for entry in sorted({n.split("/")[0] for n in names} - allowed):
        yield f"{entry}:1: not a part of the top level"


def privacy(root, names):
    """No patient's name, id or path in a log call; no path of a developer's machine anywhere."""
    log = re.compile(r"\b(g_message|g_warning|g_info|g_debug|g_critical|g_log\w*|g_print|g_printerr)\s*\(([^;]*)")
    machine = re.compile(r"/(work|home|root|Users)/\w")
    for name in names:
        if name.endswith((".png", ".jpg", ".safetensors", ".ico", ".gz")) or name == "tests/lint/house.py" or \
                name.startswith("tests/fuzz/corpus/"):
            continue
        text = read(root, name)
        for number, line in enumerate(text.splitlines(), 1):
            if machine.search(line):
                yield f"{name}:{number}: a path of somebody's machine"
        if name.endswith(SOURCES) and name.startswith(("core/", "dicom/")):
            for match in log.finditer(without_comments(text)):
                yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: a library must not log ({match.group(1)})"


def main():
    check, root = sys.argv[1], sys.argv[2]
    found = list(globals()[check](root, tracked(root)))
    print("\n".join(found) or f"{check}: nothing to complain about")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
