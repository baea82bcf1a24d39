#!/usr/bin/env python3
"""De-identified objects hold nothing of what was removed: every value of the images and of the identified object that
must go is searched for in every byte; UIDs and dates change the same way in every object; the rest is equal.

Usage: check-deidentify.py DKM WRITE-MODEL.  Exits 77 where pydicom is not there.
"""
import datetime
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import pydicom
except ImportError:
    pydicom = None

WHO = {"PatientName": "Zobel^Quirina", "PatientID": "ZQ-4711-X", "PatientBirthDate": "19610203", "PatientAge": "057Y",
       "PatientSex": "F", "PatientWeight": "61.75", "StudyID": "STUD-8822", "AccessionNumber": "ACC-99-31",
       "ReferringPhysicianName": "Hausarzt^Ignaz", "StudyDescription": "Mamma rechts Zobel", "InstitutionName":
       "Klinik Quellental", "StationName": "QUELLE7", "OperatorsName": "Mtra^Ottilie", "StudyDate": "20180704",
       "SeriesDate": "20180704", "ContentDate": "20180704", "AcquisitionDate": "20180704"}
REVIEWER, LABEL = "Leserin^Philomena", "Zobel, innen"


def disguise(folder):
    """The phantom's images as those of a patient; the words that must go."""
    for path in glob.glob(folder + "/*.dcm"):
        data = pydicom.dcmread(path)
        for key, value in WHO.items():
            setattr(data, key, value)
        data.save_as(path)
    return data


def words_that_go(images, objects):
    words = {word for word in WHO.values() if word not in ("F", "057Y")}
    words |= {part for word in words for part in word.replace("^", " ").split() if len(part) > 4}
    words |= {REVIEWER, "Philomena", LABEL}
    for data in images + objects:
        for element in data.iterall():
            if element.VR == "UI" and element.value:
                values = element.value if isinstance(element.value, pydicom.multival.MultiValue) else [element.value]
                words |= {str(uid) for uid in values if not str(uid).startswith("1.2.840.10008.")}
            if element.VR in ("DA", "DT") and element.value:
                words.add(str(element.value)[:8])
    return words


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def write_all(folder, dkm, model, extra):
    """The same objects once as they are and once de-identified: paths by name."""
    out = os.path.join(folder, "anonymous" if extra else "identified")
    os.mkdir(out)
    study, mask = os.path.join(folder, "study", "images"), os.path.join(folder, "maps", "mask.tif")
    paths = {name: os.path.join(out, name + ".dcm") for name in ("segment", "kinetics", "import", "report")}
    segmentation = os.path.join(folder, "identified", "import.dcm")
    commands = {"segment": ["segment", study, "--model", model],
                "kinetics": ["kinetics", study],
                "import": ["import", study, mask, "--name", LABEL],
                "report": ["report", study, segmentation, "--reviewer", REVIEWER, "--reviewed", "2026-03-01T10:00:00"]}
    if "--maps" in run(dkm, "segment", "--help"):
        commands["segment"] += ["--maps", os.path.join(out, "maps")]
    if not extra:
        commands["segment"] += ["--tiff", os.path.dirname(mask)]
    for name, words in commands.items():
        options = ["--deidentify", os.path.join(out, name + ".json"), "--deidentify-key",
                   os.path.join(folder, "key")] if extra else []
        run(dkm, *words, "-o", paths[name], *options)
    return {**paths, **{os.path.basename(path): path for path in glob.glob(out + "/maps/*.dcm")}}


def uids_of(data):
    return {str(e.value) for e in data.iterall() if e.VR == "UI" and e.value}


def compare(before, after, shifts, uids):
    """UIDs and dates of two versions of one object, in their places; what the same became something else."""
    problems = []
    for name in ("StudyInstanceUID", "FrameOfReferenceUID"):
        if name in before and uids.setdefault(before[name].value, after[name].value) != after[name].value:
            problems.append(f"{name} is another than in the object before")
    day = datetime.datetime.strptime
    shifts.add(day(before.StudyDate, "%Y%m%d") - day(after.StudyDate, "%Y%m%d"))
    later = {e.keyword for e in after.iterall() if e.VR in ("DA", "DT") and str(e.value)[:8] > after.StudyDate}
    if later:
        problems.append(f"the day of writing can be told from {sorted(later)}")
    if after.PatientIdentityRemoved != "YES" or after.LongitudinalTemporalInformationModified != "MODIFIED":
        problems.append("the object does not say that it is de-identified")
    if [code.CodeValue for code in after.DeidentificationMethodCodeSequence] != ["113100", "113107"]:
        problems.append("the profile is not named")
    if "PixelData" in before and before.PixelData != after.PixelData:
        problems.append("the pixels changed")
    return problems


def check_objects(folder, before, after, images):
    objects = {name: pydicom.dcmread(path) for name, path in before.items()}
    words, problems, shifts, uids = words_that_go(images, list(objects.values())), [], set(), {}
    for name, path in after.items():
        data = open(path, "rb").read() + b"".join(open(p, "rb").read() for p in glob.glob(path[:-4] + "*.json"))
        problems += [f"{name}: holds {word}" for word in sorted(words) if word.encode() in data]
        anonymous = pydicom.dcmread(path)
        problems += [f"{name}: {p}" for p in compare(objects[name], anonymous, shifts, uids)]
        whose = path if os.path.exists(path[:-4] + ".json") else after["segment"]
        with open(whose[:-4] + ".json", encoding="utf-8") as file:
            removed = json.load(file)["removed"]
        for keyword in ("PatientName", "PatientID", "StudyDate", "StudyInstanceUID", "AccessionNumber"):
            if not any(f" {keyword}: " in line for line in removed):
                problems.append(f"{name}: the list does not name {keyword}")
        if shutil.which("dciodvfy"):
            out = subprocess.run(["dciodvfy", path], capture_output=True, text=True)
            problems += [f"{name}: {line}" for line in (out.stdout + out.stderr).splitlines() if line[:5] == "Error"]
    if len(shifts) != 1 or next(iter(shifts)) < datetime.timedelta(1):
        problems.append(f"dates are shifted by {shifts}")
    evidence = uids_of(pydicom.dcmread(after["report"]))
    for name in ("segment", "kinetics", "import"):
        series = pydicom.dcmread(after[name]).ReferencedSeriesSequence
        if not {i.ReferencedSOPInstanceUID for s in series for i in s.ReferencedInstanceSequence} <= evidence:
            problems.append(f"{name}: the images have other UIDs than in the report")
    return problems


def main():
    if not pydicom:
        print("skipped: no pydicom")
        return 77
    dkm, write_model = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        model, images = os.path.join(folder, "model.safetensors"), os.path.join(folder, "study", "images")
        run(write_model, model)
        run(dkm, "phantom", "-o", os.path.join(folder, "study"), "--layout", "ge")
        disguise(images)
        before = write_all(folder, dkm, model, False)
        after = write_all(folder, dkm, model, True)
        problems = check_objects(folder, before, after,
                                 [pydicom.dcmread(p, stop_before_pixels=True) for p in glob.glob(images + "/*.dcm")])
        if os.stat(os.path.join(folder, "key")).st_mode & 0o077:
            problems.append("others can read the key")
    print("\n".join(problems) or f"{len(after)} objects hold nothing of what was removed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
