/* What stands in the corners of a view and the letters of its upper and lower side: laid out by
 * what the words measure, so that nothing is printed over something else however narrow a view is
 * and however long a language. */
#include "gui/annotations-private.h"

#include "core/image/projection.h"
#include "gui/beside.h"
#include "gui/i18n.h"
#include "gui/words.h"

#include <math.h>

#define MOST_LINES 8

/* Lines below each other, at the left or the right edge. */
typedef struct {
    Text lines[MOST_LINES];
    char *owned[MOST_LINES];
    guint n;
    double room;
    Size size;
} Block;

static void block_clear(Block *block)
{
    for (guint i = 0; i < block->n; i++)
        g_free(block->owned[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Block, block_clear)

/* Takes WORDS; NULL adds nothing. A title is cut where it is too long, other words wrap. */
static void add_line(Block *block, Ink ink, const char *font, char *words)
{
    if (!words || !*words || block->n == MOST_LINES) {
        g_free(words);
        return;
    }
    block->owned[block->n] = words;
    block->lines[block->n++] = (Text){.ink = ink,
                                      .font = font,
                                      .text = words,
                                      .room = block->room,
                                      .wraps = g_str_equal(font, FONT_TEXT)};
}

static void measure_block(const DkmAnnotations *self, cairo_t *cr, Block *block)
{
    for (guint i = 0; i < block->n; i++) {
        const Size line = dkm_annotations_measure(self, cr, &block->lines[i]);
        block->size.width = MAX(block->size.width, line.width);
        block->size.height += line.height;
    }
}

static void draw_block(const DkmAnnotations *self, cairo_t *cr, const Block *block, Place place)
{
    for (guint i = 0; i < block->n; i++)
        place.y += dkm_annotations_put(self, cr, place, &block->lines[i]).height;
}

/* --- what and when ---------------------------------------------------------------------------- */

/* "Early", in words that begin a title or end one. */
static char *phase_name(const DkmAnnotations *self)
{
    const DkmReviewCase *on = self->scene.on;
    if (self->scene.series)
        return dkm_series_title(self->scene.series);
    switch (self->spec->image) {
    case DKM_IMAGE_PREDICTED:
        return g_strdup(self->spec->phase == 0 && (!on->result || on->result->n_predicted != 1)
                            ? _("Predicted early")
                            : _("Predicted late"));
    case DKM_IMAGE_PHASE:
        return dkm_word_phase(on, self->spec->phase);
    default: {
        g_autofree char *name = dkm_word_phase(on, self->spec->phase);
        return g_strdup_printf(_("%s − pre-contrast"), name);
    }
    }
}

static char *subtitle(const DkmAnnotations *self)
{
    const double seconds = self->scene.on->study->dce->phases[self->spec->phase].t_seconds;
    if (self->spec->beside == DKM_BESIDE_OTHER)
        return dkm_review_case_n_phases(self->scene.on) == 1
                   ? g_strdup(_("no phase of the dynamics"))
                   : g_strdup_printf(_("image %u of %u at each place, no phase of the dynamics"),
                                     self->spec->phase + 1,
                                     dkm_review_case_n_phases(self->scene.on));
    if (self->spec->image == DKM_IMAGE_PREDICTED)
        return g_strdup(_("by the network, never acquired"));
    if (self->spec->image == DKM_IMAGE_MIP)
        return g_strdup(_("turning projection, all slices"));
    return isnan(seconds) ? g_strdup_printf(_("phase %u"), self->spec->phase + 1)
                          : g_strdup_printf("%.0f s", seconds);
}

static gboolean is_predicted(const DkmAnnotations *self)
{
    const DkmMapInfo *map = dkm_map_info(dkm_pane_map(self->spec, self->scene.look));
    return self->spec->image == DKM_IMAGE_PREDICTED ||
           (self->spec->shows_map && map->origin[0] == 'p');
}

/* From here on a person is told. */
#define MOTION_TOLD_MM 1.0

/* Under the title of a subtraction: how far the patient has moved, and whether that was put right;
 * NULL elsewhere. */
static char *motion_text(const DkmAnnotations *self)
{
    const DkmMotion *motion = self->scene.motion;
    const gboolean is_early =
        self->spec->image != DKM_IMAGE_PHASE && self->spec->phase == self->scene.on->early;
    if (!motion || !is_early || motion->worst_mm < MOTION_TOLD_MM)
        return NULL;
    return g_strdup_printf(dkm_pane_is_corrected(self->spec, &self->scene)
                               ? _("MOTION CORRECTED, up to %.1f mm")
                               : _("Motion of up to %.1f mm"),
                           motion->worst_mm);
}

/* What the network predicted is as outdated as the mask that came of the same run. */
static char *outdated(const DkmAnnotations *self, cairo_t *cr, double room)
{
    const DkmReviewCase *on = self->scene.on;
    return is_predicted(self) && on->result
               ? dkm_annotations_outdated(self, cr, on->result_layer, room)
               : NULL;
}

static void fill_left(const DkmAnnotations *self, cairo_t *cr, Block *block)
{
    const DkmMapInfo *map = dkm_map_info(dkm_pane_map(self->spec, self->scene.look));
    const gboolean is_map = self->spec->shows_map;
    const gboolean is_twin = dkm_review_case_n_phases(self->scene.on) == 1 &&
                             !self->spec->is_bare && !self->spec->beside &&
                             self->spec->image == DKM_IMAGE_PHASE;
    const Ink ink = is_predicted(self) ? INK_PREDICTED : INK_DIM;
    g_autofree char *name = phase_name(self);
    char *title = is_twin ? g_strdup_printf(_("%s with masks"), name) : g_strdup(name);
    if (is_map) {
        g_free(title);
        title = g_strdup(_(map->name));
    }
    Ink of_badge;
    char *badge = dkm_annotations_badge(self, &of_badge);
    add_line(block, of_badge, FONT_BADGE, badge);
    add_line(block, ink == INK_DIM ? INK_PLAIN : ink, FONT_TITLE, title);
    add_line(block, ink, FONT_TEXT, is_map ? g_strdup(_(map->origin)) : subtitle(self));
    if (self->scene.on->study->dce->order_given)
        add_line(block, INK_PREDICTED, FONT_TEXT, g_strdup(_("order of phases set by reader")));
    add_line(block, INK_WARNING, FONT_TEXT, outdated(self, cr, block->room));
    if (self->scene.link) {
        Ink of_link;
        const char *link = dkm_annotations_link(self, &of_link);
        add_line(block, of_link, FONT_TEXT, g_strdup(link));
        add_line(block, INK_PREDICTED, FONT_TEXT, g_strdup(dkm_annotations_beside_finding(self)));
    } else if (!is_map) {
        add_line(block, INK_PREDICTED, FONT_TEXT, motion_text(self));
    }
}

/* --- where ------------------------------------------------------------------------------------ */

static void plane_middle(const DkmGrid *grid, const DkmCut *cut, int index, double lps[3])
{
    double zyx[3];
    for (int k = 0; k < 3; k++)
        zyx[k] = (grid->n[k] - 1) / 2.0;
    zyx[cut->normal] = index;
    dkm_grid_to_lps(grid, zyx, lps);
}

char *dkm_slice_place(const DkmGrid *grid, const DkmCut *cut, int index)
{
    double lps[3];
    plane_middle(grid, cut, index, lps);
    const int axis = (int)cut->side - DKM_CUT_SAGITTAL;
    const char *letters = "RLAPFH";
    return g_strdup_printf("%c %.1f mm", letters[2 * axis + (lps[axis] >= 0)], fabs(lps[axis]));
}

/* Beside the place of a sagittal plane: which breast it goes through. */
static const char *breast(const DkmGrid *grid, const DkmCut *cut, int index)
{
    double lps[3];
    plane_middle(grid, cut, index, lps);
    return cut->side == DKM_CUT_SAGITTAL ? dkm_word(dkm_breast_side(lps)) : NULL;
}

/* COMPACT: place and breast in one line, where height is short. */
static void fill_right(const DkmAnnotations *self, Block *block, gboolean is_compact)
{
    const DkmGrid *grid = dkm_review_case_grid(self->scene.on);
    const DkmCut cut = dkm_pane_cut(self->spec, self->scene.on);
    const int index = dkm_look_index(self->scene.look, &cut);
    if (self->spec->image == DKM_IMAGE_MIP) {
        add_line(block, INK_PLAIN, FONT_TITLE,
                 g_strdup_printf("%d°", self->scene.look->angle * 360 / DKM_ANGLES));
        return;
    }
    add_line(block, INK_PLAIN, FONT_TITLE,
             g_strdup_printf("%s  %d / %d", dkm_word(dkm_cut_name(&cut)), index + 1,
                             grid->n[cut.normal]));
    g_autofree char *place = dkm_slice_place(grid, &cut, index);
    g_autofree char *coverage = dkm_annotations_coverage_text(self);
    const char *const parts[] = {place, breast(grid, &cut, index), coverage};
    g_autoptr(GString) words = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        const char *after = i == 0 ? "" : is_compact && i == 1 ? " · " : "\n";
        if (parts[i])
            g_string_append_printf(words, "%s%s", after, parts[i]);
    }
    add_line(block, INK_DIM, FONT_TEXT, g_strdup(words->str));
    block->lines[block->n - 1].align = PANGO_ALIGN_RIGHT;
}

/* --- the letters of the sides ----------------------------------------------------------------- */

static Size letter_size(const DkmAnnotations *self, cairo_t *cr, const double direction[3],
                        char letters[4])
{
    dkm_grid_direction_letters(direction, letters);
    return dkm_annotations_measure(self, cr, &(Text){.font = FONT_SIDE, .text = letters});
}

static void draw_side(const DkmAnnotations *self, cairo_t *cr, const double axis[3], int sign,
                      Place place)
{
    const double direction[3] = {axis[0] * sign, axis[1] * sign, axis[2] * sign};
    char letters[4];
    dkm_grid_direction_letters(direction, letters);
    dkm_annotations_text(self, cr, place, INK_PLAIN, FONT_SIDE, letters);
}

static void directions(const DkmAnnotations *self, double down[3], double right[3])
{
    const DkmGrid *grid = dkm_review_case_grid(self->scene.on);
    const DkmCut cut = dkm_pane_cut(self->spec, self->scene.on);
    if (self->spec->image == DKM_IMAGE_MIP) {
        down[0] = down[1] = 0;
        down[2] = -1;
        dkm_projection_direction(self->scene.look->angle, DKM_ANGLES, right);
    } else {
        dkm_cut_direction(&cut, grid, 0, down);
        dkm_cut_direction(&cut, grid, 1, right);
    }
}

static void draw_sides(const DkmAnnotations *self, cairo_t *cr, const Corners *corners)
{
    double down[3], right[3];
    directions(self, down, right);
    const double w = self->width, h = self->height;
    draw_side(self, cr, right, -1, (Place){MARGIN, h / 2, 0, 0.5});
    draw_side(self, cr, right, 1, (Place){w - MARGIN, h / 2, 1, 0.5});
    draw_side(self, cr, down, -1, (Place){w / 2, corners->upper.y, 0.5, 0});
    draw_side(self, cr, down, 1, (Place){w / 2, corners->lower.y, 0.5, 0});
}

/* --- all of it -------------------------------------------------------------------------------- */

static char *window_text(const DkmAnnotations *self)
{
    DkmLook look = *self->scene.look;
    const DkmWindowLevel *window = dkm_look_window(&look, dkm_pane_group(self->spec));
    const int decimals = dkm_look_decimals(window->width);
    return g_strdup_printf(window->invert ? _("W %.*f  L %.*f  inverted") : _("W %.*f  L %.*f"),
                           decimals, window->width, decimals, window->centre);
}

static gboolean overlap(const cairo_rectangle_t *a, const cairo_rectangle_t *b)
{
    return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
           b->y < a->y + a->height;
}

/* The right-hand lines below the left ones where both do not fit beside each other, the letter
 * below those that are in its way. */
static void place_upper(Corners *corners, const DkmAnnotations *self, Size letter,
                        gboolean is_beside)
{
    corners->left.x = MARGIN;
    corners->left.y = MARGIN;
    corners->right.x = self->width - MARGIN - corners->right.width;
    corners->right.y = MARGIN + (is_beside ? 0 : corners->left.height);
    corners->upper = (cairo_rectangle_t){self->width / 2.0 - letter.width / 2 - MARGIN / 2.0,
                                         MARGIN, letter.width + MARGIN, letter.height};
    const cairo_rectangle_t *const others[] = {&corners->left, &corners->right, &corners->left};
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        if (overlap(&corners->upper, others[i]))
            corners->upper.y = others[i]->y + others[i]->height;
}

static void place_lower(Corners *corners, const DkmAnnotations *self, Size letter, Size window)
{
    const double bottom = self->height - MARGIN;
    corners->window = (cairo_rectangle_t){self->width - MARGIN - window.width,
                                          bottom - window.height, window.width, window.height};
    corners->lower =
        (cairo_rectangle_t){self->width / 2.0 - letter.width / 2 - MARGIN / 2.0,
                            bottom - letter.height, letter.width + MARGIN, letter.height};
    if (overlap(&corners->lower, &corners->window))
        corners->lower.y = corners->window.y - letter.height;
}

Corners dkm_annotations_corners(const DkmAnnotations *self, cairo_t *cr)
{
    const double room = MAX(self->width - 2.0 * MARGIN, 1);
    g_auto(Block) left = {.room = room};
    g_auto(Block) right = {.room = room};
    g_autofree char *window = window_text(self);
    const Text window_words = {.ink = INK_DIM, .font = FONT_TEXT, .text = window, .room = room};
    double down[3], across[3];
    char letters[4];
    fill_left(self, cr, &left);
    fill_right(self, &right, FALSE);
    measure_block(self, cr, &left);
    measure_block(self, cr, &right);
    const gboolean is_beside = left.size.width + right.size.width + 3 * MARGIN <= self->width;
    if (!is_beside) {
        block_clear(&right);
        right = (Block){.room = room};
        fill_right(self, &right, TRUE);
        measure_block(self, cr, &right);
    }
    directions(self, down, across);
    const Size letter = letter_size(self, cr, down, letters);
    Corners corners = {.left = {.width = left.size.width, .height = left.size.height},
                       .right = {.width = right.size.width, .height = right.size.height}};
    place_upper(&corners, self, letter, is_beside);
    place_lower(&corners, self, letter, dkm_annotations_measure(self, cr, &window_words));
    draw_block(self, cr, &left, (Place){MARGIN, corners.left.y, 0, 0});
    draw_block(self, cr, &right, (Place){self->width - MARGIN, corners.right.y, 1, 0});
    draw_sides(self, cr, &corners);
    dkm_annotations_put(self, cr, (Place){self->width - MARGIN, self->height - MARGIN, 1, 1},
                        &window_words);
    return corners;
}
