#include "dicom/preflight.h"

#include "core/error.h"
#include "core/i18n.h"
#include "dicom/byte-source.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

static const guint64 UNDEFINED = 0xffffffffu;
enum { MAGIC_AT = 128, META_AT = 132, HEADER = 12 };

/* What is open at a place of the walk: a sequence or one item of it. */
typedef struct {
    gboolean is_item;
    guint64 end;           /* offset behind it, or UNDEFINED: a delimiter ends it */
    gboolean was_implicit; /* what to go back to behind it */
} Level;

typedef struct {
    DkmByteSource *source;
    DkmPreflight *out;
    guint64 at;
    gboolean implicit, big_endian;
    Level levels[DKM_PREFLIGHT_DEPTH * 2];
    int depth;
    const DkmTags *wanted; /* what to copy to EXCERPT, NULL: nothing */
    GByteArray *excerpt;
    guint64 copy_from; /* start of the top-level element that is to be copied, 0: none */
} Walk;

typedef struct {
    guint16 group, element;
    char vr[3]; /* "" in implicit syntaxes */
    guint64 length, value_at;
} Element;

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gboolean refuse(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT, text);
    return FALSE;
}

static guint16 u16(const Walk *walk, const guint8 *b)
{
    return walk->big_endian ? (guint16)(b[0] << 8 | b[1]) : (guint16)(b[1] << 8 | b[0]);
}

static guint32 u32(const Walk *walk, const guint8 *b)
{
    return walk->big_endian ? (guint32)u16(walk, b) << 16 | u16(walk, b + 2)
                            : (guint32)u16(walk, b + 2) << 16 | u16(walk, b);
}

/* Is VR one of NAMES, each two letters and a space? */
static gboolean is_one_of(const char *vr, const char *names)
{
    for (const char *name = names; *name; name += 3)
        if (memcmp(vr, name, 2) == 0)
            return TRUE;
    return FALSE;
}

static gboolean has_short_header(const char *vr)
{
    return is_one_of(vr, "UI LO SH CS DS IS DA TM US PN ST LT FD FL UL SL SS AS AE AT DT ");
}

static gboolean has_long_header(const char *vr)
{
    return is_one_of(vr, "SQ UN OB OW UT OF OD OL OV UC UR SV UV ");
}

static gboolean is_item_tag(const Element *e)
{
    return e->group == 0xfffe;
}

/* Reads the header of the element at walk->at. */
static gboolean read_header(Walk *walk, Element *e, GError **error)
{
    const guint8 *b = dkm_byte_source_at(walk->source, walk->at, 8);
    if (!b)
        return refuse(error, _("cut off at byte %lu"), (gulong)walk->at);
    *e = (Element){.group = u16(walk, b), .element = u16(walk, b + 2)};
    if (walk->implicit || is_item_tag(e)) {
        e->length = u32(walk, b + 4);
        e->value_at = walk->at + 8;
        return TRUE;
    }
    memcpy(e->vr, b + 4, 2);
    if (!g_ascii_isupper(e->vr[0]) || !g_ascii_isupper(e->vr[1]))
        return refuse(error, _("(%04x,%04x) has no value representation"), e->group, e->element);
    if (has_short_header(e->vr)) {
        e->length = u16(walk, b + 6);
        e->value_at = walk->at + 8;
        return TRUE;
    }
    if (!has_long_header(e->vr)) /* DCMTK guesses where its value starts: it may not be so */
        return refuse(error, _("(%04x,%04x) has an unknown value representation"), e->group,
                      e->element);
    b = dkm_byte_source_at(walk->source, walk->at, HEADER);
    if (!b)
        return refuse(error, _("cut off in (%04x,%04x)"), e->group, e->element);
    e->length = u32(walk, b + 8);
    e->value_at = walk->at + HEADER;
    return TRUE;
}

static gboolean push(Walk *walk, Level level, GError **error)
{
    if (walk->depth == (int)G_N_ELEMENTS(walk->levels))
        return refuse(error, _("sequences are nested more than %d deep"), DKM_PREFLIGHT_DEPTH);
    walk->levels[walk->depth++] = level;
    return TRUE;
}

static void pop(Walk *walk)
{
    walk->implicit = walk->levels[--walk->depth].was_implicit;
}

/* The end of the innermost level that has a known one. */
static guint64 innermost_end(const Walk *walk)
{
    for (int i = walk->depth - 1; i >= 0; i--)
        if (walk->levels[i].end != UNDEFINED)
            return walk->levels[i].end;
    return walk->source->size;
}

/* Does the value look like a sequence's, though nothing says so? DCMTK would look it up in its
 * dictionary and follow it down, so do we. */
static gboolean starts_with_item(Walk *walk, const Element *e)
{
    if (e->length < 8 || e->length == UNDEFINED)
        return FALSE;
    const guint8 *b = dkm_byte_source_at(walk->source, e->value_at, 4);
    static const guint8 item[4] = {0xfe, 0xff, 0x00, 0xe0};
    return b && memcmp(b, item, 4) == 0;
}

static gboolean is_sequence(Walk *walk, const Element *e)
{
    if (strcmp(e->vr, "SQ") == 0)
        return TRUE;
    const gboolean untyped = e->vr[0] == '\0' || strcmp(e->vr, "UN") == 0;
    return untyped && (e->length == UNDEFINED || starts_with_item(walk, e));
}

static gboolean count_element(Walk *walk, GError **error)
{
    const guint64 frames = (guint64)MAX(walk->out->frames, 0);
    const guint64 wanted = DKM_PREFLIGHT_ELEMENTS + DKM_PREFLIGHT_ELEMENTS_A_FRAME * frames;
    const guint64 most =
        DKM_PREFLIGHT_MOST_ELEMENTS + walk->out->file_size / DKM_PREFLIGHT_BYTES_AN_ELEMENT;
    const guint64 limit = MIN(wanted, most);
    if (++walk->out->elements > limit)
        return refuse(error, _("more than %lu elements"), (gulong)limit);
    return TRUE;
}

static gboolean walk_item_tag(Walk *walk, const Element *e, GError **error)
{
    if (e->element == 0xe000) {
        if (!walk->depth || walk->levels[walk->depth - 1].is_item)
            return refuse(error, _("an item stands outside a sequence"));
        const guint64 end = e->length == UNDEFINED ? UNDEFINED : e->value_at + e->length;
        walk->at = e->value_at;
        return push(walk, (Level){TRUE, end, walk->implicit}, error);
    }
    const gboolean item_ends = e->element == 0xe00d;
    if (!item_ends && e->element != 0xe0dd)
        return refuse(error, _("(fffe,%04x) is no item tag"), e->element);
    if (!walk->depth || walk->levels[walk->depth - 1].is_item != item_ends)
        return refuse(error, _("a delimiter stands outside what it ends"));
    pop(walk);
    walk->at = e->value_at;
    return TRUE;
}

/* The few top-level numbers that bound sizes. */
static void note_number(Walk *walk, const Element *e)
{
    const struct {
        guint16 element;
        int *to;
    } numbers[] = {
        {0x0002, &walk->out->samples},
        {0x0010, &walk->out->rows},
        {0x0011, &walk->out->columns},
        {0x0100, &walk->out->bits_allocated},
        {0x0101, &walk->out->bits_stored},
        {0x0102, &walk->out->high_bit},
        {0x0103, &walk->out->pixel_representation},
    };
    if (e->group != 0x0028)
        return;
    const guint8 *b = e->length >= 2 && e->length <= 16
                          ? dkm_byte_source_at(walk->source, e->value_at, (gsize)e->length)
                          : NULL;
    for (guint i = 0; b && i < G_N_ELEMENTS(numbers); i++)
        if (numbers[i].element == e->element)
            *numbers[i].to = u16(walk, b);
    if (b && e->element == 0x0008) {
        g_autofree char *text = g_strndup((const char *)b, (gsize)e->length);
        walk->out->frames = (int)CLAMP(g_ascii_strtoll(text, NULL, 10), 0, G_MAXINT);
    }
}

/* 64 bits for each frame: where it starts and how long it is. */
static void note_extended_table(Walk *walk, const Element *e)
{
    const DkmFragment table = {e->value_at, e->length};
    if (e->group == 0x7fe0 && e->element == 0x0001)
        walk->out->extended_offsets = table;
    else if (e->group == 0x7fe0 && e->element == 0x0002)
        walk->out->extended_lengths = table;
}

static gboolean walk_fragments(Walk *walk, GArray *fragments, GError **error)
{
    for (guint64 n = 0; n <= DKM_PREFLIGHT_FRAGMENTS; n++) {
        Element e = {0};
        if (!read_header(walk, &e, error))
            return FALSE;
        if (!is_item_tag(&e) || (e.element != 0xe000 && e.element != 0xe0dd))
            return refuse(error, _("encapsulated pixel data are damaged"));
        if (e.element == 0xe0dd) {
            walk->at = e.value_at;
            return n > 0 || refuse(error, _("encapsulated pixel data have no item"));
        }
        if (e.length > walk->source->size - e.value_at)
            return refuse(error, _("cut off in a fragment of the pixel data"));
        const DkmFragment fragment = {e.value_at, e.length};
        if (fragments)
            g_array_append_val(fragments, fragment);
        if (walk->depth == 0)
            walk->out->fragments = n;
        walk->at = e.value_at + e.length;
    }
    return refuse(error, _("more than %d fragments of pixel data"), DKM_PREFLIGHT_FRAGMENTS);
}

static gboolean walk_pixel_data(Walk *walk, const Element *e, GError **error)
{
    if (walk->out->pixel_offset)
        return refuse(error, _("it holds pixel data twice"));
    walk->out->pixel_offset = e->value_at;
    walk->out->pixels_are_words = strcmp(e->vr, "OW") == 0;
    if (e->length != UNDEFINED) {
        walk->out->pixel_length = e->length;
        walk->at = e->value_at + e->length;
        return TRUE;
    }
    if (walk->implicit)
        return refuse(error, _("pixel data of undefined length in an implicit syntax"));
    walk->out->encapsulated = TRUE;
    walk->at = e->value_at;
    return walk_fragments(walk, NULL, error);
}

/* Encapsulated pixel data inside a sequence: an icon. */
static gboolean is_icon(const Element *e)
{
    return e->group == 0x7fe0 && e->element == 0x0010 && e->length == UNDEFINED && e->vr[0];
}

static gboolean enter_sequence(Walk *walk, const Element *e, GError **error)
{
    const guint64 end = e->length == UNDEFINED ? UNDEFINED : e->value_at + e->length;
    const gboolean was_implicit = walk->implicit;
    if (strcmp(e->vr, "UN") == 0)
        walk->implicit = TRUE; /* PS3.5, 6.2.2 note 2 */
    walk->at = e->value_at;
    return push(walk, (Level){FALSE, end, was_implicit}, error);
}

static int compare_tags(const void *a, const void *b)
{
    const guint32 left = *(const guint32 *)a, right = *(const guint32 *)b;
    return left < right ? -1 : left > right;
}

static void choose_copy(Walk *walk, const Element *e)
{
    const guint32 tag = (guint32)e->group << 16 | e->element;
    if (walk->depth == 0 && walk->wanted && walk->out->pixel_offset == 0 &&
        bsearch(&tag, walk->wanted->tags, walk->wanted->n, sizeof tag, compare_tags))
        walk->copy_from = walk->at;
}

/* Behind a top-level element: its bytes, where it was chosen. */
static gboolean copy_chosen(Walk *walk, GError **error)
{
    const guint64 from = walk->copy_from;
    if (from == 0)
        return TRUE;
    const guint old = walk->excerpt->len;
    walk->copy_from = 0;
    if (walk->at - from > G_MAXINT - (guint64)old)
        return refuse(error, _("a header of more than 2 GiB"));
    g_byte_array_set_size(walk->excerpt, old + (guint)(walk->at - from));
    return dkm_byte_source_copy(walk->source, from, (gsize)(walk->at - from),
                                walk->excerpt->data + old) ||
           refuse(error, _("cut off at byte %lu"), (gulong)from);
}

static gboolean walk_element(Walk *walk, GError **error)
{
    Element e = {0};
    if (!read_header(walk, &e, error) || !count_element(walk, error))
        return FALSE;
    const guint64 room = innermost_end(walk);
    if (e.value_at > room || (e.length != UNDEFINED && e.length > room - e.value_at))
        return refuse(error, _("cut off in (%04x,%04x)"), e.group, e.element);
    if (is_item_tag(&e))
        return walk_item_tag(walk, &e, error);
    if (walk->depth && !walk->levels[walk->depth - 1].is_item)
        return refuse(error, _("(%04x,%04x) stands between items"), e.group, e.element);
    if (e.group == 0x7fe0 && e.element == 0x0010 && walk->depth == 0)
        return walk_pixel_data(walk, &e, error);
    choose_copy(walk, &e);
    if (is_sequence(walk, &e))
        return enter_sequence(walk, &e, error);
    if (is_icon(&e)) {
        walk->at = e.value_at;
        return walk_fragments(walk, NULL, error);
    }
    if (e.length == UNDEFINED)
        return refuse(error, _("(%04x,%04x) has no length"), e.group, e.element);
    if (walk->depth == 0) {
        note_number(walk, &e);
        note_extended_table(walk, &e);
    }
    walk->at = e.value_at + e.length;
    return TRUE;
}

static gboolean walk_data_set(Walk *walk, GError **error)
{
    for (;;) {
        while (walk->depth && walk->levels[walk->depth - 1].end == walk->at)
            pop(walk);
        if (walk->depth == 0 && !copy_chosen(walk, error))
            return FALSE;
        if (walk->at == walk->source->size)
            return walk->depth == 0 || refuse(error, _("cut off inside a sequence"));
        if (!walk_element(walk, error))
            return FALSE;
    }
}

/* Transfer syntaxes that are read, or named in a refusal by the pixel layer. */
static gboolean set_syntax(Walk *walk, GError **error)
{
    const char *uid = walk->out->transfer_syntax;
    walk->implicit = strcmp(uid, "1.2.840.10008.1.2") == 0;
    walk->big_endian = strcmp(uid, "1.2.840.10008.1.2.2") == 0;
    walk->out->deflated = strcmp(uid, "1.2.840.10008.1.2.1.99") == 0;
    walk->out->implicit = walk->implicit;
    walk->out->big_endian = walk->big_endian;
    if (walk->implicit || g_str_has_prefix(uid, "1.2.840.10008.1.2.1") || walk->big_endian ||
        g_str_has_prefix(uid, "1.2.840.10008.1.2.4.") || strcmp(uid, "1.2.840.10008.1.2.5") == 0 ||
        strcmp(uid, "1.2.840.10008.1.2.8.1") == 0)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED, _("transfer syntax %s is not read"), uid);
    return FALSE;
}

static gboolean read_syntax_uid(Walk *walk, const Element *e, GError **error)
{
    char *uid = walk->out->transfer_syntax;
    if (e->length == 0 || e->length > 64 ||
        !dkm_byte_source_copy(walk->source, e->value_at, (gsize)e->length, uid))
        return refuse(error, _("the transfer syntax is not readable"));
    uid[e->length] = '\0';
    g_strchomp(uid);
    for (const char *c = uid; *c; c++)
        if (!g_ascii_isdigit(*c) && *c != '.')
            return refuse(error, _("the transfer syntax is not a UID"));
    return TRUE;
}

/* Only ever named in a note; one that is no UID is not a reason to refuse the file. */
static void read_media_class(Walk *walk, const Element *e)
{
    char *uid = walk->out->media_class;
    if (e->length < sizeof walk->out->media_class &&
        dkm_byte_source_copy(walk->source, e->value_at, (gsize)e->length, uid)) {
        uid[e->length] = '\0';
        g_strchomp(uid);
    }
}

/* The file meta information: explicit little endian, group 2 only. */
static gboolean walk_meta(Walk *walk, GError **error)
{
    const guint8 *magic = dkm_byte_source_at(walk->source, MAGIC_AT, 4);
    if (!magic || memcmp(magic, "DICM", 4) != 0)
        return refuse(error, _("not a DICOM file"));
    walk->at = META_AT;
    while (walk->at < walk->source->size) {
        const guint8 *group = dkm_byte_source_at(walk->source, walk->at, 2);
        if (!group || u16(walk, group) != 0x0002)
            break;
        Element e = {0};
        if (!read_header(walk, &e, error))
            return FALSE;
        if (e.length > walk->source->size - e.value_at)
            return refuse(error, _("cut off in the file meta information"));
        if (e.element == 0x0010 && !read_syntax_uid(walk, &e, error))
            return FALSE;
        if (e.element == 0x0002)
            read_media_class(walk, &e);
        walk->at = e.value_at + e.length;
    }
    if (!walk->out->transfer_syntax[0])
        return refuse(error, _("no transfer syntax in the file meta information"));
    return set_syntax(walk, error);
}

/* The rest of SOURCE from AT, raw-inflated, behind the AT bytes before it. */
static GBytes *inflate_rest(DkmByteSource *source, guint64 at, GError **error)
{
    const gsize packed_size = (gsize)(source->size - at);
    if (source->size > DKM_PREFLIGHT_INFLATED) {
        refuse(error, _("a deflated file of more than 64 MiB"));
        return NULL;
    }
    g_autofree guint8 *packed = g_malloc(packed_size + 1);
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_byte_array_set_size(out, (guint)at);
    if (!dkm_byte_source_read(source, 0, (gsize)at, out->data) ||
        !dkm_byte_source_read(source, at, packed_size, packed)) {
        refuse(error, _("cut off"));
        return NULL;
    }
    g_autoptr(GConverter) inflater =
        G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_RAW));
    gsize used = 0;
    GConverterResult result = G_CONVERTER_CONVERTED;
    while (result == G_CONVERTER_CONVERTED) {
        guint8 buffer[65536];
        gsize read = 0, written = 0;
        result =
            g_converter_convert(inflater, packed + used, packed_size - used, buffer, sizeof buffer,
                                G_CONVERTER_INPUT_AT_END, &read, &written, NULL);
        if (result == G_CONVERTER_ERROR || out->len + written > DKM_PREFLIGHT_INFLATED) {
            refuse(error, result == G_CONVERTER_ERROR ? _("the deflated data set is damaged")
                                                      : _("the deflated data set is over 64 MiB"));
            return NULL;
        }
        g_byte_array_append(out, buffer, (guint)written);
        used += read;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

static gboolean walk_inflated(Walk *walk, GError **error)
{
    g_autoptr(GBytes) inflated = inflate_rest(walk->source, walk->at, error);
    if (!inflated)
        return FALSE;
    gsize size;
    const guint8 *bytes = g_bytes_get_data(inflated, &size);
    DkmByteSource memory;
    dkm_byte_source_memory(&memory, bytes, size);
    Walk inside = *walk;
    inside.source = &memory;
    return walk_data_set(&inside, error);
}

DkmPixelFit dkm_preflight_pixel_fit(guint64 length, guint64 one, guint64 whole)
{
    const guint64 even = whole + (whole & 1);
    if (length == even)
        return DKM_PIXELS_FIT;
    return length > even && length - whole < one ? DKM_PIXELS_PADDED : DKM_PIXELS_MISFIT;
}

gboolean dkm_preflight_file(const char *path, DkmPreflight *out, GError **error)
{
    return dkm_preflight_excerpt(path, NULL, out, NULL, error);
}

gboolean dkm_preflight_excerpt(const char *path, const DkmTags *wanted, DkmPreflight *out,
                               GByteArray *excerpt, GError **error)
{
    g_auto(DkmByteSource) source = {.fd = -1};
    *out = (DkmPreflight){0};
    if (!dkm_byte_source_open(&source, path, error))
        return FALSE;
    out->file_size = source.size;
    Walk walk = {.source = &source, .out = out, .wanted = wanted, .excerpt = excerpt};
    if (!walk_meta(&walk, error))
        return FALSE;
    return out->deflated ? walk_inflated(&walk, error) : walk_data_set(&walk, error);
}

GArray *dkm_preflight_fragments(DkmByteSource *source, const DkmPreflight *preflight,
                                GError **error)
{
    DkmPreflight again = *preflight;
    g_autoptr(GArray) fragments = g_array_new(FALSE, FALSE, sizeof(DkmFragment));
    Walk walk = {.source = source, .out = &again, .at = preflight->pixel_offset};
    return walk_fragments(&walk, fragments, error) ? g_steal_pointer(&fragments) : NULL;
}

GBytes *dkm_preflight_inflate(const char *path, GError **error)
{
    g_auto(DkmByteSource) source = {.fd = -1};
    DkmPreflight out = {0};
    if (!dkm_byte_source_open(&source, path, error))
        return NULL;
    Walk walk = {.source = &source, .out = &out};
    return walk_meta(&walk, error) ? inflate_rest(&source, walk.at, error) : NULL;
}
