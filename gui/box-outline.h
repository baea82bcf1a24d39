/* The box that a run of the network is kept inside, drawn over a view: as long as it is set, and
 * brighter while its tool is armed. */
#pragma once

#include "gui/pane.h"

#include <cairo.h>

G_BEGIN_DECLS

/* On SPEC's picture of SCENE, WIDTH x HEIGHT of CR's units. */
void dkm_box_outline_draw(const DkmPaneSpec *spec, const DkmScene *scene, int width, int height,
                          cairo_t *cr);

G_END_DECLS
