/* The hanging protocol: what hangs on the wall in each stage of a reading, by what the study holds,
 * and how the views are arranged. Stages after reading.md's order of reading. No widget. */
#pragma once

#include "gui/pane.h"

G_BEGIN_DECLS

typedef enum {
    DKM_STAGE_OVERVIEW, /* turning projection | subtraction | pre-contrast with masks | map */
    DKM_STAGE_COMPARE,  /* pre | early | late | subtraction, one window */
    DKM_STAGE_KINETICS, /* what was measured beside what was predicted */
    DKM_STAGE_EDIT,     /* one large view and the two planes across it */
    DKM_STAGE_PRIOR,    /* beside an earlier study */
    DKM_STAGE_COUNT,
} DkmStage;

#define DKM_HANGING_MOST 6

/* A value. */
typedef struct {
    guint n;
    DkmPaneSpec panes[DKM_HANGING_MOST];
    gboolean first_is_large; /* the others stand in a column beside it */
} DkmHanging;

const char *dkm_stage_name(DkmStage stage);
/* Fills OUT; FALSE and a person's words in WHY (may be NULL) where the study lacks what STAGE
 * needs. */
gboolean dkm_hanging_stage(const DkmReviewCase *on, DkmStage stage, DkmHanging *out,
                           const char **why);
/* The nearest stage in direction STEP that the study has; STAGE itself where there is none. */
DkmStage dkm_hanging_step(const DkmReviewCase *on, DkmStage stage, int step);

/* Rows (and so columns) for N views of PLANE in WIDTH x HEIGHT: those that show it largest. */
guint dkm_hanging_rows(guint n, const DkmPlane *plane, int width, int height);

/* Where view I of HANGING stands in a wall of the shape of AREA: x, y, width, height. Views lie
 * GAP apart. PLANE: of the acquired slices. */
typedef struct {
    int x, y, width, height;
} DkmTile;
DkmTile dkm_hanging_tile(const DkmHanging *hanging, guint i, const DkmPlane *plane, DkmTile area,
                         int gap);

G_END_DECLS
