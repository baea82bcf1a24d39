#!/usr/bin/env python3
"""Every frame that dump-pixels reads equals what pydicom reads, or the uncompressed twin of the file.

Usage: compare-pixels.py DUMP-PIXELS.  Needs DKM_TEST_DATA and pydicom; exits 77 without them.
"""
import hashlib
import os
import re
import subprocess
import sys
import warnings

try:
    import pydicom
except ImportError:
    pydicom = None

FOLDERS = ("odd", "enhanced", "phases", "objects", "nact-br06")
READ = {  # what must be read wherever it is one sample of 8 or 16 bits
    "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.81"}
CODED = {"1.2.840.10008.1.2.5": "RLE", "1.2.840.10008.1.2.4.70": "lossless JPEG", "1.2.840.10008.1.2.4.80": "JPEG-LS"}


def files(root):
    return sorted(os.path.join(d, f) for name in FOLDERS for d, _, fs in os.walk(os.path.join(root, name)) for f in fs)


def dump(program, paths):
    """{path: list of hashes, or the text of a refusal}"""
    out = subprocess.run([program], input="\n".join(paths), capture_output=True, text=True, check=True).stdout
    found = {}
    for line in out.splitlines():
        path, frame, text = line.split("\t")
        if frame == "refused":
            found[path] = text
        else:
            found.setdefault(path, []).append(text)
    return found


def hashes(data):
    """One hash a frame of what pydicom reads: the stored bits alone, sign-extended."""
    array = data.pixel_array.astype("int32").reshape(-1, data.Rows, data.Columns)
    bits = data.BitsStored
    array = (array >> (data.HighBit + 1 - bits)) & ((1 << bits) - 1)
    if data.PixelRepresentation == 1:
        array = (array ^ (1 << (bits - 1))) - (1 << (bits - 1))
    return [hashlib.sha256(frame.astype("<u2").tobytes()).hexdigest() for frame in array]


def twin(path):
    """The same picture in a coding that pydicom reads, in the sets that hold several of it."""
    match = re.search(r"^(.*WG04-MR-CT)/(RLE|JPLL|JLSL)/(\w+)_\w+$", path)
    if match:
        return f"{match.group(1)}/REF/{match.group(3)}_UNC"
    if "dcm_qa_ts/In" in path:
        folder = os.path.dirname(path)
        names = [os.path.join(folder, f) for f in sorted(os.listdir(folder))]
        return next(n for n in names if pydicom.dcmread(n).file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1")
    for this, other in (("compressed_jpegls/", "compressed_rle/"), ("compressed_jpeg/", "compressed_rle/"),
                        ("MR_small_jpeg_ls_lossless.dcm", "MR_small.dcm")):
        if this in path:
            return path.replace(this, other)
    return None


def names_its_reason(text, data):
    """A refusal of pixels that are coded in a way that is not read says so, and which."""
    coded = data is not None and str(data.file_meta.TransferSyntaxUID) not in READ and "PixelData" in data
    usual = coded and data.SamplesPerPixel == 1 and data.BitsAllocated in (8, 16)
    return bool(text) and (not usual or (str(data.file_meta.TransferSyntaxUID) in text and "is not read" in text))


def main():
    root = os.environ.get("DKM_TEST_DATA")
    if not root or not pydicom:
        print("skipped: no pydicom or no DKM_TEST_DATA")
        return 77
    warnings.simplefilter("ignore")
    ours = dump(sys.argv[1], files(root))
    compared = by_twin = unchecked = 0
    checked = dict.fromkeys(CODED, 0)
    wrong = []
    for path, got in ours.items():
        try:
            data = pydicom.dcmread(path)
            syntax = str(data.file_meta.TransferSyntaxUID)
            readable = "PixelData" in data and data.SamplesPerPixel == 1 and data.BitsAllocated in (8, 16) and syntax in READ
        except Exception:  # no image, or not even DICOM: ours must not have read it either
            readable, data = False, None
        if isinstance(got, str):
            expected_refusal = not readable or "bytes of pixel data" in got or "cut off" in got
            if not expected_refusal or not names_its_reason(got, data):
                wrong.append(f"{path}: refused: {got}")
            continue
        if data is None:
            wrong.append(f"{path}: read, though pydicom cannot")
            continue
        try:
            expected = hashes(data)
            compared += 1
        except Exception:
            other = twin(path)
            if other is None:
                unchecked += 1
                if syntax in CODED:
                    wrong.append(f"{path}: nothing to compare it with")
                continue
            expected = ours[other]
            by_twin += 1
        checked[syntax] = checked.get(syntax, 0) + 1
        if got != expected:
            wrong.append(f"{path}: other samples than pydicom's" if not twin(path) else f"{path}: not its twin's")
    print(f"{len(ours)} files: {compared} equal to pydicom or wrong below, {by_twin} against an uncompressed twin, "
          f"{unchecked} unchecked (lossy), {len(wrong)} wrong")
    print("coded files checked: " + ", ".join(f"{CODED[uid]} {checked[uid]}" for uid in CODED))
    wrong += [f"no {CODED[uid]} was checked" for uid in CODED if not checked[uid]]
    print("\n".join(wrong))
    return 1 if wrong or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
