#!/usr/bin/env python3
"""A table of every file of the test data's folders odd and enhanced: the samples that read-files gives are pydicom's
(exactly where the coding is lossless, within 1 where it is lossy), or the file is refused for the reason that
refusals.txt names. A refusal that is not listed there fails, and so does a listed one that no longer happens.

Usage: table-pixels.py READ-FILES REFUSALS.  Needs DKM_TEST_DATA and pydicom; exits 77 without them.
"""
import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings

try:
    import numpy
    import pydicom
except ImportError:
    pydicom = None

FOLDERS = ("odd", "enhanced")
CODINGS = {"": "implicit", ".1": "explicit", ".2": "big endian", ".1.99": "deflated", ".5": "RLE", ".4.50": "JPEG baseline",
           ".4.51": "JPEG extended", ".4.57": "JPEG lossless", ".4.70": "JPEG lossless", ".4.80": "JPEG-LS",
           ".4.81": "JPEG-LS lossy", ".4.90": "JPEG 2000", ".4.91": "JPEG 2000 lossy", ".4.201": "HTJ2K"}
LOSSY = {".4.50", ".4.51", ".4.81", ".4.91", ".4.203"}


def files(root):
    return sorted(os.path.join(d, f) for name in FOLDERS for d, _, fs in os.walk(os.path.join(root, name)) for f in fs)


def read(program, paths, folder):
    """What ours says of each path; its samples under "samples" where it gave any."""
    out = subprocess.run([program, folder], input="\n".join(paths), capture_output=True, text=True, check=True).stdout
    found = {}
    for number, line in enumerate(out.splitlines()):
        answer = json.loads(line)
        if "error" not in answer and answer["fate"] != "refused":
            kind = "<i2" if answer["signed"] else "<u2"
            raw = numpy.fromfile(os.path.join(folder, f"{number}.raw"), kind)
            answer["samples"] = raw.reshape(answer["frames"], answer["rows"], answer["columns"])
        found[answer["path"]] = answer
    return found


def suffix(data):
    return str(getattr(data.file_meta, "TransferSyntaxUID", "?")).replace("1.2.840.10008.1.2", "", 1)


def theirs(data):
    """The stored bits of every frame, sign-extended, as pydicom reads them."""
    bits, shift, signed = data.BitsStored, data.HighBit + 1 - data.BitsStored, data.PixelRepresentation == 1
    array = data.pixel_array.astype("int32").reshape(-1, data.Rows, data.Columns)  # some decoders change the header
    array = (array >> shift) & ((1 << bits) - 1)
    if signed:
        array = (array ^ (1 << (bits - 1))) - (1 << (bits - 1))
    return array


def distance(a, b):
    return int(numpy.abs(a - b.astype("int32")).max()) if a.shape == b.shape else 65536


def twin(path):
    """The same picture in a coding that needs no decoder, in the sets that hold several of it."""
    match = re.search(r"^(.*WG04-MR-CT)/(\w+)/(\w+)_\w+$", path)
    if match:
        return f"{match.group(1)}/REF/{match.group(3)}_UNC"
    for coded in ("compressed_jpegls/", "compressed_jpeg/", "compressed_j2k/"):
        if coded in path:
            return path.replace(coded, "compressed_rle/")
    name = os.path.basename(path)
    if name.startswith("MR_small_"):
        return os.path.join(os.path.dirname(path), "MR_small.dcm")
    return os.path.join(os.path.dirname(path), "1.dcm") if "dcm_qa_ts/In" in path else None


def rescale(data, frames):
    """[(slope, intercept)] of each frame: its own functional groups, the shared ones, or the top level."""
    def of(item):
        slope, intercept = getattr(item, "RescaleSlope", None), getattr(item, "RescaleIntercept", None)
        return (float(slope or 1), float(intercept or 0)) if slope is not None or intercept is not None else None

    def group(items, number):
        item = items[number] if items and number < len(items) else None
        found = getattr(item, "PixelValueTransformationSequence", None)
        return of(found[0]) if found else None

    own, shared = (getattr(data, name, None) for name in ("PerFrameFunctionalGroupsSequence",
                                                          "SharedFunctionalGroupsSequence"))
    return [group(own, i) or group(shared, 0) or of(data) or (1.0, 0.0) for i in range(frames)]


def judge(path, ours):
    """(verdict, remark) of a file that ours read."""
    try:
        data = pydicom.dcmread(path)
        coding = suffix(data)
    except Exception as error:
        return "WRONG", f"read, though pydicom cannot: {error}"
    if ours["fate"] == "image":
        expected = rescale(data, ours["frames"])
        if not numpy.allclose(expected, list(zip(ours["slope"], ours["intercept"])), rtol=1e-12):
            return "WRONG", "another rescale than pydicom's"
    limit = 1 if coding in LOSSY else 0
    other = None if coding in LOSSY else twin(path)
    try:
        worst = distance(theirs(data), ours["samples"])
    except Exception:
        worst = None
    by_twin = (worst is None or worst > limit) and other  # Debian's decoder lacks this coding, or fails on it
    if by_twin:
        worst = distance(theirs(pydicom.dcmread(other)), ours["samples"])
    if worst is None:
        return "unchecked", "no decoder here to compare with"
    if worst > limit:
        return "WRONG", f"up to {worst} from {'its twin' if by_twin else 'pydicom'}"
    return ("equal" if worst == 0 else "within 1"), ("by its twin" if by_twin else "")


def about(path):
    """(coding, bits, frames) as pydicom sees them."""
    try:
        data = pydicom.dcmread(path, stop_before_pixels=True)
    except Exception:
        return "-", "-", "-"
    signed = "s" if getattr(data, "PixelRepresentation", 0) else "u"
    samples = getattr(data, "SamplesPerPixel", "-")
    bits = f"{samples}x{getattr(data, 'BitsStored', '-')}/{getattr(data, 'BitsAllocated', '-')}{signed}"
    coding = suffix(data)
    return CODINGS.get(coding, coding), bits if "Rows" in data else "-", str(getattr(data, "NumberOfFrames", 1))


class Refusals:
    """Lines of PATTERN, a tab, and words that the refusal of every file of that pattern must hold."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as lines:
            rows = [line.rstrip("\n").split("\t") for line in lines if line.strip() and not line.startswith("#")]
        self.rows = [(pattern, words) for pattern, words in rows]
        self.unused = set(pattern for pattern, _ in self.rows)

    def words(self, name):
        for pattern, words in self.rows:
            if fnmatch.fnmatchcase(name, pattern):
                self.unused.discard(pattern)
                return words
        return None


def row(path, name, ours, refusals):
    """(verdict, remark)"""
    words = refusals.words(name)
    if "samples" in ours:
        if words is not None:
            return "WRONG", f"read, though it is to be refused: {words}"
        return judge(path, ours)
    reason = ours.get("error") or ours["reason"]
    if words is None:
        return "WRONG", f"refused: {reason}"
    return ("refused", reason) if words in reason else ("WRONG", f"refused for another reason: {reason}")


def main():
    root = os.environ.get("DKM_TEST_DATA")
    if not root or not pydicom:
        print("skipped: no pydicom or no DKM_TEST_DATA")
        return 77
    warnings.simplefilter("ignore")
    refusals = Refusals(sys.argv[2])
    totals = {}
    with tempfile.TemporaryDirectory() as folder:
        ours = read(sys.argv[1], files(root), folder)
    for path, answer in ours.items():
        name = os.path.relpath(path, root)
        verdict, remark = row(path, name, answer, refusals)
        totals[verdict] = totals.get(verdict, 0) + 1
        fate = answer["reason"] if answer["fate"] == "set aside" and "samples" in answer else ""
        print("\t".join((name, *about(path), verdict, "; ".join(filter(None, (remark, fate))))))
    print(f"{len(ours)} files: " + ", ".join(f"{totals[verdict]} {verdict}" for verdict in sorted(totals)))
    for pattern in sorted(refusals.unused):
        print(f"no file is {pattern}, which refusals.txt lists")
    return 1 if totals.get("WRONG") or refusals.unused or not totals.get("equal") else 0


if __name__ == "__main__":
    sys.exit(main())
