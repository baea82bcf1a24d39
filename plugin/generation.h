/* What `dkm evaluate` does with a diffusion module: how well it predicts the late phase, in one
 * step from several noise levels and by chains, beside predictors without a network. */
#pragma once

#include <gio/gio.h>

/* All borrowed. */
typedef struct {
    const char *path, *command;     /* the file; the command as typed */
    const char *device, *precision; /* NULL: auto; f32 */
    int threads, slices;            /* slices: at most so many, spread evenly; 0: all */
    char **folders;                 /* of cases: dkm_training_cases_load() */
    gboolean json;
} DkmGenerationRequest;

/* TRUE where the file at PATH holds a diffusion module and no segmentation module. */
gboolean dkm_generation_is_alone(const char *path);
/* Measures the patients that were held out by the file's own split, and prints. Errors: MODEL,
 * INPUT, USAGE, the device's. */
gboolean dkm_generation_evaluate(const DkmGenerationRequest *request, GCancellable *cancel,
                                 GError **error);
