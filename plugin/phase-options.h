/* The options by which a person overrides the order and the times of the phases, for every command
 * that reads a study. */
#pragma once

#include "plugin/options.h"
#include "plugin/session.h"

#include "core/series/phase-override.h"

typedef struct {
    char *order, *times; /* as given, or NULL */
} DkmPhaseOptions;

/* Two entries of an array of GOptionEntry. */
#define DKM_PHASE_OPTION_ENTRIES(o)                                                                \
    {"phase-order",                                                                                \
     0,                                                                                            \
     0,                                                                                            \
     G_OPTION_ARG_STRING,                                                                          \
     &(o)->order,                                                                                  \
     "Another order of the phases as found, like 2,1,3 (recorded)",                                \
     "LIST"},                                                                                      \
    {                                                                                              \
        "phase-times", 0, 0, G_OPTION_ARG_STRING, &(o)->times,                                     \
            "When each phase began, like 0,150,450 (recorded)", "SECONDS"                          \
    }

void dkm_phase_options_clear(DkmPhaseOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmPhaseOptions, dkm_phase_options_clear)
/* Replaces *STUDIES by what the options say; nothing where none is given. Errors: USAGE, and those
 * of dkm_studies_override(). */
gboolean dkm_phase_options_apply(const DkmPhaseOptions *options, DkmStudies **studies,
                                 GError **error);
/* The same for a session that is open and has loaded nothing yet; warns, on standard error, of an
 * order that contradicts the clock. */
gboolean dkm_phase_options_apply_to(const DkmPhaseOptions *options, DkmSession *session,
                                    GError **error);
/* Members "order_given" and "times_given" of an object, null where the headers alone told. */
void dkm_phase_options_record(const DkmPhases *phases, JsonBuilder *json);
