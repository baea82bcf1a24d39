#!/usr/bin/env python3
"""What dkm segment wrote, looked at by others: dciodvfy finds no error, pydicom reads the mask whose hash dkm told.

Usage: check-segment.py WRITE-MODEL DKM.  Exits 77 where dciodvfy or pydicom is not there.
"""
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy
    import pydicom
except ImportError:
    pydicom = None


def place(position, orientation):
    """Millimetres along the normal of the slices."""
    row, column = numpy.array(orientation[:3], float), numpy.array(orientation[3:], float)
    return float(numpy.cross(row, column) @ numpy.array(position, float))


def mask_of(seg, study):
    """The SEG's voxels on the slices of the study's images, by position alone."""
    images = [pydicom.dcmread(path, stop_before_pixels=True) for path in glob.glob(study + "/images/*.dcm")]
    places = sorted(place(i.ImagePositionPatient, i.ImageOrientationPatient) for i in images)
    mask = numpy.zeros((len(places), seg.Rows, seg.Columns), "uint8")
    orientation = seg.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0].ImageOrientationPatient
    frames = seg.pixel_array.reshape(-1, seg.Rows, seg.Columns)
    for frame, groups in zip(frames, seg.PerFrameFunctionalGroupsSequence):
        where = place(groups.PlanePositionSequence[0].ImagePositionPatient, orientation)
        z = min(range(len(places)), key=lambda k: abs(places[k] - where))
        assert abs(places[z] - where) < 1e-3, "a frame lies on no slice"
        mask[z] = frame
    return mask


def problems_of(folder, write_model, dkm):
    study, model, out = (os.path.join(folder, name) for name in ("study", "model.safetensors", "seg.dcm"))
    subprocess.run([write_model, model], check=True)
    subprocess.run([dkm, "phantom", "-o", study, "--phases", "pre"], check=True, stdout=subprocess.DEVNULL)
    run = subprocess.run([dkm, "segment", study, "-o", out, "--model", model, "--json"], check=True, capture_output=True)
    told = json.loads(run.stdout)
    validation = subprocess.run(["dciodvfy", out], capture_output=True, text=True)
    problems = [line for line in (validation.stdout + validation.stderr).splitlines() if line.startswith("Error")]
    mask = mask_of(pydicom.dcmread(out), study)
    if told["voxels"] == 0 or int(mask.sum()) != told["voxels"]:
        problems.append(f"pydicom counts {int(mask.sum())} voxels, dkm {told['voxels']}")
    # the slices of dkm run as the scanner's did: along the normal or against it
    if told["mask_sha256"] not in [hashlib.sha256(m.tobytes()).hexdigest() for m in (mask, mask[::-1])]:
        problems.append("pydicom reads another mask")
    return problems


def main():
    if not shutil.which("dciodvfy") or not pydicom:
        print("skipped: no dciodvfy or no pydicom")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        problems = problems_of(folder, sys.argv[1], sys.argv[2])
    print("\n".join(problems) or "dciodvfy without an error, pydicom reads the same mask")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
