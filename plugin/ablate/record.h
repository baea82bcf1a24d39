/* The record of one training, a JSON file beside its model: what ran, when, how long, what came
 * out. Not for: measurements, which are the evaluation's. */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

/* Single owner; all texts owned, NULL where not known. */
typedef struct {
    char *recipe;         /* dkm_ablate_recipe_text() */
    char *weights_sha256; /* of the finished file */
    char *dm_sha256;      /* SM: of the diffusion module's file that it was trained on */
    char *history;        /* of the finished file: a line an epoch */
    char *trained_on;
    gint64 seed;
    int fold;
    gboolean is_done;
    GPtrArray *runs; /* of JsonObject: command, started, seconds, status */
} DkmAblateRecord;

DkmAblateRecord *dkm_ablate_record_new(void);
void dkm_ablate_record_free(DkmAblateRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmAblateRecord, dkm_ablate_record_free)

/* NULL without an error where PATH is not there; INPUT where it is no record. */
DkmAblateRecord *dkm_ablate_record_load(const char *path, GError **error);
/* Errors: OUTPUT. */
gboolean dkm_ablate_record_save(const DkmAblateRecord *record, const char *path, GError **error);

/* A run of COMMAND that begins now, and how the last one ended. */
void dkm_ablate_record_begin(DkmAblateRecord *record, const char *command);
void dkm_ablate_record_end(DkmAblateRecord *record, double seconds, int status);
/* Of all runs together. */
double dkm_ablate_record_seconds(const DkmAblateRecord *record);

/* "git describe" of the sources at build, or "unknown". */
const char *dkm_ablate_commit(void);
