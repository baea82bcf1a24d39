#include "dicom/jpeg-check.h"

static gboolean refuse(const char **why, const char *what)
{
    *why = what;
    return FALSE;
}

static gboolean is_start_of_frame(guint8 marker)
{
    const gboolean huffman_or_lossless =
        marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    return huffman_or_lossless || marker == 0xf7; /* F7: JPEG-LS */
}

static gboolean frame_fits(const guint8 *segment, gsize length, int rows, int columns, int bits)
{
    return length >= 8 && segment[2] <= bits && (segment[3] << 8 | segment[4]) == rows &&
           (segment[5] << 8 | segment[6]) == columns && segment[7] == 1;
}

gboolean dkm_jpeg_check(const guint8 *data, gsize length, int rows, int columns, int bits,
                        const char **why)
{
    gsize at = 2;
    if (length < 4 || data[0] != 0xff || data[1] != 0xd8)
        return refuse(why, "the JPEG data have no start");
    while (at + 4 <= length) {
        if (data[at] != 0xff)
            return refuse(why, "the JPEG markers are damaged");
        const guint8 marker = data[at + 1];
        if (marker == 0xff) { /* fill */
            at++;
            continue;
        }
        if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd9))
            return refuse(why, "a JPEG marker stands where none may");
        const gsize segment = (gsize)data[at + 2] << 8 | data[at + 3];
        if (segment < 2 || segment > length - at - 2)
            return refuse(why, "the JPEG data are cut off");
        if (is_start_of_frame(marker))
            return frame_fits(data + at + 2, segment, rows, columns, bits) ||
                   refuse(why, "the JPEG frame has another size than the header says");
        if (marker == 0xda)
            break;
        at += 2 + segment;
    }
    return refuse(why, "the JPEG data have no frame header");
}
