/* Folders of small made-up files to scan. */
#pragma once

#include "tests/dicom/craft.h"
#include "tests/dicom/fixture.h"
#include "tests/support/says.h"

static inline char *folder_path(const char *folder, const char *name)
{
    char *path = g_build_filename(folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    return path;
}

static inline void folder_put(const char *folder, const char *name, const GByteArray *bytes)
{
    GError *error = NULL;
    g_autofree char *path = folder_path(folder, name);
    g_file_set_contents(path, (const char *)bytes->data, bytes->len, &error);
    g_assert_no_error(error);
}

static inline GByteArray *folder_image(const char *uid)
{
    static const guint16 pixels[24];
    CraftImage image = CRAFT_IMAGE;
    image.uid = uid;
    GByteArray *b = craft_header(&image);
    craft_pixels(b, pixels, sizeof pixels);
    return b;
}

static inline void folder_put_image(const char *folder, const char *name, const char *uid)
{
    g_autoptr(GByteArray) bytes = folder_image(uid);
    folder_put(folder, name, bytes);
}

static inline DkmFrameTable *folder_scan(const char *path)
{
    GError *error = NULL;
    DkmFrameTable *table = dkm_dicom_scan(path, NULL, NULL, &error);
    g_assert_no_error(error);
    return table;
}
