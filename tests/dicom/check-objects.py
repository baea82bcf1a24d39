#!/usr/bin/env python3
"""All kinds of object that dkm writes from one study, looked at by others.

dciodvfy and dcentvfy find no error, and no warning that is not explained below; pydicom finds every frame's source
image at the frame's own position, the same values, and the chain of versions.

Usage: check-objects.py WRITE-MODEL WRITE-EXAMPLES DKM.  Exits 77 where dciodvfy, dcentvfy or pydicom is not there.
"""
import glob
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

# What a validator says and why it is right that it does; anything else is a problem.
EXPLAINED = {
    "Unrecognized defined term <99DKM> for value 1 of attribute <Coding Scheme Designator>":
        "a private scheme, told in CodingSchemeIdentificationSequence: DICOM has no code for percent enhancement, SER, "
        "the kinetic code, or the version before of a segmentation",
    "Information Object Not found":
        "the label map is of DICOM 2024d, which this dciodvfy does not know (its checks are pydicom's alone)",
}
# dcentvfy, of UCSF's images: the attribute is of type 2, absent there and empty in our objects.
EMPTY_IN_THE_SOURCE = "Element=<ReferringPhysicianName>"


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def write_all(folder, study, dkm, model):
    """Every kind of object of one study; name to path."""
    path = {name: os.path.join(folder, name + ".dcm") for name in ("binary", "fractional", "labelmap", "ftv")}
    maps = os.path.join(folder, "maps")
    run(dkm, "segment", study, "-o", path["binary"], "--model", model, "--maps", maps)
    for before, kind in (("binary", "fractional"), ("fractional", "labelmap")):
        run(dkm, "segment", study, "-o", path[kind], "--model", model, "--seg-type", kind, "--supersedes", path[before])
    run(dkm, "kinetics", study, "-o", path["ftv"], "--maps", maps)
    for name in ("probability", "kinetic-code", "pe-percent", "ser"):
        path[name] = os.path.join(maps, name + ".dcm")
    return path


def validate(paths, images, explained):
    """What the validators found and nobody explains; counts the explained."""
    problems = []
    known = [path for path in paths if "labelmap" not in path]  # dcentvfy does not know that class either
    commands = [["dciodvfy", path] for path in paths] + [["dcentvfy", *images, *known]]
    for command in commands:
        out = subprocess.run(command, capture_output=True, text=True)
        for line in (out.stdout + out.stderr).splitlines():
            if not line.startswith(("Error", "Warning", "Abort")):
                continue
            words = line.split(" - ", 1)[1]
            if words in EXPLAINED and (line.startswith("Warning") or "labelmap" in command[-1]):
                explained[words] = explained.get(words, 0) + 1
            else:
                problems.append(f"{command[0]} {os.path.basename(command[-1])}: {line}")
    return problems


def source_planes(images):
    """Position and orientation of every frame of the images, by instance and frame number."""
    planes = {}
    for image in images:
        if "PerFrameFunctionalGroupsSequence" not in image:
            planes[(image.SOPInstanceUID, 1)] = list(image.ImagePositionPatient)
            continue
        for number, groups in enumerate(image.PerFrameFunctionalGroupsSequence, 1):
            planes[(image.SOPInstanceUID, number)] = list(groups.PlanePositionSequence[0].ImagePositionPatient)
    return planes


def check_references(name, data, images):
    """Each frame names one image, which lies where the frame lies; all images of its phase are named."""
    planes = source_planes(images)
    named = {instance.ReferencedSOPInstanceUID for series in data.ReferencedSeriesSequence
             for instance in series.ReferencedInstanceSequence}
    problems = []
    for number, groups in enumerate(data.PerFrameFunctionalGroupsSequence, 1):
        source = groups.DerivationImageSequence[0].SourceImageSequence[0]
        key = (source.ReferencedSOPInstanceUID, int(source.get("ReferencedFrameNumber", 1)))
        if planes.get(key) != list(groups.PlanePositionSequence[0].ImagePositionPatient):
            problems.append(f"{name}, frame {number}: its source image lies elsewhere")
        if source.ReferencedSOPInstanceUID not in named or source.SpatialLocationsPreserved != "YES":
            problems.append(f"{name}, frame {number}: its source image is not referenced as it must be")
    slices = len({tuple(place) for place in planes.values()})
    if len(named & {key[0] for key in planes}) != (1 if len(images) == 1 else slices):
        problems.append(f"{name}: not all images of the phase are named")
    return problems


def check_versions(data):
    problems = []
    for before, after in (("binary", "fractional"), ("fractional", "labelmap")):
        old, new = data[before], data[after]
        if new.SourceInstanceSequence[0].ReferencedSOPInstanceUID != old.SOPInstanceUID:
            problems.append(f"{after} does not name {before} as the version before")
        if new.SegmentSequence[0].TrackingUID != old.SegmentSequence[0].TrackingUID:
            problems.append(f"{after}: the lesion has lost its tracking identity")
    return problems


def volume(data, places):
    """Frames on all slices, by position."""
    out = numpy.zeros((len(places), data.Rows, data.Columns), "float32")
    frames = data.pixel_array.reshape(-1, data.Rows, data.Columns)
    for frame, groups in zip(frames, data.PerFrameFunctionalGroupsSequence):
        out[places.index(tuple(groups.PlanePositionSequence[0].ImagePositionPatient))] = frame
    return out


def check_values(data, images):
    """Masks and maps against each other, PE and SER against the images' own pixels."""
    places = sorted({tuple(image.ImagePositionPatient) for image in images})
    v = {name: volume(one, places) for name, one in data.items()}
    phases = [numpy.stack([sorted((i for i in images if tuple(i.ImagePositionPatient) == place),
                                  key=lambda i: int(i.InstanceNumber))[phase].pixel_array for place in places])
              .astype("float32") for phase in range(3)]
    with numpy.errstate(divide="ignore", invalid="ignore"):
        pe = numpy.where(phases[0] > 0, 100 * (phases[1] - phases[0]) / phases[0], 0)
        ser = numpy.where((phases[2] > phases[0]) & (phases[0] >= 0), (phases[1] - phases[0]) / (phases[2] - phases[0]), 0)
    checks = {
        "the label map is not the mask": (v["labelmap"] == v["binary"]).all(),
        "no tumour at all": v["binary"].any(),
        "the probability of the map and of the segmentation differ":
            numpy.array_equal(v["probability"], v["fractional"] / numpy.float32(255)),
        "the mask is not where the probability is over a half": ((v["fractional"] > 127) == (v["binary"] > 0)).all(),
        "the heat map is empty or out of its range": 0 < v["kinetic-code"].max() <= 1 and v["kinetic-code"].min() >= 0,
        "PE differs from the images'": numpy.allclose(v["pe-percent"], pe, rtol=1e-5, atol=1e-5),
        "SER differs from the images'": numpy.allclose(v["ser"], ser, rtol=1e-5, atol=1e-5),
    }
    return [words for words, holds in checks.items() if not holds]


def check_study(folder, layout, tools, explained):
    examples, dkm, model = tools
    study = os.path.join(examples, layout)
    os.mkdir(folder)
    paths = write_all(folder, study, dkm, model)
    files = sorted(glob.glob(study + "/*.dcm"))
    problems = validate(list(paths.values()), files, explained)
    data = {name: pydicom.dcmread(path) for name, path in paths.items()}
    images = [pydicom.dcmread(path) for path in files]
    for name, one in data.items():
        problems += check_references(name, one, images)
    problems += check_versions(data)
    if layout == "ucsf":
        problems += check_values(data, images)
    return [f"{layout}: {problem}" for problem in problems], len(paths)


def check_real(folder, dkm, explained):
    """UCSF's study, where it is at hand: what it says of patient, study and trial goes along."""
    study = os.path.join(os.environ.get("DKM_TEST_DATA", ""), "nact-br06")
    images = sorted(glob.glob(study + "/image_dce_3dfgre_orig/*.dcm"))[:3]
    if not images:
        return []
    seg, maps = os.path.join(folder, "ftv.dcm"), os.path.join(folder, "real-maps")
    run(dkm, "kinetics", study, "-o", seg, "--maps", maps)
    found = validate([seg, os.path.join(maps, "ser.dcm")], images, explained)
    return [f"UCSF's study: {problem}" for problem in found if EMPTY_IN_THE_SOURCE not in problem]


def main():
    if not pydicom or not shutil.which("dciodvfy") or not shutil.which("dcentvfy"):
        print("skipped: no dciodvfy, dcentvfy or pydicom")
        return 77
    problems, count, explained = [], 0, {}
    with tempfile.TemporaryDirectory() as folder:
        examples, model = os.path.join(folder, "examples"), os.path.join(folder, "model.safetensors")
        os.mkdir(examples)
        run(sys.argv[1], model)
        run(sys.argv[2], examples)
        for layout in ("ucsf", "siemens", "enhanced"):
            found, written = check_study(os.path.join(folder, layout), layout, (examples, sys.argv[3], model), explained)
            problems += found
            count += written
        problems += check_real(folder, sys.argv[3], explained)
        captures = sorted(glob.glob(examples + "/capture-*.dcm"))
        problems += validate(captures, [], explained)
    print(f"{count + len(captures)} objects; warnings that are as they should be:")
    for words, times in explained.items():
        print(f"  {times} x {words}: {EXPLAINED[words]}")
    print("\n".join(problems) or "nothing else")
    return 1 if problems or not captures else 0


if __name__ == "__main__":
    sys.exit(main())
