#include "core/learn/cases.h"

#include "core/error.h"
#include "core/image/tiff-stack.h"
#include "core/regular-file.h"

#include <math.h>
#include <string.h>

enum { MAX_TABLE_BYTES = 16 << 20 };

void dkm_case_free(DkmCase *c)
{
    if (!c)
        return;
    g_free(c->name);
    for (int i = 0; i < DKM_PHASE_KINDS; i++)
        g_clear_pointer(&c->phase[i], dkm_volume_unref);
    g_clear_pointer(&c->mask, dkm_mask_unref);
    g_free(c);
}

static gboolean same_size(const DkmGrid *a, const DkmGrid *b)
{
    return memcmp(a->n, b->n, sizeof a->n) == 0;
}

DkmCase *dkm_case_new(const char *name, DkmVolume *const phases[DKM_PHASE_KINDS], DkmMask *mask,
                      DkmNormaliseRule rule, GError **error)
{
    g_autoptr(DkmCase) c = g_new0(DkmCase, 1);
    c->name = g_strdup(name);
    c->mask = dkm_mask_ref(mask);
    c->rule = rule;
    for (int i = 0; i < DKM_PHASE_KINDS; i++) {
        c->phase[i] = dkm_volume_ref(phases[i]);
        if (!same_size(dkm_volume_grid(phases[i]), dkm_mask_grid(mask))) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                        "case %s: its phases and its mask differ in size", name);
            return NULL;
        }
    }
    if (!dkm_normalisation_measure(c->phase[DKM_PHASE_PRE], rule, &c->normalisation, error)) {
        g_prefix_error(error, "case %s: ", name);
        return NULL;
    }
    c->acquisition = dkm_acquisition_read(NULL, dkm_mask_grid(mask));
    return g_steal_pointer(&c);
}

/* A row of cases.csv. */
typedef struct {
    const char *name;
    int slices;
    double pixel_mm, slice_mm;
} Row;

static DkmGrid stack_grid(const DkmTiffStack *stack, const Row *row)
{
    return (DkmGrid){.n = {stack->pages, stack->height, stack->width},
                     .spacing_mm = {row->slice_mm, row->pixel_mm, row->pixel_mm},
                     .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
}

static DkmVolume *take_phase(const DkmTiffStack *stack, const DkmGrid *grid, int sample)
{
    const gsize n = dkm_grid_voxels(grid);
    guint16 *values = g_new(guint16, n);
    for (gsize i = 0; i < n; i++)
        values[i] = stack->data[i * (gsize)stack->samples + (gsize)sample];
    return dkm_volume_new_take(grid, values, FALSE, NULL, NULL);
}

static DkmMask *take_mask(const DkmTiffStack *stack, const DkmGrid *grid, GError **error)
{
    DkmMask *mask = dkm_mask_new(grid, error);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    for (int z = 0; mask && z < grid->n[0]; z++) {
        guint8 *slice = dkm_mask_slice(mask, z);
        for (gsize i = 0; i < n; i++)
            slice[i] = stack->data[((gsize)z * n + i) * (gsize)stack->samples] != 0;
    }
    return mask;
}

static gboolean read_stack(const char *folder, const Row *row, const char *ending, int samples,
                           DkmTiffStack *stack, GError **error)
{
    g_autofree char *file = g_strconcat(row->name, ending, NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    if (!dkm_tiff_stack_read(path, stack, error))
        return FALSE;
    if (stack->pages == row->slices && stack->samples == samples)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                "%s: %d pages of %d samples, expected %d pages of %d", file, stack->pages,
                stack->samples, row->slices, samples);
    return FALSE;
}

static DkmCase *load_stack(const char *folder, const Row *row, DkmNormaliseRule rule,
                           GError **error)
{
    g_auto(DkmTiffStack) images = {0}, labels = {0};
    if (!read_stack(folder, row, ".tif", DKM_PHASE_KINDS, &images, error) ||
        !read_stack(folder, row, "-mask.tif", 1, &labels, error))
        return NULL;
    const DkmGrid grid = stack_grid(&images, row), label_grid = stack_grid(&labels, row);
    g_autoptr(DkmMask) mask = take_mask(&labels, &label_grid, error);
    if (!mask)
        return NULL;
    DkmVolume *phases[DKM_PHASE_KINDS];
    for (int i = 0; i < DKM_PHASE_KINDS; i++)
        phases[i] = take_phase(&images, &grid, i);
    DkmCase *c = dkm_case_new(row->name, phases, mask, rule, error);
    for (int i = 0; i < DKM_PHASE_KINDS; i++)
        dkm_volume_unref(phases[i]);
    return c;
}

/* Index of COLUMN in the header HEADER, or -1. */
static int find_column(char **header, const char *column)
{
    for (int i = 0; header[i]; i++)
        if (strcmp(g_strstrip(header[i]), column) == 0)
            return i;
    return -1;
}

enum { COLUMN_CASE, COLUMN_SLICES, COLUMN_PIXEL, COLUMN_SLICE, COLUMNS };
static const char *const column_names[COLUMNS] = {"case", "slices", "pixel_mm", "slice_mm"};

static gboolean find_columns(const char *line, int place[COLUMNS], const char *path, GError **error)
{
    g_auto(GStrv) header = g_strsplit(line, ",", -1);
    for (int i = 0; i < COLUMNS; i++) {
        place[i] = find_column(header, column_names[i]);
        if (place[i] < 0) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s has no column \"%s\"", path,
                        column_names[i]);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean load_row(const char *folder, char **cells, const int place[COLUMNS],
                         DkmNormaliseRule rule, GPtrArray *cases, GError **error)
{
    const int n = (int)g_strv_length(cells);
    for (int i = 0; i < COLUMNS; i++)
        if (place[i] >= n) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s: a row of cases.csv is too short",
                        folder);
            return FALSE;
        }
    const Row row = {.name = cells[place[COLUMN_CASE]],
                     .slices = (int)g_ascii_strtoll(cells[place[COLUMN_SLICES]], NULL, 10),
                     .pixel_mm = g_ascii_strtod(cells[place[COLUMN_PIXEL]], NULL),
                     .slice_mm = g_ascii_strtod(cells[place[COLUMN_SLICE]], NULL)};
    if (strchr(row.name, '/') || !(row.pixel_mm > 0) || !(row.slice_mm > 0)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s: cases.csv holds no case in \"%s\"",
                    folder, row.name);
        return FALSE;
    }
    DkmCase *c = load_stack(folder, &row, rule, error);
    if (!c)
        return FALSE;
    g_ptr_array_add(cases, c);
    return TRUE;
}

gboolean dkm_cases_load_stacks(const char *folder, DkmNormaliseRule rule, GPtrArray *cases,
                               GError **error)
{
    g_autofree char *path = g_build_filename(folder, "cases.csv", NULL);
    g_autofree char *text = dkm_regular_file_read(path, MAX_TABLE_BYTES, DKM_ERROR_INPUT, error);
    if (!text) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    int place[COLUMNS];
    if (!find_columns(lines[0] ? lines[0] : "", place, path, error))
        return FALSE;
    const guint before = cases->len;
    for (int i = 1; lines[i]; i++) {
        if (*g_strstrip(lines[i]) == '\0')
            continue;
        g_auto(GStrv) cells = g_strsplit(lines[i], ",", -1);
        if (!load_row(folder, cells, place, rule, cases, error))
            return FALSE;
    }
    if (cases->len == before)
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s lists no case", path);
    return cases->len > before;
}

gboolean dkm_cases_same_pixels(const GPtrArray *cases, GError **error)
{
    double first_mm = 0;
    for (guint i = 0; i < cases->len; i++) {
        const DkmCase *c = g_ptr_array_index(cases, i);
        const DkmGrid *grid = dkm_mask_grid(c->mask);
        first_mm = i == 0 ? grid->spacing_mm[1] : first_mm;
        if (fabs(grid->spacing_mm[1] / first_mm - 1) <= 0.02 &&
            fabs(grid->spacing_mm[2] / first_mm - 1) <= 0.02)
            continue;
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    "case %s has pixels of %.3f x %.3f mm, the first case %.3f mm: resample it",
                    c->name, grid->spacing_mm[1], grid->spacing_mm[2], first_mm);
        return FALSE;
    }
    return TRUE;
}

GArray *dkm_cases_samples(const GPtrArray *cases, const DkmSplit *split, DkmSplitRole role)
{
    GArray *samples = g_array_new(FALSE, FALSE, sizeof(DkmSample));
    for (guint i = 0; i < cases->len; i++) {
        const DkmCase *c = g_ptr_array_index(cases, i);
        if (dkm_split_role(split, c->name) != role)
            continue;
        for (int z = 0; z < dkm_mask_grid(c->mask)->n[0]; z++)
            g_array_append_val(samples, ((DkmSample){c, z}));
    }
    return samples;
}

void dkm_cases_spread(GArray *samples, int n)
{
    const guint wanted = MIN((guint)MAX(n, 0), samples->len), have = samples->len;
    for (guint i = 0; i < wanted; i++)
        g_array_index(samples, DkmSample, i) =
            g_array_index(samples, DkmSample, (guint)((guint64)i * have / wanted));
    g_array_set_size(samples, wanted);
}

GArray *dkm_cases_validation(const GPtrArray *cases, const DkmSplit *split, int n)
{
    GArray *all = dkm_cases_samples(cases, split, DKM_SPLIT_VALIDATION);
    dkm_cases_spread(all, n);
    return all;
}
