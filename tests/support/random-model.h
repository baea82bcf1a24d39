/* A complete model file of tiny networks with random weights: what a test needs where the shipped
 * weights do not matter. */
#pragma once

#include <glib.h>

/* Metadata of a good file of preset tiny-k2, NULL-terminated. */
extern const char *const random_model_meta[];

/* Writes it to PATH; META as dkm_weights_save() takes it, and its "input" as it says. The same
 * bytes every time. */
void random_model_write(const char *path, const char *const *meta);
/* The same, its weights SCALE times as large. */
void random_model_write_scaled(const char *path, const char *const *meta, float scale);

/* One in a folder of its own, which the environment (DKM_MODEL) names instead of the shipped one.
 * random_model_stop() takes it away, where there is one. */
void random_model_start(void);
void random_model_stop(void);
