/* A small picture of a study, to know it again in a list: the projection of its early subtraction,
 * or the middle slice where there is nothing to subtract. */
#pragma once

#include "core/series/study.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Pixels. */
#define DKM_THUMBNAIL_WIDTH 192
#define DKM_THUMBNAIL_HEIGHT 128

/* Rows of cairo's RGB24, without gaps; g_free. Blocks, any thread; of the study's volumes nothing
 * stays. Errors as of loading a phase. STUDY has a dce. */
guint32 *dkm_thumbnail_draw(const DkmStudies *studies, const DkmStudy *study, GCancellable *cancel,
                            GError **error);

G_END_DECLS
