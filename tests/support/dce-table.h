/* A hand-written table of headers: one dynamic series, told apart by ContentTime. For tests of what
 * stands above core/series. */
#pragma once

#include "core/series/study.h"
#include "core/volume.h"

/* SLICES sagittal slices of 32 x 24, PHASES of them 100 s apart, of a patient NAME. Text NULL:
 * absent. */
static inline DkmStudies *dce_studies(int slices, int phases, const char *name, const char *date)
{
    g_autoptr(DkmFrameTable) table = dkm_frame_table_new();
    for (int i = 0; i < slices * phases; i++) {
        g_autofree char *path = g_strdup_printf("/study/%04d.dcm", i);
        g_autofree char *uid = g_strdup_printf("1.2.3.4.%d", i + 1);
        DkmFrame frame;
        dkm_frame_init(&frame);
        frame.path = dkm_frame_table_intern(table, path);
        frame.sop_instance_uid = dkm_frame_table_intern(table, uid);
        frame.study_uid = "1.2.3";
        frame.series_uid = "1.2.3.4";
        frame.frame_of_reference_uid = "1.2.3.5";
        frame.modality = "MR";
        frame.image_type = "ORIGINAL\\PRIMARY";
        frame.sop_class_uid = "1.2.840.10008.5.1.4.1.1.4";
        frame.patient_name = name;
        frame.study_date = date;
        frame.series_number = 1;
        frame.instance_number = i + 1;
        frame.position_lps[0] = 50 - 2.0 * (i % slices);
        frame.position_lps[1] = -10;
        frame.position_lps[2] = 20;
        for (int k = 0; k < 3; k++) {
            frame.row_lps[k] = k == 1;
            frame.column_lps[k] = k == 2 ? -1 : 0;
        }
        frame.spacing_mm[0] = frame.spacing_mm[1] = 0.7;
        frame.slice_thickness_mm = 2;
        frame.rows = 32;
        frame.columns = 24;
        frame.samples_per_pixel = 1;
        frame.bits_allocated = frame.bits_stored = 16;
        frame.number_of_frames = 1;
        frame.photometric = "MONOCHROME2";
        frame.content_time_s = 36000 + 100.0 * (i / slices);
        dkm_frame_table_add(table, &frame);
    }
    return dkm_studies_new(table);
}

/* A volume of VALUE on GRID. */
static inline DkmVolume *dce_volume(const DkmGrid *grid, gint16 value)
{
    gint16 *samples = g_new(gint16, dkm_grid_voxels(grid));
    for (gsize i = 0; i < dkm_grid_voxels(grid); i++)
        samples[i] = value;
    return dkm_volume_new_take(grid, samples, TRUE, NULL, NULL);
}
