#!/usr/bin/env python3
"""The other side of `dkm bench read --peers`: pydicom and SimpleITK on the same files.

Usage: read.py PIXELS HEADERS [PIXELS...]: prints one JSON object, for each library that is installed its version and
the CPU seconds of the best of three runs behind a warm one: "pixels" of reading every file of each folder PIXELS into one array of numbers,
"headers" of reading every header of the folder HEADERS. What is not installed has a null.
"""
import json
import os
import sys
import time

RUNS = 3  # as often as ours at least: the best counts


def files_of(folder):
    return sorted(os.path.join(base, name) for base, _, names in os.walk(folder) for name in names)


def seconds_of(work):
    work()
    return min(once(work) for _ in range(RUNS))


def once(work):
    start = time.process_time()  # of all threads
    work()
    return time.process_time() - start


def with_pydicom():
    import numpy
    import pydicom

    def pixels(files):
        first = pydicom.dcmread(files[0])
        volume = numpy.empty((len(files), first.Rows, first.Columns), first.pixel_array.dtype)
        for k, file in enumerate(files):
            volume[k] = pydicom.dcmread(file).pixel_array

    def headers(files):
        for file in files:
            dataset = pydicom.dcmread(file, stop_before_pixels=True)
            dataset.SOPInstanceUID, dataset.ImagePositionPatient, dataset.get("ContentTime")
    return pydicom.__version__, pixels, headers


def with_simpleitk():
    import SimpleITK

    def pixels(files):
        SimpleITK.GetArrayViewFromImage(SimpleITK.ReadImage(files))

    def headers(files):
        for file in files:
            reader = SimpleITK.ImageFileReader()
            reader.SetImageIO("GDCMImageIO")
            reader.SetFileName(file)
            reader.ReadImageInformation()
            reader.GetMetaData("0020|0032")
    return SimpleITK.Version_VersionString(), pixels, headers


def main():
    pixel_folders, header_files = [sys.argv[1], *sys.argv[3:]], files_of(sys.argv[2])
    found = {}
    for name, start in (("pydicom", with_pydicom), ("SimpleITK", with_simpleitk)):
        try:
            version, pixels, headers = start()
        except ImportError:
            found[name] = None
            continue
        found[name] = {"version": version,
                       "pixels": [seconds_of(lambda files=files_of(folder): pixels(files)) for folder in pixel_folders],
                       "headers": seconds_of(lambda: headers(header_files))}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
