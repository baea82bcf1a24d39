/* What `dkm measure` found, in words and as JSON. Not for: measuring, see core/image. */
#pragma once

#include "core/image/detection.h"
#include "core/image/sites.h"

/* One mask against the truth. */
typedef struct {
    char *name;
    const char *sees; /* "pre-contrast", "the truth", ...; static */
    DkmOverlap whole, voi;
    DkmDetection lesions;
    double false_ml[DKM_SITES]; /* false positives by site, over the whole volume */
} DkmVolumeRow;

/* Single owner of ROWS; the rest is borrowed. */
typedef struct {
    const char *command, *weights_sha256, *device, *truth; /* weights and device NULL: no model */
    const char *voi_from;
    DkmBox voi;
    double least_ml; /* of a lesion */
    double voxel_ml;
    gboolean has_early; /* enhancement is measured: there are vessels */
    GArray *rows;       /* of DkmVolumeRow */
} DkmVolumeReport;

GArray *dkm_volume_rows_new(void);
void dkm_volume_report_print_table(const DkmVolumeReport *report);
void dkm_volume_report_print_json(const DkmVolumeReport *report);
