/* How one module is trained, as options of `dkm train`: told on a command line, in a record, and
 * compared with what a finished file says of itself. Not for: running anything. */
#pragma once

#include "core/net/weights.h"

#include <json-glib/json-glib.h>

/* One long option; VALUE NULL: a switch. Both owned. */
typedef struct {
    char *name, *value;
} DkmAblateOption;

/* Options sorted by name, each once; single owner. */
typedef GArray DkmAblateRecipe; /* of DkmAblateOption */

DkmAblateRecipe *dkm_ablate_recipe_new(void);
/* The members of OBJECT as options, over those of RECIPE: texts, numbers, true for a switch; false
 * and null take an option away. INPUT, naming WHERE and the member: anything else, a name that is
 * no option's, options that the run itself gives (--out, --fold, ...). */
gboolean dkm_ablate_recipe_read(DkmAblateRecipe *recipe, JsonObject *object, const char *where,
                                GError **error);
DkmAblateRecipe *dkm_ablate_recipe_dup(const DkmAblateRecipe *recipe);
void dkm_ablate_recipe_free(DkmAblateRecipe *recipe);

/* The value of option NAME: "" for a switch, NULL where it is not given. */
const char *dkm_ablate_recipe_get(const DkmAblateRecipe *recipe, const char *name);
/* Appends --NAME VALUE ... to WORDS (g_free). */
void dkm_ablate_recipe_add_words(const DkmAblateRecipe *recipe, GPtrArray *words);
/* "dm fold 0: --batch 8 --cosine ...": equal for equal trainings, whatever the machine. g_free. */
char *dkm_ablate_recipe_text(const DkmAblateRecipe *recipe, const char *kind, int fold);
/* Epochs asked for, "dm" or "sm". */
int dkm_ablate_recipe_epochs(const DkmAblateRecipe *recipe, const char *kind);

/* Whether WEIGHTS say of themselves that they were trained so in FOLD. FALSE and INPUT, with the
 * first thing that differs or is not told. How many epochs are done is not asked. */
gboolean dkm_ablate_recipe_matches(const DkmAblateRecipe *recipe, const char *kind, int fold,
                                   const DkmWeights *weights, GError **error);
