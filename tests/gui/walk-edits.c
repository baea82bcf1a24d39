#include "tests/gui/walk.h"

/* The slices' distance and the pixels are of the study: these are of the screen. */
#define REACH 26

static void remember(Walk *walk, Sign sign)
{
    g_array_append_val(walk->signs, sign);
}

void walk_edit(Walk *walk, const char *key, Sign sign)
{
    const goffset before = person_kept_bytes();
    person_key(key);
    person_expect_kept(before);
    remember(walk, sign);
}

void walk_stroke(Walk *walk, const Spot *spots, int n, Sign sign)
{
    const goffset before = person_kept_bytes();
    person_drag(1, spots, n, FALSE);
    person_expect_kept(before);
    remember(walk, sign);
}

static void click(Walk *walk, Spot at, Sign sign)
{
    walk_stroke(walk, &at, 1, sign);
}

/* Neither is a step of its own: the step before comes back, and is then still to undo. */
static void step(const char *key, guint times)
{
    for (guint i = 0; i < times; i++) {
        const goffset before = person_kept_bytes();
        person_key(key);
        person_expect_kept(before);
    }
}

void walk_undo(Walk *walk, guint times)
{
    step("ctrl+z", times);
}

void walk_redo(Walk *walk, guint times)
{
    step("ctrl+y", times / 2);
    step("ctrl+shift+z", times - times / 2);
}

/* A stroke to both sides of AT. */
static void brush(Walk *walk, Spot at, Sign sign)
{
    const Spot spots[] = {{at.x - REACH, at.y}, {at.x, at.y + 4}, {at.x + REACH, at.y}};
    walk_stroke(walk, spots, G_N_ELEMENTS(spots), sign);
}

static void erase_with_ctrl(Walk *walk, Spot at)
{
    person_hold("ctrl");
    brush(walk, at, FEWER);
    person_let_go("ctrl");
}

static void press(const char *key, guint times)
{
    for (guint i = 0; i < times; i++)
        person_key(key);
}

void walk_page(const char *key, guint times)
{
    for (guint i = 0; i < times; i++) {
        g_autoptr(GdkPixbuf) before = person_look(LARGE);
        person_key(key);
        person_expect_other(LARGE, before);
    }
}

/* --- each tool -------------------------------------------------------------------------------- */

static void polygon(Walk *walk)
{
    const Spot o = walk->lesion;
    const Spot corners[] = {
        {o.x - 60, o.y - 60}, {o.x + 60, o.y - 55}, {o.x + 55, o.y + 60}, {o.x - 55, o.y + 55}};
    const goffset before = person_kept_bytes();
    person_key("p");
    for (guint i = 0; i <= G_N_ELEMENTS(corners); i++)
        person_click(corners[i % G_N_ELEMENTS(corners)]);
    person_expect_kept(before);
    remember(walk, MORE);
}

/* A piece beside the polygon, and a hole in it. */
static void lasso(Walk *walk)
{
    const Spot o = walk->lesion;
    const Spot beside[] = {{o.x + 50, o.y - 40},
                           {o.x + 90, o.y - 25},
                           {o.x + 85, o.y + 25},
                           {o.x + 48, o.y + 30},
                           {o.x + 50, o.y - 38}};
    const Spot inside[] = {{o.x - 20, o.y - 20},
                           {o.x + 20, o.y - 20},
                           {o.x + 20, o.y + 20},
                           {o.x - 20, o.y + 20},
                           {o.x - 20, o.y - 18}};
    person_key("l");
    walk_stroke(walk, beside, G_N_ELEMENTS(beside), MORE);
    person_hold("ctrl");
    walk_stroke(walk, inside, G_N_ELEMENTS(inside), FEWER);
    person_let_go("ctrl");
    person_shoot("walk-05-lasso");
    walk_edit(walk, "shift+h", MORE);
}

static void brush_and_eraser(Walk *walk)
{
    person_key("b");
    person_key("2");
    brush(walk, walk->island, MORE);
    person_shoot("walk-06-brush");
    walk_edit(walk, "k", FEWER);
    erase_with_ctrl(walk, walk->lesion);
    person_key("e");
    brush(walk, (Spot){walk->lesion.x, walk->lesion.y - 45}, FEWER);
    person_key("t");
    person_expect_picture(LARGE);
    person_shoot("walk-07-within-values");
    brush(walk, walk->lesion, MORE);
}

/* The click that removes a part, then the one that keeps it alone. */
static void parts(Walk *walk)
{
    person_key("b");
    brush(walk, walk->island, MORE);
    person_key("x");
    click(walk, walk->island, FEWER);
    person_key("b");
    brush(walk, walk->island, MORE);
    person_key("x");
    person_hold("ctrl");
    click(walk, (Spot){walk->lesion.x - 45, walk->lesion.y + 40}, FEWER);
    person_let_go("ctrl");
}

/* A ball with a hollow that no slice opens, and a dot beside it. */
static void balls(Walk *walk)
{
    person_key("b");
    person_key("3");
    press("bracketright", 4);
    click(walk, walk->island, MORE);
    person_shoot("walk-08-ball");
    press("bracketleft", 8);
    person_hold("ctrl");
    click(walk, walk->island, FEWER);
    person_let_go("ctrl");
    walk_edit(walk, "h", MORE);
    person_key("2");
    press("bracketleft", 3);
    click(walk, (Spot){walk->island.x, walk->lesion.y - (walk->lesion.y - walk->island.y) / 2},
          MORE);
    walk_edit(walk, "shift+k", FEWER);
    press("bracketright", 7);
}

static void whole_mask(Walk *walk)
{
    walk_edit(walk, "ctrl+k", AS_MANY); /* the ball is a lesion of its own */
    person_shoot("walk-09-split");
    person_key("Page_Down"); /* the other: of one slice */
    walk_edit(walk, "g", MORE);
    walk_edit(walk, "shift+g", FEWER);
    walk_edit(walk, "u", UNKNOWN);
    walk_edit(walk, "ctrl+Down", MORE);
    person_key("b");
    walk_page("Down", 2);
    brush(walk, walk->lesion, MORE);
    walk_edit(walk, "f", MORE); /* the slice between */
    walk_page("Up", 1);
    person_shoot("walk-10-slice-between");
}

void walk_correct(Walk *walk)
{
    polygon(walk);
    lasso(walk);
    brush_and_eraser(walk);
    parts(walk);
    balls(walk);
    whole_mask(walk);
    person_key("Escape");
}
