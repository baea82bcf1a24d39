/* pydicom and SimpleITK on the files of `dkm bench read`, in the same run: a Python script reads
 * them and says its CPU time. */
#pragma once

#include "plugin/bench/bench.h"

enum { DKM_READ_FOLDERS = 2 };

/* What was read, and how long ours took, in seconds of CPU, the best of several runs: of a folder
 * of slices from nothing to volumes, headers and order included, as theirs. All borrowed. */
typedef struct {
    const char *pixels[DKM_READ_FOLDERS]; /* folders of slices */
    const char *what[DKM_READ_FOLDERS];   /* "180 slices 256x256" */
    double pixel_seconds[DKM_READ_FOLDERS];
    const char *headers;
    double header_seconds;
} DkmReadRace;

/* Appends a row for each library and folder; or one that says who could not be asked. */
gboolean dkm_bench_read_peers(DkmBench *bench, const DkmReadRace *race, GError **error);
