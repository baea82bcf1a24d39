#!/usr/bin/env python3
"""The TIFF stacks that dkm kinetics writes, read by others: PIL and ImageJ see the same floats, bit for bit, and
ImageJ the voxel size of the sidecar.

Usage: check-tiff.py DKM.  Exits 77 where neither ImageJ (ij.jar and a JDK) nor PIL with numpy is there.
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
    from PIL import Image
except ImportError:
    Image = None

IMAGEJ = next(iter(glob.glob("/usr/share/java/ij.jar")), None) if shutil.which("javac") else None
READ_STACK = """
public class ReadStack {
    public static void main(String[] args) throws java.io.IOException {
        ij.ImagePlus image = ij.IJ.openImage(args[0]);
        ij.measure.Calibration c = image.getCalibration();
        System.out.println(c.getUnit() + " " + c.pixelDepth + " " + c.pixelHeight + " " + c.pixelWidth);
        java.io.DataOutputStream out = new java.io.DataOutputStream(new java.io.BufferedOutputStream(
            new java.io.FileOutputStream(args[1])));
        for (int z = 1; z <= image.getStackSize(); z++)
            for (float value : (float[]) image.getStack().getPixels(z))
                out.writeFloat(value);
        out.close();
    }
}
"""


def by_pil(path):
    image = Image.open(path)
    pages = []
    for page in range(image.n_frames):
        image.seek(page)
        pages.append(numpy.array(image, "float32"))
    return numpy.stack(pages).ravel()


def by_imagej(path, folder):
    source, raw = os.path.join(folder, "ReadStack.java"), os.path.join(folder, "stack.raw")
    with open(source, "w", encoding="utf-8") as file:
        file.write(READ_STACK)
    run = subprocess.run(["java", "-Djava.awt.headless=true", "-cp", IMAGEJ, source, path, raw], check=True,
                         capture_output=True, text=True)
    return run.stdout.split(), numpy.fromfile(raw, ">f4").astype("float32")


def same(name, values, expected):
    equal = values.size == expected.size and (values.view("uint32") == expected.view("uint32")).all()
    return [] if equal else [f"{name} reads other values"]


def problems_of(folder, dkm):
    study, maps = os.path.join(folder, "study"), os.path.join(folder, "maps")
    subprocess.run([dkm, "phantom", "-o", study], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([dkm, "kinetics", study, "--tiff", maps], check=True, stdout=subprocess.DEVNULL)
    path = os.path.join(maps, "ser.tif")
    with open(path + ".json", encoding="utf-8") as file:
        lattice = json.load(file)
    problems, reference = [], by_pil(path)
    if reference.size != numpy.prod(lattice["size_zyx"]) or not (reference > 0).any():
        problems.append("PIL reads another number of voxels")
    if IMAGEJ:
        unit, values = by_imagej(path, folder)
        problems += same("ImageJ", values, reference)
        spacing = [float(word) * 10 for word in unit[1:]]
        if unit[0] != "cm" or not numpy.allclose(spacing, lattice["spacing_zyx_mm"], rtol=1e-5):
            problems.append(f"ImageJ reads another voxel size: {unit}")
    print("ImageJ: " + ("found" if IMAGEJ else "skipped, it or a JDK is not installed"))
    return problems


def main():
    if not Image:
        print("skipped: no PIL or no numpy")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        problems = problems_of(folder, sys.argv[1])
    print("\n".join(problems) or "others read the same stack")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
