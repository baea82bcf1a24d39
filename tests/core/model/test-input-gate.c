/* The sentences, and that a study like those trained on gets none. */
#include "core/model/input-gate.h"

#include <math.h>

static const DkmBrightness unknown[DKM_TRAINED_PHASES] = {{NAN, NAN}, {NAN, NAN}, {NAN, NAN}};

static DkmAcquisition usual(void)
{
    return (DkmAcquisition){.has_header = TRUE,
                            .field_tesla = 1.494,
                            .fat_suppressed = TRUE,
                            .vendor = "GE MEDICAL SYSTEMS",
                            .pixel_mm = {0.703, 0.703},
                            .slice_mm = 2,
                            .slices = 60};
}

static DkmTrainedOn trained(void)
{
    DkmTrainedOn t;
    dkm_trained_on_init(&t);
    DkmAcquisition a = usual();
    const DkmBrightness brightness[DKM_TRAINED_PHASES] = {{-1.5, 2.5}, {-1, 4}, {-1, 4}};
    dkm_trained_on_add(&t, &a, brightness);
    a.field_tesla = 3;
    dkm_trained_on_add(&t, &a, brightness);
    return t;
}

static void expect(const DkmTrainedOn *t, const DkmAcquisition *a,
                   const DkmBrightness brightness[DKM_TRAINED_PHASES], const char *only)
{
    g_autoptr(GPtrArray) findings = dkm_input_gate_find(t, a, brightness);
    g_autoptr(GPtrArray) said = dkm_input_gate_sentences(findings);
    g_assert_cmpuint(said->len, ==, only ? 1 : 0);
    if (only)
        g_assert_cmpstr(said->pdata[0], ==, only);
}

static void test_alike(void)
{
    const DkmTrainedOn t = trained();
    DkmAcquisition a = usual();
    const DkmBrightness same[DKM_TRAINED_PHASES] = {{-1.9, 2.9}, {-1, 4}, {NAN, NAN}};
    expect(&t, &a, same, NULL);
    expect(NULL, &a, same, NULL);
}

static void test_field(void)
{
    const DkmTrainedOn t = trained();
    DkmAcquisition a = usual();
    a.field_tesla = 1;
    expect(&t, &a, unknown, "Field strength 1 T: trained on 1.49 T and 3 T only.");
    expect(NULL, &a, unknown,
           "Field strength 1 T: trained on 1.5 T and 3 T only, by the model card (its file does "
           "not say).");
    a.field_tesla = NAN;
    expect(&t, &a, unknown,
           "The images do not tell the field strength: trained on 1.49 T and 3 T only.");
}

static void test_fat(void)
{
    DkmTrainedOn t = trained();
    DkmAcquisition a = usual();
    a.fat_suppressed = FALSE;
    expect(&t, &a, unknown,
           "The images do not say that fat is suppressed (FS in ScanOptions): trained on "
           "fat-suppressed images only.");
    t.fat_suppressed = 1;
    expect(&t, &a, unknown, NULL);
    t.fat_suppressed = 0;
    expect(&t, &a, unknown, NULL);
    a.fat_suppressed = TRUE;
    expect(&t, &a, unknown, "Fat is suppressed: no image that was trained on says that.");
}

static void test_sizes(void)
{
    const DkmTrainedOn t = trained();
    DkmAcquisition a = usual();
    a.pixel_mm[1] = 1.2;
    expect(&t, &a, unknown, "Pixels of 0.70 x 1.20 mm: trained on 0.70 mm.");
    expect(NULL, &a, unknown,
           "Pixels of 0.70 x 1.20 mm: trained on 0.71 mm, by the model card (its file does not "
           "say).");
    a = usual();
    a.slice_mm = 5;
    expect(&t, &a, unknown, "Slices 5.00 mm apart: trained on 2.00 mm.");
    expect(NULL, &a, unknown, NULL);
}

static void test_vendor(void)
{
    const DkmTrainedOn t = trained();
    DkmAcquisition a = usual();
    g_strlcpy(a.vendor, "Philips", sizeof a.vendor);
    expect(&t, &a, unknown, "Scanner by Philips: trained on images by GE MEDICAL SYSTEMS only.");
    g_strlcpy(a.vendor, "Odd|name", sizeof a.vendor);
    expect(&t, &a, unknown, "Scanner by Odd name: trained on images by GE MEDICAL SYSTEMS only.");
    g_strlcpy(a.vendor, "ge medical systems", sizeof a.vendor);
    expect(&t, &a, unknown, NULL);
}

static void test_brightness(void)
{
    const DkmTrainedOn t = trained();
    const DkmAcquisition a = usual();
    const DkmBrightness bright[DKM_TRAINED_PHASES] = {{-1.5, 3.25}, {-1, 4}, {-1, 4}};
    expect(&t, &a, bright,
           "The brightest 1 % of the pre-contrast voxels lie 3.25 standard deviations from the "
           "foreground's mean: trained on 2.50 to 2.50.");
    expect(NULL, &a, bright, NULL);
}

/* What a file holds is any text: sentences of an earlier version, or damage. */
static void test_what_is_no_finding(void)
{
    static const char *const texts[] = {"",
                                        "|",
                                        "field",
                                        "field|file|1",
                                        "field|file|1|x",
                                        "field|file|1|nan",
                                        "field|file|1|2|3|4|5|6|7|8|9|10",
                                        "fat|file|1",
                                        "vendor|file|A",
                                        "brightest|file|3|1|2|3",
                                        "brightest|file|1|1|2",
                                        "other|file|1",
                                        "Slices 5.00 mm apart: trained on 2.00 mm."};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *words = dkm_input_gate_sentence(texts[i]);
        g_assert_cmpstr(words, ==, texts[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/input-gate/alike", test_alike);
    g_test_add_func("/model/input-gate/field", test_field);
    g_test_add_func("/model/input-gate/fat", test_fat);
    g_test_add_func("/model/input-gate/sizes", test_sizes);
    g_test_add_func("/model/input-gate/vendor", test_vendor);
    g_test_add_func("/model/input-gate/brightness", test_brightness);
    g_test_add_func("/model/input-gate/what-is-no-finding", test_what_is_no_finding);
    return g_test_run();
}
