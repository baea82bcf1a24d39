/* Marks words that may reach a person's screen: gettext's domain of the viewer (gui/i18n.h), which
 * alone sets a locale; the command line and its JSON stay English. What also goes into DICOM or
 * names a thing in a file is not marked here: the screen translates it (gui/words.h). */
#pragma once

#include <glib.h>
#include <libintl.h>

#define DKM_WORDS_DOMAIN "dkm-workstation"

#define _(text) g_dgettext(DKM_WORDS_DOMAIN, text)
/* In a table; _() where it is used. */
#define N_(text) text
/* The C library's would ask the domain of the moment; this one asks ours. */
#undef ngettext
#define ngettext(one, many, n) g_dngettext(DKM_WORDS_DOMAIN, one, many, n)
