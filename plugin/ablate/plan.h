/* A plan of `dkm ablate`: what is trained and compared, as data. README.md says what a plan file
 * holds. Once read, nothing changes but the row that others are compared with; single owner. */
#pragma once

#include "plugin/ablate/recipe.h"

/* A diffusion module that rows share. */
typedef struct {
    char *name; /* also of its files: a-z, 0-9, '-', '.' */
    DkmAblateRecipe *recipe;
} DkmAblateDiffusion;

/* A row of the table. */
typedef struct {
    char *name, *slug; /* the name as file names have it */
    char *control;     /* what the row is for, a sentence; NULL */
    int diffusion;     /* index, -1: none */
    DkmAblateRecipe *recipe;
} DkmAblateRow;

typedef struct {
    char *name, *note; /* note: a sentence below the table, NULL */
    char **cases;
    GArray *folds;     /* of int */
    GArray *diffusion; /* of DkmAblateDiffusion */
    GArray *rows;      /* of DkmAblateRow */
    int baseline;      /* row that others are compared with; -1: none */
} DkmAblatePlan;

/* Errors INPUT, each naming the member that is missing, unknown or of the wrong kind. */
DkmAblatePlan *dkm_ablate_plan_load(const char *path, GError **error);
DkmAblatePlan *dkm_ablate_plan_parse(const char *text, GError **error);
/* Row NAME is the one that others are compared with, whatever the plan says. Errors: USAGE. */
gboolean dkm_ablate_plan_compare_with(DkmAblatePlan *plan, const char *name, GError **error);
/* The folds that TEXT names, "0,2", of those of PLAN; NULL: all of them. g_array_unref.
 * Errors: USAGE. */
GArray *dkm_ablate_plan_pick_folds(const DkmAblatePlan *plan, const char *text, GError **error);
void dkm_ablate_plan_free(DkmAblatePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmAblatePlan, dkm_ablate_plan_free)

const DkmAblateRow *dkm_ablate_plan_row(const DkmAblatePlan *plan, guint i);
const DkmAblateDiffusion *dkm_ablate_plan_diffusion(const DkmAblatePlan *plan, guint i);

gboolean dkm_ablate_has_fold(const GArray *folds, int fold);

/* "B1 f3+f4" as "b1-f3-f4": a-z, 0-9, '.', and one '-' for all else. g_free. */
char *dkm_ablate_slug(const char *name);
