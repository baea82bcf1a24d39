#include "core/frame.h"

#include <math.h>

void dkm_frame_init(DkmFrame *frame)
{
    *frame = (DkmFrame){.rescale_slope = 1};
    int *const ints[] = {
        &frame->series_number,
        &frame->instance_number,
        &frame->acquisition_number,
        &frame->temporal_position,
        &frame->number_of_temporal_positions,
        &frame->images_in_acquisition,
    };
    for (guint i = 0; i < G_N_ELEMENTS(ints); i++)
        *ints[i] = DKM_ABSENT_INT;
    double *const reals[] = {
        &frame->spacing_mm[0],       &frame->spacing_mm[1],      &frame->slice_thickness_mm,
        &frame->window_center,       &frame->window_width,       &frame->trigger_time_ms,
        &frame->acquisition_time_s,  &frame->content_time_s,     &frame->series_time_s,
        &frame->temporal_resolution, &frame->repetition_time_ms, &frame->acquisition_datetime_s,
        &frame->philips_scale,       &frame->echo_time_ms,       &frame->flip_angle_deg,
        &frame->field_strength,
    };
    for (guint i = 0; i < G_N_ELEMENTS(reals); i++)
        *reals[i] = NAN;
    for (int k = 0; k < 3; k++)
        frame->position_lps[k] = frame->row_lps[k] = frame->column_lps[k] = NAN;
}

DkmFrameTable *dkm_frame_table_new(void)
{
    DkmFrameTable *table = g_new0(DkmFrameTable, 1);
    g_atomic_ref_count_init(&table->refs);
    table->texts = g_string_chunk_new(4096);
    table->frames = g_array_new(FALSE, FALSE, sizeof(DkmFrame));
    table->notes = g_array_new(FALSE, FALSE, sizeof(DkmFileNote));
    return table;
}

DkmFrameTable *dkm_frame_table_ref(DkmFrameTable *table)
{
    g_atomic_ref_count_inc(&table->refs);
    return table;
}

void dkm_frame_table_unref(DkmFrameTable *table)
{
    if (!table || !g_atomic_ref_count_dec(&table->refs))
        return;
    g_array_unref(table->frames);
    g_array_unref(table->notes);
    g_string_chunk_free(table->texts);
    g_free(table);
}

const char *dkm_frame_table_intern(DkmFrameTable *table, const char *text)
{
    return text && *text ? g_string_chunk_insert_const(table->texts, text) : NULL;
}

void dkm_frame_table_add(DkmFrameTable *table, const DkmFrame *frame)
{
    g_array_append_vals(table->frames, frame, 1);
}

void dkm_frame_table_note(DkmFrameTable *table, DkmFileFate fate, const char *path,
                          const char *study_uid, const char *series_uid, const char *reason)
{
    const DkmFileNote note = {
        .fate = fate,
        .path = dkm_frame_table_intern(table, path),
        .reason = dkm_frame_table_intern(table, reason),
        .study_uid = dkm_frame_table_intern(table, study_uid),
        .series_uid = dkm_frame_table_intern(table, series_uid),
    };
    g_array_append_val(table->notes, note);
}
