#include "dicom/uid.h"

#include "dicom/dicom.h"

#include <string.h>
#include <sys/random.h>

enum { BYTES = 16 };

/* A UUID's 128 bits as a decimal number, without leading zeros (PS3.5, annex B.2). */
static char *decimal(const guint8 bytes[BYTES])
{
    char digits[48];
    int at = (int)sizeof digits - 1;
    unsigned __int128 value = 0;
    for (int i = 0; i < BYTES; i++)
        value = value << 8 | bytes[i];
    digits[at] = '\0';
    do
        digits[--at] = (char)('0' + (int)(value % 10));
    while (value /= 10);
    return g_strconcat("2.25.", digits + at, NULL);
}

static void set_version(guint8 bytes[BYTES], guint8 version)
{
    bytes[6] = (guint8)((bytes[6] & 0x0f) | version << 4);
    bytes[8] = (guint8)((bytes[8] & 0x3f) | 0x80);
}

static void fill_random(guint8 bytes[BYTES])
{
    if (getrandom(bytes, BYTES, 0) == BYTES)
        return;
    g_autofree char *uuid = g_uuid_string_random(); /* an old kernel: GLib's generator */
    for (int i = 0, at = 0; i < BYTES; i++, at += 2) {
        at += uuid[at] == '-';
        bytes[i] =
            (guint8)(g_ascii_xdigit_value(uuid[at]) << 4 | g_ascii_xdigit_value(uuid[at + 1]));
    }
}

char *dkm_uid_new(const char *seed, const char *name)
{
    guint8 bytes[32];
    gsize length = sizeof bytes;
    if (seed) {
        g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
        g_checksum_update(sum, (const guchar *)seed, (gssize)strlen(seed) + 1);
        g_checksum_update(sum, (const guchar *)name, (gssize)strlen(name) + 1);
        g_checksum_get_digest(sum, bytes, &length);
        set_version(bytes, 8);
    } else {
        fill_random(bytes);
        set_version(bytes, 4);
    }
    return decimal(bytes);
}

gboolean dkm_uid_is_valid(const char *uid)
{
    const gsize length = uid ? strlen(uid) : 0;
    if (length == 0 || length > 64)
        return FALSE;
    for (const char *part = uid; part; part = strchr(part, '.') ? strchr(part, '.') + 1 : NULL) {
        const gsize digits = strspn(part, "0123456789");
        if (digits == 0 || (part[digits] && part[digits] != '.') || (*part == '0' && digits > 1))
            return FALSE;
    }
    return TRUE;
}

char *dkm_dicom_new_uid(void)
{
    return dkm_uid_new(NULL, NULL);
}
