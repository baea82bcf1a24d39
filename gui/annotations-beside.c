/* The marks of what hangs beside the study: it is never to be taken for the study itself. */
#include "gui/annotations-private.h"

#include "gui/i18n.h"

static Ink beside_ink(const DkmAnnotations *self)
{
    static const Ink inks[DKM_BESIDE_COUNT] = {INK_PLAIN, INK_PRIOR, INK_OTHER};
    return inks[self->spec->beside];
}

char *dkm_annotations_badge(const DkmAnnotations *self, Ink *ink)
{
    static const char *const words[DKM_BESIDE_COUNT] = {N_("CURRENT"), N_("PRIOR"),
                                                        N_("OTHER SERIES")};
    const DkmBeside beside = self->spec->beside;
    *ink = beside_ink(self);
    if (!beside && !self->spec->shows_date)
        return NULL;
    return beside == DKM_BESIDE_OTHER
               ? g_strdup(_(words[beside]))
               : g_strdup_printf("%s  %s", _(words[beside]), self->scene.on->study_date);
}

const char *dkm_annotations_beside_finding(const DkmAnnotations *self)
{
    const GPtrArray *findings = self->spec->beside ? self->scene.on->study->findings : NULL;
    return findings && findings->len > 0 ? findings->pdata[0] : NULL;
}

const char *dkm_annotations_link(const DkmAnnotations *self, Ink *ink)
{
    const gboolean is_sure = self->scene.link->by_position;
    *ink = is_sure ? INK_DIM : INK_PREDICTED;
    return is_sure ? _("linked by the patient's position")
                   : _("not the same frame of reference: linked by position in the stack");
}

void dkm_annotations_beside_frame(const DkmAnnotations *self, cairo_t *cr)
{
    const double width = self->spec->beside == DKM_BESIDE_PRIOR ? 5 : 3;
    const double inset = 2 + width / 2; /* outside it is the place of the focus' own frame */
    dkm_annotations_set_ink(cr, beside_ink(self));
    cairo_set_line_width(cr, width);
    cairo_rectangle(cr, inset, inset, self->width - 2 * inset, self->height - 2 * inset);
    cairo_stroke(cr);
}
