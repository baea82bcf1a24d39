#!/usr/bin/env python3
"""Every frame that dump-pixels reads equals what pydicom reads.

Usage: compare-pixels.py DUMP-PIXELS.  Needs DKM_TEST_DATA and pydicom; exits 77 without them.
"""
import hashlib
import os
import subprocess
import sys
import warnings

try:
    import pydicom
except ImportError:
    pydicom = None

FOLDERS = ("phases", "objects", "nact-br06")  # the others: table-pixels.py
READ = {  # what must be read wherever it is one sample of 8 or 16 bits
    "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.81"}


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
    compared = 0
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
        compared += 1
        if got != hashes(data):
            wrong.append(f"{path}: other samples than pydicom's")
    print(f"{len(ours)} files: {compared} compared with pydicom, {len(wrong)} wrong")
    print("\n".join(wrong))
    return 1 if wrong or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
