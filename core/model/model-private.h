/* A model's insides, for model.c and pipeline.c alone. */
#pragma once

#include "core/model/engine.h"
#include "core/model/lattice.h"
#include "core/model/network.h"
#include "core/model/normalise.h"
#include "core/model/pipeline.h"
#include "core/net/dtype.h"
#include "core/net/weights.h"

struct _DkmModel {
    DkmEngine engine;
    DkmWeights *weights;
    DkmParams *params;
    char *device; /* described */
    /* from the metadata */
    DkmPreset preset;
    DkmNormaliseRule rule;
    double pixel_mm;
    float threshold;
    guint64 noise_seed;
    int noise_fields;
    DkmPrecision precision;
    DkmScales *scales; /* NULL: not calibrated */
    int batch;         /* dkm_model_set_batch() */
    /* the network of the last run: kept for the next one on the same lattice */
    DkmNetwork *network;
    DkmNetworkShape planned;
};

/* What its networks run in int8 by; NULL where they do not. */
const DkmScales *dkm_model_scales_in_use(const DkmModel *model);
/* Hex, g_free: of the calibration that a run uses; NULL where it uses none. */
char *dkm_model_scales_sha256(const DkmModel *model);
