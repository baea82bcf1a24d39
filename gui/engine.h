/* The network of one window: the model file, opened at the first run and kept. Its work happens on
 * the engine thread alone (DKM_LANE_ENGINE), one run at a time. */
#pragma once

#include "core/model/pipeline.h"
#include "gui/jobs.h"

G_BEGIN_DECLS

typedef struct _DkmEngine DkmEngine;

DkmEngine *dkm_engine_new(void);
DkmEngine *dkm_engine_ref(DkmEngine *engine);
void dkm_engine_unref(DkmEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmEngine, dkm_engine_unref)

/* Starts a run of the default model on PRE_CONTRAST; DONE gets a DkmResult. The caller drops the
 * job. */
DkmJob *dkm_engine_start(DkmEngine *engine, DkmVolume *pre_contrast, DkmJobDone done,
                         gpointer user);

G_END_DECLS
