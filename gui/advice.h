/* What a person can do about a failure, said before its cause: the cause may be a decoder's, in
 * terms of the file format. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What was being done. */
typedef enum {
    DKM_ADVICE_FOLDER, /* looking through what was opened */
    DKM_ADVICE_IMAGES, /* reading a study's images */
    DKM_ADVICE_MASK,   /* reading masks from a file */
    DKM_ADVICE_RUN,    /* the network */
    DKM_ADVICE_EXPORT, /* writing masks */
} DkmAdvice;

/* The advice and ERROR's own sentence; that alone where there is nothing to advise. g_free. */
char *dkm_advice_text(DkmAdvice about, const GError *error);

G_END_DECLS
