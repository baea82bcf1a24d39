#include "core/series/set-aside.h"

#include "tests/core/series/frames.h"

#include <string.h>

/* One frame's names, and what the reason holds; NULL: nothing speaks against it. */
typedef struct {
    const char *image_type, *description, *says;
} Named;

static const Named named[] = {
    {"ORIGINAL\\PRIMARY", NULL, NULL},
    {"ORIGINAL\\PRIMARY\\M\\ND\\NORM", "t1_fl3d_tra_dynaVIEWS_spair", NULL},
    {"ORIGINAL\\PRIMARY\\OTHER", "Dynamic-3dfgre", NULL},
    {"MIXED\\PRIMARY", "dyn", NULL},
    {NULL, NULL, NULL},
    {"ORIGINAL\\PRIMARY", "Ph2/Ax Vibrant MPH", NULL},
    /* words that only look alike */
    {"ORIGINAL\\PRIMARY", "SUBTLE T1 LOCAL MIPPED", NULL},
    {"ORIGINAL\\PRIMARY", "PE SER", NULL}, /* maps' names count only in a derived image */
    /* derived */
    {"DERIVED\\PRIMARY", NULL, "derived (ImageType DERIVED\\PRIMARY)"},
    {"DERIVED\\PRIMARY\\DCE\\PE1", NULL, "percent enhancement map"},
    {"DERIVED\\SECONDARY\\DCE\\SER", NULL, "signal enhancement ratio map"},
    {"DERIVED\\PRIMARY", "SUB 2-1", "subtraction"},
    {"DERIVED\\SECONDARY", "PE2 map", "percent enhancement map"},
    /* by ImageType */
    {"ORIGINAL\\PRIMARY\\M\\SUB", NULL, "subtraction (ImageType ORIGINAL\\PRIMARY\\M\\SUB)"},
    {"ORIGINAL\\PRIMARY\\PROJECTION IMAGE", NULL, "projection"},
    {"ORIGINAL\\PRIMARY\\MIP", NULL, "maximum intensity projection"},
    {"ORIGINAL\\PRIMARY\\LOCALIZER", NULL, "localizer"},
    /* by SeriesDescription */
    {"ORIGINAL\\PRIMARY", "t1_fl3d_SUB", "subtraction (by its SeriesDescription)"},
    {"ORIGINAL\\PRIMARY", "dyn_sub3", "subtraction"},
    {"ORIGINAL\\PRIMARY", "Subtraction images", "subtraction"},
    {"ORIGINAL\\PRIMARY", "AX MIP post", "maximum intensity projection"},
    {"ORIGINAL\\PRIMARY", "MPR sag", "reformatted"},
    {"ORIGINAL\\PRIMARY", "3-plane LOC", "localizer"},
    {"ORIGINAL\\PRIMARY", "scout", "localizer"},
    {"ORIGINAL\\PRIMARY", "SURVEY", "localizer"},
    {"ORIGINAL\\PRIMARY", "Pre-Scan", "calibration"},
    {"ORIGINAL\\PRIMARY", "CSA Report", "report"},
    {"ORIGINAL\\PRIMARY", "DWI b800", "diffusion"},
    {"ORIGINAL\\PRIMARY", "(5/1/30)-(4/1/30)", "subtraction (named like"},
    {"ORIGINAL\\PRIMARY", "x (5/1/30) - (4/1/30)", "subtraction"},
    {"ORIGINAL\\PRIMARY", "VIBRANT (5/1/30)", NULL},
    {"ORIGINAL\\PRIMARY", "(5/1)-(4/1)", NULL},
    {"ORIGINAL\\PRIMARY", "(5/1/30)-(4/1/30", NULL},
    {"ORIGINAL\\PRIMARY", "(", NULL},
};

static void test_names(void)
{
    g_autoptr(DkmFrameTable) table = frames_new(1, 1, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(named); i++) {
        DkmFrame frame = *dkm_frame_table_get(table, 0);
        frame.image_type = named[i].image_type;
        frame.series_description = named[i].description;
        g_autofree char *reason = dkm_frame_set_aside_reason(&frame);
        g_test_message("%s / %s", named[i].image_type, named[i].description);
        if (named[i].says)
            assert_says(reason, named[i].says);
        else
            g_assert_cmpstr(reason, ==, NULL);
    }
}

static void test_objects(void)
{
    static const struct {
        const char *sop_class, *modality, *says;
    } rows[] = {
        {"1.2.840.10008.5.1.4.1.1.4", "MR", NULL},
        {"1.2.840.10008.5.1.4.1.1.4", NULL, NULL},
        {"1.2.840.10008.5.1.4.1.1.4.1", "MR", NULL},
        {"1.2.840.10008.5.1.4.1.1.4.4", "MR", NULL},
        {"1.2.840.10008.5.1.4.1.1.4.2", "MR", "spectroscopy"},
        {"1.2.840.10008.5.1.4.1.1.66.4", "SEG", "segmentation (SEG)"},
        {"1.2.840.10008.5.1.4.1.1.66", "MR", "raw data"},
        {"1.2.840.10008.5.1.4.1.1.30", "MR", "parametric map"},
        {"1.2.840.10008.5.1.4.1.1.7", "MR", "secondary capture"},
        {"1.2.840.10008.5.1.4.1.1.2", "CT", "modality CT, not MR"},
        {"1.2.840.10008.5.1.4.1.1.4", "PT", "modality PT, not MR"},
        {"1.2.3", "MR", "not an MR image (SOP class 1.2.3)"},
        {NULL, "MR", "no SOP class"},
    };
    g_autoptr(DkmFrameTable) table = frames_new(1, 1, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        DkmFrame frame = *dkm_frame_table_get(table, 0);
        frame.sop_class_uid = rows[i].sop_class;
        frame.modality = rows[i].modality;
        g_autofree char *reason = dkm_frame_set_aside_reason(&frame);
        if (rows[i].says)
            assert_says(reason, rows[i].says);
        else
            g_assert_cmpstr(reason, ==, NULL);
    }
}

static void test_sequence_and_colour(void)
{
    g_autoptr(DkmFrameTable) table = frames_new(1, 1, NULL);
    DkmFrame frame = *dkm_frame_table_get(table, 0);
    frame.scanning_sequence = "GR\\IR";
    g_autofree char *gradient = dkm_frame_set_aside_reason(&frame);
    g_assert_null(gradient);
    frame.scanning_sequence = "SE\\EP";
    g_autofree char *planar = dkm_frame_set_aside_reason(&frame);
    assert_says(planar, "echo-planar");
    frame.scanning_sequence = NULL;
    frame.samples_per_pixel = 3;
    g_autofree char *colour = dkm_frame_set_aside_reason(&frame);
    assert_says(colour, "colour");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/set-aside/names", test_names);
    g_test_add_func("/set-aside/objects", test_objects);
    g_test_add_func("/set-aside/sequence-and-colour", test_sequence_and_colour);
    return g_test_run();
}
