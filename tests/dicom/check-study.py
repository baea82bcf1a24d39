#!/usr/bin/env python3
"""Everything that is written into one study, looked at together: dciodvfy each, dcentvfy all at once; Orthanc takes
each by REST and gives the same bytes back, takes each by C-STORE and gives the same content back.

Usage: check-study.py DKM WRITE-MODEL.  Exits 77 where pydicom is not there; says what else it lacks. Orthanc listens on
every address, so it runs in a network of its own.
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

try:
    import pydicom
except ImportError:
    pydicom = None

ORTHANC = shutil.which("Orthanc", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
HTTP, DICOM = "http://127.0.0.1:8042", "4242"
# GE's machines write TriggerTime without gating: as they do, so does the phantom's layout.
AS_THE_VENDOR = "Type 2C Conditional Element=<TriggerTime>"


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def write_study(folder, dkm, write_model):
    study, model = os.path.join(folder, "study"), os.path.join(folder, "model.safetensors")
    images, out, maps = study + "/images", os.path.join(folder, "out"), os.path.join(folder, "maps")
    os.mkdir(out)
    run(write_model, model)
    run(dkm, "phantom", "-o", study, "--layout", "ge")
    more = ["--maps", os.path.join(out, "maps")] if "--maps" in run(dkm, "segment", "--help") else []
    run(dkm, "segment", images, "-o", out + "/segment.dcm", "--model", model, "--tiff", maps, *more)
    run(dkm, "kinetics", images, "-o", out + "/kinetics.dcm")
    run(dkm, "import", images, maps + "/mask.tif", "-o", out + "/import.dcm")
    run(dkm, "report", images, out + "/kinetics.dcm", "-o", out + "/report.dcm", "--reviewer", "Reader^One")
    written = sorted(glob.glob(out + "/**/*.dcm", recursive=True))
    return written, sorted(glob.glob(images + "/*.dcm"))


def validate(written, images):
    problems, warnings = [], 0
    for command in [["dciodvfy", path] for path in written] + [["dcentvfy"] + written + images]:
        if not shutil.which(command[0]):
            print(f"{command[0]}: skipped, it is not installed")
            continue
        out = subprocess.run(command, capture_output=True, text=True)
        lines = (out.stdout + out.stderr).splitlines()
        problems += [f"{command[0]} {os.path.basename(command[1])}: {line}" for line in lines
                     if line.startswith("Error") and AS_THE_VENDOR not in line]
        warnings += sum(line.startswith("Warning") for line in lines)
    print(f"{len(written)} objects beside {len(images)} images; {warnings} warnings, which are no errors")
    return problems


def request(path, data=None, method=None):
    with urllib.request.urlopen(urllib.request.Request(HTTP + path, data, method=method), timeout=60) as answer:
        return answer.read()


def start(folder):
    settings = {"StorageDirectory": folder, "IndexDirectory": folder, "HttpPort": 8042, "DicomPort": int(DICOM),
                "RemoteAccessAllowed": False, "AuthenticationEnabled": False, "DicomAlwaysAllowStore": True,
                "DicomCheckCalledAet": False, "UnknownSopClassAccepted": True, "Plugins": []}
    path = os.path.join(folder, "orthanc.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(settings, file)
    server = subprocess.Popen([ORTHANC, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env={**os.environ, "TCP_NODELAY": "1"})
    for _ in range(120):
        try:
            request("/system")
            return server
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None:
                break
            time.sleep(0.5)
    server.kill()
    server.wait()
    return None


def by_rest(paths):
    problems = []
    for path in paths:
        with open(path, "rb") as file:
            sent = file.read()
        identifier = json.loads(request("/instances", sent))["ID"]
        if request(f"/instances/{identifier}/file") != sent:
            problems.append(f"REST: {os.path.basename(path)} came back as other bytes")
        request(f"/instances/{identifier}", method="DELETE")
    print(f"Orthanc: {len(paths)} objects by REST")
    return problems


def by_c_store(paths, folder):
    problems = []
    subprocess.run(["storescu", "-R", "127.0.0.1", DICOM] + paths, check=True, capture_output=True,
                   env={**os.environ, "TCP_NODELAY": "1"})
    came = {}
    for identifier in json.loads(request("/instances")):
        back = os.path.join(folder, "back.dcm")
        with open(back, "wb") as file:
            file.write(request(f"/instances/{identifier}/file"))
        data = pydicom.dcmread(back)
        came[data.SOPInstanceUID] = data
    for path in paths:
        sent = pydicom.dcmread(path)
        if sent.SOPInstanceUID not in came or came[sent.SOPInstanceUID] != sent:
            problems.append(f"C-STORE: {os.path.basename(path)} came back with another content")
    print(f"Orthanc: {len(came)} objects by C-STORE")
    return problems


def by_orthanc(folder, paths):
    storage = os.path.join(folder, "orthanc")
    os.mkdir(storage)
    server = start(storage)
    if not server:
        return ["Orthanc did not start"]
    try:
        problems = by_rest(paths)
        if shutil.which("storescu"):
            problems += by_c_store(paths, folder)
        else:
            print("C-STORE: skipped, storescu is not installed")
        return problems
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


def own_network(folder, paths):
    """The same program again, in a network of its own where nobody else can reach Orthanc."""
    if not ORTHANC:
        print("Orthanc: skipped, it is not installed")
        return []
    if subprocess.run(["unshare", "-rn", "ip", "link", "set", "lo", "up"], capture_output=True).returncode:
        print("Orthanc: skipped, this system gives it no network of its own")
        return []
    done = subprocess.run(["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable,
                           __file__, "--orthanc", folder] + paths, capture_output=True, text=True)
    print(done.stdout, end="")
    return (done.stdout + done.stderr).splitlines() if done.returncode else []


def main():
    if not pydicom:
        print("skipped: no pydicom")
        return 77
    if sys.argv[1] == "--orthanc":
        problems = by_orthanc(sys.argv[2], sys.argv[3:])
        print("\n".join(problems))
        return 1 if problems else 0
    with tempfile.TemporaryDirectory() as folder:
        written, images = write_study(folder, sys.argv[1], sys.argv[2])
        problems = validate(written, images) + own_network(folder, written + images[:3])
    print("\n".join(problems) or "one study, no error")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
