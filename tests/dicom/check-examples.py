#!/usr/bin/env python3
"""What write-examples and dkm phantom wrote, looked at by others: dciodvfy finds no error, pydicom the same voxels.

Usage: check-examples.py WRITE-EXAMPLES DKM.  Exits 77 where neither dciodvfy nor pydicom is there.
"""
import glob
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
try:
    import highdicom
    import highdicom.seg
except ImportError:
    highdicom = None


# GE's and Philips's machines write TriggerTime without gating: as they do, so does their layout.
AS_THE_VENDOR = "Type 2C Conditional Element=<TriggerTime>"
# The label map is of DICOM 2024d, which this dciodvfy may not know: then it looks at nothing.
LABELMAP_STORAGE = "1.2.840.10008.5.1.4.1.1.66.7"
NOT_KNOWN = "Information Object Not found"


def validation_errors(path):
    out = subprocess.run(["dciodvfy", path], capture_output=True, text=True)
    errors = [line for line in (out.stdout + out.stderr).splitlines() if line.startswith("Error")
              and AS_THE_VENDOR not in line]
    if errors and pydicom.dcmread(path, stop_before_pixels=True).SOPClassUID == LABELMAP_STORAGE:
        errors = [line for line in errors if NOT_KNOWN not in line]
    return errors


def voxels_of(data, segments, slices):
    """The masks again, from frames and their plane positions alone: segment, slice, row, column."""
    frames = data.pixel_array.reshape(-1, data.Rows, data.Columns)
    shared = data.SharedFunctionalGroupsSequence[0]
    orientation = numpy.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float)
    normal = numpy.cross(orientation[:3], orientation[3:])
    out = numpy.zeros((segments, slices, data.Rows, data.Columns), "uint8")
    ours, places = [], []
    for frame, groups in zip(frames, data.PerFrameFunctionalGroupsSequence):
        where = numpy.array(groups.PlanePositionSequence[0].ImagePositionPatient, float) @ normal
        if data.SegmentationType == "LABELMAP":
            found = [s for s in range(segments) if (frame == s + 1).any()]
            ours += [(frame == s + 1).astype("uint8") for s in found]
            places += [(s, where) for s in found]
        else:
            ours.append(frame)
            places.append((groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber - 1, where))
    return ours, places, out


def compare(path):
    data = pydicom.dcmread(path)
    raw = numpy.fromfile(path[:-4] + ".raw", "uint8")
    segments = len(data.SegmentSequence)
    slices = raw.size // segments // data.Rows // data.Columns
    frames, places, out = voxels_of(data, segments, slices)
    expected = raw.reshape(out.shape)
    # the frames of a segment, in the order of its slices that hold anything
    for s in range(segments):
        ours = [(where, frame) for (segment, where), frame in zip(places, frames) if segment == s]
        filled = [z for z in range(slices) if expected[s, z].any()]
        if not expected.any() and s == 0 and len(ours) == 1 and not ours[0][1].any():
            continue  # nothing found: one empty frame
        if len(ours) != len(filled):
            return f"segment {s + 1}: {len(ours)} frames where {len(filled)} belong"
        steps = {round(abs(a[0] - b[0]) / (abs(filled[i + 1] - filled[i]) or 1), 3)
                 for i, (a, b) in enumerate(zip(ours, ours[1:]))}
        if steps - {2.0}:
            return f"segment {s + 1}: slices {steps} mm apart"
        for z, (_, frame) in zip(filled, ours):
            if not (frame == expected[s, z]).all():
                return f"segment {s + 1}, slice {z + 1} differs"
    return None


def compare_with_highdicom(path):
    """The same masks as highdicom builds them from the references to the source images."""
    if pydicom.dcmread(path, stop_before_pixels=True).SegmentationType == "LABELMAP":
        return None
    data = highdicom.seg.segread(path)
    raw = numpy.fromfile(path[:-4] + ".raw", "uint8").reshape(data.number_of_segments, -1, data.Rows, data.Columns)
    places = {(groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber,
               tuple(groups.PlanePositionSequence[0].ImagePositionPatient)): frame
              for groups, frame in zip(data.PerFrameFunctionalGroupsSequence,
                                       data.pixel_array.reshape(-1, data.Rows, data.Columns))}
    for number in data.segment_numbers:
        total = sum(int(frame.sum()) for (segment, _), frame in places.items() if segment == number)
        if total != int(raw[number - 1].sum()):
            return f"highdicom: segment {number} has {total} voxels where {int(raw[number - 1].sum())} belong"
        if data.get_segment_description(number).segment_number != number:
            return f"highdicom: segment {number} is not described"
    return None


def check_phantom(dkm, layout, folder):
    """The problems of one phantom: a few images of each phase and the truth, which pydicom must count as dkm does."""
    study = os.path.join(folder, "phantom-" + layout)
    made = subprocess.run([dkm, "phantom", "-o", study, "--layout", layout, "--json"], check=True, capture_output=True)
    told = json.loads(made.stdout)
    images = sorted(glob.glob(study + "/images/*.dcm"))
    paths = images[::max(1, told["slices"] // 2 - 1)] + [told["truth"]]
    problems = [f"phantom {layout}, {os.path.basename(path)}: {error}" for path in paths
                for error in validation_errors(path)]
    truth = pydicom.dcmread(told["truth"])
    counted = int(truth.pixel_array.sum())
    if counted != told["mass_voxels"]:
        problems.append(f"phantom {layout}: the truth has {counted} voxels, dkm says {told['mass_voxels']}")
    if truth.StudyInstanceUID != pydicom.dcmread(images[0], stop_before_pixels=True).StudyInstanceUID:
        problems.append(f"phantom {layout}: the truth is of another study")
    return problems, len(paths)


def main():
    if not shutil.which("dciodvfy") or not pydicom:
        print("skipped: no dciodvfy or no pydicom")
        return 77
    problems, validated, compared = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        for path in sorted(glob.glob(folder + "/**/*.dcm", recursive=True)):
            validated += 1
            problems += [f"{os.path.relpath(path, folder)}: {error}" for error in validation_errors(path)]
            if os.path.exists(path[:-4] + ".raw"):
                compared += 1
                for look in (compare, compare_with_highdicom) if highdicom else (compare,):
                    problem = look(path)
                    problems += [f"{os.path.relpath(path, folder)}: {problem}"] if problem else []
        for layout in ("ucsf", "ge", "siemens", "philips", "enhanced"):
            found, checked = check_phantom(sys.argv[2], layout, folder)
            problems += found
            validated += checked
    print("highdicom: " + (highdicom.__version__ if highdicom else "skipped, it is not installed"))
    print(f"{validated} files without an error of dciodvfy or named below, {compared} compared with pydicom")
    print("\n".join(problems))
    return 1 if problems or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
