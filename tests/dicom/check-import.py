#!/usr/bin/env python3
"""Segmentations that highdicom writes of a study of ours: dkm reads them voxel by voxel, whatever their type and coding.

Usage: check-import.py WRITE-EXAMPLES DKM.  Exits 77 where highdicom is not there.
"""
import glob
import itertools
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


CODINGS = {  # what highdicom encodes; the whole data set deflated is what dcmqi writes
    "explicit": "1.2.840.10008.1.2.1", "implicit": "1.2.840.10008.1.2", "deflated": "1.2.840.10008.1.2.1.99",
    "RLE": "1.2.840.10008.1.2.5", "JPEG 2000": "1.2.840.10008.1.2.4.90", "JPEG-LS": "1.2.840.10008.1.2.4.80"}


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


def write(path, kind, coding, images, labels):
    """LABELS: 0, 1 or 2 a voxel; FRACTIONAL holds 0.8 where a segment is, 0.2 beside it. False: not encoded here."""
    pixels = labels
    if kind == "FRACTIONAL":
        pixels = numpy.stack([numpy.where(labels == s, 0.8, 0.2) for s in (1, 2)], axis=-1)
    if kind == "BINARY":
        pixels = numpy.stack([labels == s for s in (1, 2)], axis=-1).astype("uint8")
    syntax = CODINGS["explicit" if coding == "deflated" else coding]
    try:
        seg = Segmentation(source_images=images, pixel_array=pixels, segmentation_type=kind, transfer_syntax_uid=syntax,
                           segment_descriptions=[describe(1), describe(2)],
                           series_instance_uid=highdicom.UID(), series_number=1, sop_instance_uid=highdicom.UID(),
                           instance_number=1, manufacturer="test", manufacturer_model_name="test",
                           software_versions="1", device_serial_number="1")
    except (ImportError, NotImplementedError, RuntimeError, ValueError):
        return False
    seg.file_meta.TransferSyntaxUID = pydicom.uid.UID(CODINGS[coding])
    seg.save_as(path)
    return True


def compare(dkm, a, b, study):
    run = subprocess.run([dkm, "compare", a, b, "--study", study, "--json"], capture_output=True, text=True)
    return json.loads(run.stdout) if run.returncode == 0 else {"failed": run.stderr.strip()}


def check_study(folder, study, dkm):
    images = pre_contrast(study)
    random = numpy.random.default_rng(1)
    labels = random.integers(0, 3, (len(images), images[0].Rows, images[0].Columns)).astype("uint8")
    kinds = [kind for kind in ("BINARY", "FRACTIONAL", "LABELMAP")
             if kind in {member.value for member in highdicom.seg.SegmentationTypeValues}]
    plain = os.path.join(folder, "BINARY-explicit.dcm")
    problems, read = [], []
    for kind, coding in itertools.product(kinds, CODINGS):
        path = os.path.join(folder, f"{kind}-{coding}.dcm")
        if not write(path, kind, coding, images, labels):
            continue
        told = compare(dkm, plain, path, study)
        read.append(f"{kind} {coding}")
        if told.get("dice") != 1 or told["voxels_b"] != int((labels > 0).sum()):
            problems.append(f"{study}, {kind}, {coding}: {told}")
    return problems, read


def main():
    if not highdicom:
        print("skipped: no highdicom")
        return 77
    problems, read = [], []
    with tempfile.TemporaryDirectory() as folder:
        examples, large = os.path.join(folder, "examples"), os.path.join(folder, "large")
        os.mkdir(examples)
        subprocess.run([sys.argv[1], examples], check=True)
        # pictures of 32 pixels and more: the smallest that JPEG 2000 takes
        subprocess.run([sys.argv[2], "phantom", "-o", large, "--phases", "pre"], check=True, capture_output=True)
        for study in (os.path.join(examples, "ucsf"), os.path.join(examples, "siemens"), os.path.join(large, "images")):
            found, checked = check_study(folder, study, sys.argv[2])
            problems += found
            read += checked
    print(f"{len(read)} segmentations of highdicom {highdicom.__version__} read by dkm: {', '.join(sorted(set(read)))}")
    print("\n".join(problems) or "all of them voxel by voxel")
    return 1 if problems or not read else 0


if __name__ == "__main__":
    sys.exit(main())
