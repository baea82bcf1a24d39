/* UIDs under 2.25: random, or derived from a seed so that an object can be made again to the byte.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "2.25.<decimal of a UUID>": random without SEED, else the UUID (version 8, from SHA-256) of SEED
 * and NAME. At most 44 characters. Free with g_free. */
char *dkm_uid_new(const char *seed, const char *name);
/* PS3.5 chapter 9: numbers without leading zeros, joined by dots, at most 64 characters. */
gboolean dkm_uid_is_valid(const char *uid);

G_END_DECLS
