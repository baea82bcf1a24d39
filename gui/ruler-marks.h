/* What rulers look like over a slice: a line between two marks, and its length. No state. */
#pragma once

#include "gui/annotations.h"

G_BEGIN_DECLS

/* Those of the plane that WORDS' view shows. */
void dkm_ruler_marks_draw(const DkmAnnotations *words, cairo_t *cr);

G_END_DECLS
