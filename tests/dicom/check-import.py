#!/usr/bin/env python3
"""Segmentations that highdicom writes of a study of ours: dkm reads them voxel by voxel, whatever their type.

Usage: check-import.py WRITE-EXAMPLES DKM.  Exits 77 where highdicom is not there.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

try:
    import highdicom
    import numpy
    import pydicom
    from highdicom.seg import Segmentation, SegmentDescription
except ImportError:
    highdicom = None


def describe(number):
    algorithm = highdicom.AlgorithmIdentificationSequence(
        name="test", version="1", family=pydicom.sr.codedict.codes.DCM.ArtificialIntelligence)
    return SegmentDescription(
        segment_number=number, segment_label=f"Lesion {number}",
        segmented_property_category=pydicom.sr.codedict.codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=pydicom.sr.codedict.codes.SCT.Neoplasm, algorithm_type="AUTOMATIC",
        algorithm_identification=algorithm)


def pre_contrast(study):
    """The images of the first phase: of each position the one with the lowest number."""
    def order(image):
        return image.SeriesNumber, image.InstanceNumber

    first = {}
    for path in glob.glob(study + "/*.dcm"):
        image = pydicom.dcmread(path)
        place = tuple(image.ImagePositionPatient)
        if place not in first or order(image) < order(first[place]):
            first[place] = image
    return [first[place] for place in sorted(first)]


def write(path, kind, images, labels):
    """LABELS: 0, 1 or 2 a voxel; FRACTIONAL holds 0.8 where a segment is, 0.2 beside it."""
    pixels = labels
    if kind == "FRACTIONAL":
        pixels = numpy.stack([numpy.where(labels == s, 0.8, 0.2) for s in (1, 2)], axis=-1)
    if kind == "BINARY":
        pixels = numpy.stack([labels == s for s in (1, 2)], axis=-1).astype("uint8")
    Segmentation(source_images=images, pixel_array=pixels, segmentation_type=kind,
                 segment_descriptions=[describe(1), describe(2)],
                 series_instance_uid=highdicom.UID(), series_number=1, sop_instance_uid=highdicom.UID(),
                 instance_number=1, manufacturer="test", manufacturer_model_name="test", software_versions="1",
                 device_serial_number="1").save_as(path)


def compare(dkm, a, b, study):
    run = subprocess.run([dkm, "compare", a, b, "--study", study, "--json"], capture_output=True, text=True)
    return json.loads(run.stdout) if run.returncode == 0 else {"failed": run.stderr.strip()}


def check_layout(folder, examples, dkm, layout):
    study = os.path.join(examples, layout)
    images = pre_contrast(study)
    random = numpy.random.default_rng(1)
    labels = random.integers(0, 3, (len(images), images[0].Rows, images[0].Columns)).astype("uint8")
    kinds = [kind for kind in ("BINARY", "FRACTIONAL", "LABELMAP")
             if kind in {member.value for member in highdicom.seg.SegmentationTypeValues}]
    path = {kind: os.path.join(folder, f"{layout}-{kind}.dcm") for kind in kinds}
    problems = []
    for kind in kinds:
        write(path[kind], kind, images, labels)
        told = compare(dkm, path["BINARY"], path[kind], study)
        if told.get("dice") != 1 or told["voxels_b"] != int((labels > 0).sum()):
            problems.append(f"{layout}, {kind}: {told}")
    return problems, len(kinds)


def main():
    if not highdicom:
        print("skipped: no highdicom")
        return 77
    problems, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        examples = os.path.join(folder, "examples")
        os.mkdir(examples)
        subprocess.run([sys.argv[1], examples], check=True)
        for layout in ("ucsf", "siemens"):
            found, checked = check_layout(folder, examples, sys.argv[2], layout)
            problems += found
            count += checked
    print(f"{count} segmentations of highdicom {highdicom.__version__} read by dkm")
    print("\n".join(problems) or "all of them voxel by voxel")
    return 1 if problems or not count else 0


if __name__ == "__main__":
    sys.exit(main())
