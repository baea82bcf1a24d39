#include "core/image/tiff-mask.h"

#include "core/error.h"
#include "core/image/tiff-stack.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

enum { MOST_SIDECAR_BYTES = 1 << 16 };
static const double tolerance_mm = 0.01;

/* Three numbers of the array NAME into OUT. */
static gboolean read_three(JsonObject *from, const char *name, double out[3])
{
    JsonNode *node = json_object_get_member(from, name);
    if (!node || !JSON_NODE_HOLDS_ARRAY(node))
        return FALSE;
    JsonArray *array = json_node_get_array(node);
    if (json_array_get_length(array) != 3)
        return FALSE;
    for (guint i = 0; i < 3; i++) {
        JsonNode *element = json_array_get_element(array, i);
        if (!JSON_NODE_HOLDS_VALUE(element))
            return FALSE;
        out[i] = json_node_get_double(element);
    }
    return TRUE;
}

static gboolean read_lattice(JsonObject *from, DkmGrid *grid)
{
    double size[3];
    if (!read_three(from, "size_zyx", size) ||
        !read_three(from, "spacing_zyx_mm", grid->spacing_mm) ||
        !read_three(from, "origin_lps_mm", grid->origin_lps) ||
        !read_three(from, "direction_z_lps", grid->axis_lps[0]) ||
        !read_three(from, "direction_y_lps", grid->axis_lps[1]) ||
        !read_three(from, "direction_x_lps", grid->axis_lps[2]))
        return FALSE;
    for (int a = 0; a < 3; a++)
        grid->n[a] = size[a] >= 1 && size[a] <= 65535 ? (int)size[a] : 0;
    return dkm_grid_is_valid(grid);
}

static gboolean check_sidecar(const char *sidecar, const DkmGrid *grid, GError **error)
{
    g_autofree char *name = g_path_get_basename(sidecar), *text = NULL;
    g_autoptr(JsonParser) parser = json_parser_new();
    gsize length = 0;
    DkmGrid found = {0};
    JsonNode *root = NULL;
    if (g_file_get_contents(sidecar, &text, &length, NULL) && length <= MOST_SIDECAR_BYTES &&
        json_parser_load_from_data(parser, text, (gssize)length, NULL))
        root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root) ||
        !read_lattice(json_node_get_object(root), &found)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s does not hold the lattice of a stack",
                    name);
        return FALSE;
    }
    if (dkm_grid_equal(&found, grid, tolerance_mm))
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                "%s places the mask on another lattice than the images'", name);
    return FALSE;
}

static gboolean fits(const DkmTiffStack *stack, const char *path, const DkmGrid *grid,
                     GError **error)
{
    g_autofree char *name = g_path_get_basename(path);
    if (stack->samples != 1)
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s has %d samples a pixel, a mask has 1",
                    name, stack->samples);
    else if (stack->pages != grid->n[0] || stack->height != grid->n[1] ||
             stack->width != grid->n[2])
        g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                    "%s has %d pages of %d x %d, the images are %d slices of %d x %d (rows, "
                    "columns)",
                    name, stack->pages, stack->height, stack->width, grid->n[0], grid->n[1],
                    grid->n[2]);
    else
        return TRUE;
    return FALSE;
}

static double sample(const DkmTiffStack *stack, gsize i)
{
    if (stack->bits == 8)
        return stack->data[i];
    guint16 count;
    float real;
    if (stack->bits == 16) {
        memcpy(&count, stack->data + i * sizeof count, sizeof count);
        return count;
    }
    memcpy(&real, stack->data + i * sizeof real, sizeof real);
    return (double)real;
}

/* A map of probabilities would be a mask of nearly everything. */
static gboolean is_whole(const DkmTiffStack *stack, const char *path, gsize n, GError **error)
{
    if (stack->bits != 32)
        return TRUE;
    for (gsize i = 0; i < n; i++) {
        const double value = sample(stack, i);
        if (isfinite(value) && floor(value) == value)
            continue;
        g_autofree char *name = g_path_get_basename(path);
        g_set_error(
            error, DKM_ERROR, DKM_ERROR_INPUT,
            "%s holds %g: a mask has whole numbers, and all but 0 count; threshold it first", name,
            value);
        return FALSE;
    }
    return TRUE;
}

DkmMask *dkm_tiff_mask_read(const char *path, const DkmGrid *grid, int label,
                            gboolean *has_geometry, GError **error)
{
    g_autofree char *sidecar = g_strconcat(path, ".json", NULL);
    g_auto(DkmTiffStack) stack = {0};
    *has_geometry = g_file_test(sidecar, G_FILE_TEST_EXISTS);
    if (!dkm_tiff_stack_read_any(path, &stack, error) || !fits(&stack, path, grid, error) ||
        (*has_geometry && !check_sidecar(sidecar, grid, error)))
        return NULL;
    const gsize n = dkm_grid_voxels(grid);
    if (!label && !is_whole(&stack, path, n, error))
        return NULL;
    g_autoptr(DkmMask) mask = dkm_mask_new(grid, error);
    if (!mask)
        return NULL;
    guint8 *out = dkm_mask_slice(mask, 0);
    for (gsize i = 0; i < n; i++) {
        const double value = sample(&stack, i);
        out[i] = label ? value == label : value < 0 || value > 0;
    }
    return g_steal_pointer(&mask);
}
