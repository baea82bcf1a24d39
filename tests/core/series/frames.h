/* Hand-written tables of headers for the tests of core/series: a dynamic study, told by one
 * function a frame. */
#pragma once

#include "core/frame.h"
#include "tests/support/says.h"

#include <math.h>

/* Changes FRAME, which is slice SLICE of phase PHASE; FALSE leaves it out. */
typedef gboolean (*FrameFill)(DkmFrame *frame, int phase, int slice);

/* An axial slice of 32 x 24 at z = 2 * SLICE mm, with no clock and no number. */
static inline void frame_of(DkmFrame *frame, DkmFrameTable *table, int phase, int slice)
{
    g_autofree char *path = g_strdup_printf("/study/p%d-s%02d.dcm", phase, slice);
    g_autofree char *uid = g_strdup_printf("1.2.3.4.%d.%d", phase + 1, slice + 1);
    dkm_frame_init(frame);
    frame->path = dkm_frame_table_intern(table, path);
    frame->sop_instance_uid = dkm_frame_table_intern(table, uid);
    frame->study_uid = "1.2.3";
    frame->series_uid = "1.2.3.4";
    frame->frame_of_reference_uid = "1.2.3.5";
    frame->modality = "MR";
    frame->image_type = "ORIGINAL\\PRIMARY";
    frame->sop_class_uid = "1.2.840.10008.5.1.4.1.1.4";
    frame->study_date = "20000101";
    frame->series_number = 1;
    frame->position_lps[0] = -8;
    frame->position_lps[1] = -11;
    frame->position_lps[2] = 2.0 * slice;
    for (int k = 0; k < 3; k++) {
        frame->row_lps[k] = k == 0;
        frame->column_lps[k] = k == 1;
    }
    frame->spacing_mm[0] = frame->spacing_mm[1] = 0.7;
    frame->slice_thickness_mm = 2;
    frame->rows = 32;
    frame->columns = 24;
    frame->samples_per_pixel = 1;
    frame->bits_allocated = frame->bits_stored = 16;
    frame->number_of_frames = 1;
    frame->photometric = "MONOCHROME2";
}

/* Appends PHASES x SLICES frames in a scrambled order. */
static inline void frames_add(DkmFrameTable *table, int phases, int slices, FrameFill fill)
{
    const int n = phases * slices;
    int step = 7;
    while (n % step == 0)
        step += 2; /* n and step without a common factor: for n below 1000, step is a prime or 9 */
    for (int i = 0; i < n; i++) {
        const int at = (int)((i * (gint64)step) % n);
        DkmFrame frame;
        frame_of(&frame, table, at / slices, at % slices);
        if (!fill || fill(&frame, at / slices, at % slices))
            dkm_frame_table_add(table, &frame);
    }
}

static inline DkmFrameTable *frames_new(int phases, int slices, FrameFill fill)
{
    DkmFrameTable *table = dkm_frame_table_new();
    frames_add(table, phases, slices, fill);
    return table;
}

/* 0, 1, 2, ...: all frames of TABLE; g_free. */
static inline guint *frames_all(const DkmFrameTable *table)
{
    guint *all = g_new(guint, table->frames->len + 1);
    for (guint i = 0; i < table->frames->len; i++)
        all[i] = i;
    return all;
}

/* Index of the frame of PHASE and SLICE; the table's length where it is not there. */
static inline guint frames_find(const DkmFrameTable *table, int phase, int slice)
{
    g_autofree char *path = g_strdup_printf("/study/p%d-s%02d.dcm", phase, slice);
    guint i = 0;
    while (i < table->frames->len && g_strcmp0(dkm_frame_table_get(table, i)->path, path) != 0)
        i++;
    return i;
}
