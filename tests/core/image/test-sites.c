/* A made-up breast: half a ball of dark fat under a bright skin on a chest, with a vessel and a
 * mass that enhance. Front is where LPS y is small, whichever axis that is. */
#include "core/image/sites.h"

#include "core/error.h"
#include "core/philox.h"

#include <math.h>

enum { N = 48, FLAT = 34, RADIUS = 24 }; /* voxels of 2 mm; the chest's skin, the breast's radius */

typedef struct {
    DkmVolume *pre, *early;
    DkmGrid grid;
    gboolean from_end;
} Breast;

/* Voxels from the front, across, along. */
static gsize at(const Breast *b, int d, int i, int j)
{
    return dkm_grid_index(&b->grid, j, b->from_end ? N - 1 - d : d, i);
}

static gboolean in_body(int d, int i, int j)
{
    const double a = FLAT - d, b = i - N / 2, c = j - N / 2;
    return d >= FLAT || a * a + b * b + c * c <= RADIUS * RADIUS;
}

static gboolean in_vessel(int d, int i, int j)
{
    return d == 26 && j == 24 && i >= 10 && i < 24;
}

static gboolean in_mass(int d, int i, int j)
{
    return (d - 26) * (d - 26) + (i - 32) * (i - 32) + (j - 24) * (j - 24) <= 16;
}

static void set_up(Breast *b, gconstpointer from_end)
{
    b->from_end = from_end != NULL;
    const double y = b->from_end ? -1 : 1;
    b->grid = (DkmGrid){
        .n = {N, N, N}, .spacing_mm = {2, 2, 2}, .axis_lps = {{0, 0, y}, {0, y, 0}, {1, 0, 0}}};
    guint16 *pre = g_new(guint16, dkm_grid_voxels(&b->grid)),
            *early = g_new(guint16, dkm_grid_voxels(&b->grid));
    for (int d = 0; d < N; d++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                const gsize v = at(b, d, i, j);
                const gboolean body = in_body(d, i, j), skin = body && !in_body(d - 2, i, j);
                const double noise = 4 * dkm_philox_uniform(1, v, 55);
                const gboolean takes_up = in_vessel(d, i, j) || in_mass(d, i, j);
                pre[v] = (guint16)((skin ? 80 : takes_up ? 60 : body ? 8 : 4) + noise);
                early[v] = (guint16)(takes_up ? 150 : pre[v]);
            }
    b->pre = dkm_volume_new_take(&b->grid, pre, FALSE, NULL, NULL);
    b->early = dkm_volume_new_take(&b->grid, early, FALSE, NULL, NULL);
}

static void tear_down(Breast *b, gconstpointer from_end)
{
    dkm_volume_unref(b->pre);
    dkm_volume_unref(b->early);
}

static void test_sites(Breast *b, gconstpointer from_end)
{
    static const struct {
        int d, i, j;
        DkmSite site;
    } rows[] = {{2, 24, 24, DKM_SITE_AIR},     {20, 2, 2, DKM_SITE_AIR},
                {11, 24, 24, DKM_SITE_NIPPLE}, {13, 26, 24, DKM_SITE_NIPPLE},
                {20, 24, 43, DKM_SITE_SKIN},   {34, 2, 2, DKM_SITE_SKIN},
                {26, 14, 24, DKM_SITE_VESSEL}, {26, 32, 24, DKM_SITE_ENHANCING},
                {28, 24, 34, DKM_SITE_OTHER},  {46, 24, 24, DKM_SITE_CHEST}};
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *with = dkm_sites_find(b->pre, b->early, &error);
    g_assert_no_error(error);
    g_autofree guint8 *without = dkm_sites_find(b->pre, NULL, &error);
    g_assert_no_error(error);
    for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
        const gsize v = at(b, rows[r].d, rows[r].i, rows[r].j);
        const gboolean enhances =
            rows[r].site == DKM_SITE_VESSEL || rows[r].site == DKM_SITE_ENHANCING;
        g_assert_cmpstr(dkm_site_name(with[v]), ==, dkm_site_name(rows[r].site));
        g_assert_cmpuint(without[v], ==, enhances ? DKM_SITE_OTHER : rows[r].site);
    }
}

static void test_nobody(void)
{
    const DkmGrid grid = {
        .n = {4, 8, 8}, .spacing_mm = {2, 2, 2}, .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmVolume) empty =
        dkm_volume_new_take(&grid, g_new0(guint16, 256), FALSE, NULL, NULL);
    g_assert_null(dkm_sites_find(empty, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/sites/front-first", Breast, NULL, set_up, test_sites, tear_down);
    g_test_add("/sites/front-last", Breast, GINT_TO_POINTER(1), set_up, test_sites, tear_down);
    g_test_add_func("/sites/nobody", test_nobody);
    return g_test_run();
}
