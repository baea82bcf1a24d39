#!/usr/bin/env python3
"""What dkm report wrote, looked at by others: dciodvfy, dsrdump and dcentvfy find no error; pydicom reads the values
that numpy measures from the images by itself; highdicom and dcmqi's tid1500reader read it where they are installed.

Usage: check-report.py DKM.  Exits 77 where dciodvfy or pydicom is not there.
"""
import glob
import itertools
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
    import highdicom.sr
except ImportError:
    highdicom = None

VOLUME, SPACE, PLANE = ("118565006", "SCT"), ("L0JK", "IBSI"), ("103339001", "SCT")
MEAN, WORST, FTV = ("PE-MEAN", "99DKM"), ("PE-WORST3X3", "99DKM"), ("FTV", "99DKM")


def items(container):
    for item in container.get("ContentSequence", []):
        yield item
        yield from items(item)


def name_of(item):
    code = item.ConceptNameCodeSequence[0]
    return code.CodeValue, code.CodingSchemeDesignator


def place(image):
    row, column = numpy.array(image.ImageOrientationPatient).reshape(2, 3)
    return float(numpy.cross(row, column) @ numpy.array(image.ImagePositionPatient))


def volumes(images):
    """The phases, slices by place: the phantom's layout 'ge' tells phases by TriggerTime."""
    phases = {}
    for image in images:
        phases.setdefault(float(image.TriggerTime), []).append(image)
    for time in phases:
        phases[time].sort(key=place)
    return [numpy.stack([i.pixel_array * float(i.get("RescaleSlope", 1)) + float(i.get("RescaleIntercept", 0))
                         for i in phases[time]]) for time in sorted(phases)], phases[min(phases)]


def mask_of(seg, slices):
    mask = numpy.zeros((len(slices), seg.Rows, seg.Columns), bool)
    orientation = numpy.array(seg.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0].ImageOrientationPatient)
    normal = numpy.cross(orientation[:3], orientation[3:])
    places = [place(i) for i in slices]
    for frame, groups in zip(seg.pixel_array.reshape(-1, seg.Rows, seg.Columns), seg.PerFrameFunctionalGroupsSequence):
        where = float(normal @ numpy.array(groups.PlanePositionSequence[0].ImagePositionPatient))
        mask[min(range(len(places)), key=lambda z: abs(places[z] - where))] |= frame > 0
    return mask


def farthest(points):
    best = 0.0
    for start in range(0, len(points), 500):
        part = points[start:start + 500]
        best = max(best, ((part[:, None] - points[None]) ** 2).sum(-1).max())
    return float(best) ** 0.5


def diameters(mask, spacing):
    """By definition: all pairs of points half-way between a voxel inside and its neighbour outside."""
    padded, points = numpy.pad(mask, 1), []
    for axis, step in itertools.product(range(3), (-1, 1)):
        outside = padded & ~numpy.roll(padded, -step, axis)
        faces = numpy.argwhere(outside).astype(float)
        faces[:, axis] += step / 2
        points.append(faces)
    points = numpy.unique(numpy.concatenate(points), axis=0)
    whole = points[:, 0] == numpy.floor(points[:, 0])
    in_plane = max(farthest(points[whole & (points[:, 0] == z)] * spacing) for z in numpy.unique(points[whole, 0]))
    return farthest(points * spacing), in_plane


def measured(images, seg):
    phases, slices = volumes(images)
    mask = mask_of(seg, slices)
    step = abs(place(slices[1]) - place(slices[0]))
    spacing = numpy.array([step, *map(float, slices[0].PixelSpacing)])
    pre, early = phases[0], phases[1]
    worst, fall = -numpy.inf, -numpy.inf
    for z, y, x in numpy.argwhere(mask):
        box = (z, slice(y, y + 3), slice(x, x + 3))
        if mask[box].shape != (3, 3) or not mask[box].all():
            continue
        enhancement = 100 * (early[box].mean() / pre[box].mean() - 1)
        falls = 1 - phases[2][box].mean() / early[box].mean()
        if enhancement >= 50 and falls > fall:
            worst, fall = enhancement, falls
    space, plane = diameters(mask, spacing)
    return {VOLUME: mask.sum() * spacing.prod(), SPACE: space, PLANE: plane,
            MEAN: 100 * (early[mask].mean() / pre[mask].mean() - 1), WORST: worst}


def compare(report, images, seg, told):
    problems, group = [], None
    for item in items(report):
        if "ConceptNameCodeSequence" in item and name_of(item) == ("125007", "DCM"):
            group = item
    found = {name_of(i): float(i.MeasuredValueSequence[0].NumericValue) for i in items(group) if i.ValueType == "NUM"}
    expected = measured(images, seg)
    expected[FTV] = told["lesions"][0]["ftv_ml"] * 1000
    for code, value in expected.items():
        if code not in found or abs(found[code] - value) > 1e-6 * abs(value) + 1e-6:
            problems.append(f"{code}: the report says {found.get(code)}, measured here {value}")
    segments = [i.ReferencedSOPSequence[0] for i in items(group) if i.ValueType == "IMAGE"]
    if [(s.ReferencedSOPInstanceUID, s.ReferencedSegmentNumber) for s in segments] != [(seg.SOPInstanceUID, 1)]:
        problems.append("the segment is not referred to")
    evidence = {i.ReferencedSOPInstanceUID for study in report.CurrentRequestedProcedureEvidenceSequence
                for series in study.ReferencedSeriesSequence for i in series.ReferencedSOPSequence}
    if evidence != {i.SOPInstanceUID for i in images} | {seg.SOPInstanceUID}:
        problems.append("the evidence is not the images and the SEG")
    curves = {i.ConceptCodeSequence[0].CodeValue for i in items(group) if i.ValueType == "CODE"}
    if not curves & {"130597", "130598", "130599"}:
        problems.append("no curve type")
    tracking = [i.UID for i in items(group) if i.ValueType == "UIDREF" and name_of(i) == ("112040", "DCM")]
    if tracking != [seg.SegmentSequence[0].TrackingUID]:
        problems.append("the tracking UID is not the SEG's")
    if report.VerifyingObserverSequence[0].VerifyingObserverName != "Reader^One":
        problems.append("the reviewer is not named")
    if not report.VerifyingObserverSequence[0].VerificationDateTime.startswith("20260301143000"):
        problems.append("the time of the review is not told")
    return problems


def complaints(command):
    run = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in (run.stdout + run.stderr).splitlines()
             if line.startswith(("Error", "E:", "F:")) and "TriggerTime" not in line]
    return [f"{command[0]}: {line}" for line in lines]


def by_peers(path, told):
    problems = []
    if highdicom:
        report = highdicom.sr.srread(path)
        groups = report.content.get_volumetric_roi_measurement_groups()
        if len(groups) != 1 or len(groups[0].get_measurements()) != 6:
            problems.append("highdicom reads another number of measurements")
    if shutil.which("tid1500reader"):
        out = path + ".json"
        run = subprocess.run(["tid1500reader", "--inputDICOM", path, "--outputMetadata", out], capture_output=True)
        read = json.load(open(out))["Measurements"] if run.returncode == 0 else [{"measurementItems": []}]
        values = [float(item["value"]) for item in read[0]["measurementItems"]]
        if not any(abs(v - told["lesions"][0]["volume_ml"] * 1000) < 1e-3 for v in values) or len(values) != 6:
            problems.append("dcmqi's tid1500reader reads other measurements")
    print("highdicom: " + (highdicom.__version__ if highdicom else "skipped, it is not installed"))
    print("tid1500reader: " + ("found" if shutil.which("tid1500reader") else "skipped, it is not installed"))
    return problems


def problems_of(folder, dkm):
    study, path = os.path.join(folder, "study"), os.path.join(folder, "report.dcm")
    made = subprocess.run([dkm, "phantom", "-o", study, "--layout", "ge", "--json"], check=True, capture_output=True)
    truth = json.loads(made.stdout)["truth"]
    run = subprocess.run([dkm, "report", study + "/images", truth, "-o", path, "--reviewer", "Reader^One", "--reviewed",
                          "2026-03-01T14:30:00", "--json"], check=True, capture_output=True)
    told = json.loads(run.stdout)
    files = sorted(glob.glob(study + "/images/*.dcm"))
    problems = compare(pydicom.dcmread(path), [pydicom.dcmread(f) for f in files], pydicom.dcmread(truth), told)
    for command in (["dciodvfy", path], ["dsrdump", path], ["dcentvfy", path, truth] + files):
        problems += complaints(command) if shutil.which(command[0]) else []
    return problems + by_peers(path, told)


def main():
    if not shutil.which("dciodvfy") or not pydicom:
        print("skipped: no dciodvfy or no pydicom")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        problems = problems_of(folder, sys.argv[1])
    print("\n".join(problems) or "the report's values, references and review are as measured by others")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
