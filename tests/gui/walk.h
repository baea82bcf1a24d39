/* The parts of the walk (test-walk.c), and what they share: where things are on the screen, and
 * what each edit should have done to the masks. */
#pragma once

#include "core/grid.h"
#include "tests/gui/person.h"

/* The edit stage's large view and the one across it at the upper right, without the words in their
 * corners. A window of the size that the program chooses. */
#define LARGE ((Area){60, 140, 620, 700})
#define CORONAL ((Area){830, 140, 230, 320})

typedef struct {
    Spot lesion; /* where the large view shows it */
    Spot island; /* where it shows none */
    GArray *signs;
} Walk;

/* --- edits (walk-edits.c) --- */

/* One step to undo, on disk when these return; SIGN of the change of the voxels of all masks: 1
 * more, -1 fewer, 0 as many. */
typedef enum { FEWER = -1, AS_MANY, MORE, UNKNOWN } Sign;
void walk_edit(Walk *walk, const char *key, Sign sign);
void walk_stroke(Walk *walk, const Spot *spots, int n, Sign sign);
/* To another slice, which is seen when this returns. */
void walk_page(const char *key, guint times);
void walk_undo(Walk *walk, guint times);
void walk_redo(Walk *walk, guint times);

/* Every tool of the toolbox and every change of a whole mask. */
void walk_correct(Walk *walk);

/* --- files (walk-files.c) --- */

/* What STUDY's masks were when the program died: read from its journal by the reading itself, which
 * undoes them all, step by step, and compares with the signs. Digest of all of them together;
 * g_free. */
char *walk_left_on_disk(const Walk *walk, const char *study, DkmGrid *grid);
/* The same of the masks of a DICOM SEG. g_free. */
char *walk_exported(const char *path, const DkmGrid *grid);
