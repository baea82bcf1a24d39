/* Maps of one study as DICOM Parametric Maps in a folder. Not for: TIFF, computing them. */
#pragma once

#include "plugin/session.h"

/* Where maps go and what is said of them. Borrowed. */
typedef struct {
    const DkmSession *session;
    const char *folder;     /* is there */
    const char *parameters; /* of the algorithm, or NULL */
} DkmMaps;

/* "probability.dcm", ... static. */
const char *dkm_maps_name(DkmQuantity quantity);
/* Writes VALUES (z, y, x of the study's lattice) as the file of QUANTITY. */
gboolean dkm_maps_write(const DkmMaps *maps, DkmQuantity quantity, const float *values,
                        GCancellable *cancel, GError **error);
/* The same of bytes that stand for 0..1. */
gboolean dkm_maps_write_u8(const DkmMaps *maps, DkmQuantity quantity, const guint8 *values,
                           GCancellable *cancel, GError **error);
