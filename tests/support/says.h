/* What a message must hold. */
#pragma once

#include <glib.h>

#include <string.h>

/* Fails, showing both, unless TEXT holds PART. */
static inline void assert_says(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        g_assert_cmpstr(text, ==, part);
}
