/* The words that a person reads, in that person's language. _("…") translates where it stands,
 * N_("…") marks a word of a table that is translated where it is used, ngettext("…", "…", n)
 * counts. Words for files, keys and other programs are marked by none of them. The catalogues:
 * resources/po. */
#pragma once

#define GETTEXT_PACKAGE "dkm-workstation"

#include <glib/gi18n-lib.h>

/* The C library's would ask the domain of the moment; this one asks ours. */
#undef ngettext
#define ngettext(one, many, n) g_dngettext(GETTEXT_PACKAGE, one, many, n)

/* Once, first thing in main(), before any other thread: takes the language from the environment and
 * looks for the catalogues in DKM_LOCALE_DIR, in the build tree or where they were installed. */
void dkm_i18n_start(void);
