#!/usr/bin/env python3
"""Dice of predictors that know nothing, or that know the truth, on a volume: what a network's Dice must be read beside.

usage: volume-predictors.py PRE TRUTH.dcm [TISSUE.dcm] --voi z0,y0,x0,z1,y1,x1 [--seg SEG.dcm ...]

PRE: folder with the pre-contrast phase's files, or with several phases (the first by ContentTime is taken).
TRUTH.dcm: as `dkm kinetics STUDY -o TRUTH.dcm` writes it. TISSUE.dcm: a SEG taken as a predictor as it is.
Needs python3-pydicom and python3-numpy."""
import argparse
import pathlib

import numpy as np
import pydicom

SIGMA_ZYX = (0.3, 1.5, 1.5)  # voxels
POSITION_TOLERANCE_MM = 0.05


def slice_place(position, orientation):
    normal = np.cross(orientation[:3], orientation[3:])
    return float(np.dot(normal, position))


def read_phase(folder):
    """The first phase: values (z, y, x), and each slice's place along the normal."""
    files = [pydicom.dcmread(path) for path in sorted(pathlib.Path(folder).rglob('*.dcm'))]
    first = min(str(f.get('ContentTime', '')) for f in files)
    phase = [f for f in files if str(f.get('ContentTime', '')) == first]
    places = [slice_place(f.ImagePositionPatient, f.ImageOrientationPatient) for f in phase]
    order = np.argsort(places)
    if phase[order[0]].InstanceNumber > phase[order[-1]].InstanceNumber:
        order = order[::-1]  # the order of the scanner, which is that of dkm
    return np.stack([phase[i].pixel_array for i in order]).astype(np.float32), np.array(places)[order]


def read_seg(path, places):
    """Any segment's voxels on the slices at PLACES."""
    seg = pydicom.dcmread(path)
    frames = seg.pixel_array.reshape(-1, seg.Rows, seg.Columns)
    shared = seg.SharedFunctionalGroupsSequence[0]
    mask = np.zeros((len(places), seg.Rows, seg.Columns), bool)
    for frame, group in zip(frames, seg.PerFrameFunctionalGroupsSequence):
        source = group if 'PlaneOrientationSequence' in group else shared
        orientation = source.PlaneOrientationSequence[0].ImageOrientationPatient
        place = slice_place(group.PlanePositionSequence[0].ImagePositionPatient, orientation)
        z = int(np.argmin(np.abs(places - place)))
        if abs(places[z] - place) > POSITION_TOLERANCE_MM:
            raise SystemExit(f'{path}: a frame lies on none of the slices')
        mask[z] |= frame > 0
    return mask


def dice(a, b):
    total = a.sum() + b.sum()
    return 2.0 * (a & b).sum() / total if total else 1.0


def smooth(values):
    """Gaussian, separable, borders mirrored."""
    for axis, sigma in enumerate(SIGMA_ZYX):
        radius = max(1, int(4 * sigma + 0.5))
        kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
        kernel /= kernel.sum()
        pad = [(radius, radius) if i == axis else (0, 0) for i in range(3)]
        padded = np.pad(values, pad, mode='symmetric')
        n = values.shape[axis]
        values = sum(k * np.take(padded, range(i, i + n), axis) for i, k in enumerate(kernel))
    return values


def best_threshold_dice(values, truth):
    """The best Dice of `values >= t`, t chosen with the truth."""
    order = np.argsort(-values, axis=None, kind='stable')
    hits = np.cumsum(truth.reshape(-1)[order])
    scores = 2.0 * hits / (np.arange(1, len(hits) + 1) + truth.sum())
    return float(scores.max())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('pre')
    parser.add_argument('truth')
    parser.add_argument('tissue', nargs='?')
    parser.add_argument('--voi', required=True)
    parser.add_argument('--seg', action='append', default=[], help='a segmentation to score as well')
    options = parser.parse_args()
    z0, y0, x0, z1, y1, x1 = map(int, options.voi.split(','))
    box = np.s_[z0:z1, y0:y1, x0:x1]
    values, places = read_phase(options.pre)
    truth = read_seg(options.truth, places)
    smoothed = smooth(values)
    rows = [('best threshold on the smoothed pre-contrast volume, chosen with the truth',
             best_threshold_dice(smoothed[box], truth[box]), best_threshold_dice(smoothed, truth)),
            ('the same without smoothing', best_threshold_dice(values[box], truth[box]),
             best_threshold_dice(values, truth)),
            ('everything', dice(np.ones_like(truth[box]), truth[box]), dice(np.ones_like(truth), truth))]
    for path in filter(None, [options.tissue, *options.seg]):
        mask = read_seg(path, places)
        rows.append((pathlib.Path(path).name, dice(mask[box], truth[box]), dice(mask, truth)))
    print(f'truth: {int(truth.sum())} voxels, {int(truth[box].sum())} of them in the VOI')
    print('in the VOI   whole volume')
    for name, inside, whole in rows:
        print(f'{inside:10.4f}   {whole:12.4f}   {name}')


if __name__ == '__main__':
    main()
