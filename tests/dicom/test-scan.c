#include "core/error.h"
#include "dicom/copies.h"
#include "tests/dicom/folder.h"

#include <sys/stat.h>
#include <unistd.h>

static void put_text(const char *folder, const char *name, const char *text)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)text, (guint)strlen(text));
    folder_put(folder, name, bytes);
}

/* An object of SOP_CLASS without pixels. */
static void put_object(const char *folder, const char *name, const char *sop_class)
{
    g_autoptr(GByteArray) b = craft_new(CRAFT_EXPLICIT);
    craft_text(b, 0x00080016, "UI", sop_class);
    craft_text(b, 0x00080018, "UI", "1.2.3.9");
    craft_text(b, 0x0020000d, "UI", "1.2.3.4.5");
    craft_text(b, 0x0020000e, "UI", "1.2.3.4.7");
    folder_put(folder, name, b);
}

static const DkmFileNote *note_of(const DkmFrameTable *table, const char *name)
{
    for (guint i = 0; i < table->notes->len; i++) {
        const DkmFileNote *note = &g_array_index(table->notes, DkmFileNote, i);
        g_autofree char *base = g_path_get_basename(note->path);
        if (strcmp(base, name) == 0)
            return note;
    }
    g_assert_cmpstr(name, ==, "a file with a note");
    return NULL;
}

static void assert_note(const DkmFrameTable *table, const char *name, DkmFileFate fate,
                        const char *says)
{
    const DkmFileNote *note = note_of(table, name);
    g_assert_cmpint(note->fate, ==, fate);
    assert_says(note->reason, says);
}

/* ---- what a folder holds ------------------------------------------------------------------- */

static void test_walk(void)
{
    g_autofree char *folder = fixture_folder();
    folder_put_image(folder, "b/2.dcm", "1.2.3.4.2");
    folder_put_image(folder, "a/deep/er/1", "1.2.3.4.1"); /* no ending, another folder */
    folder_put_image(folder, ".hidden", "1.2.3.4.3");
    put_text(folder, "b/notes.txt", "nothing of interest");
    put_text(folder, "empty.dcm", "");
    put_object(folder, "seg.dcm", "1.2.840.10008.5.1.4.1.1.66.4");
    put_object(folder, "ct.dcm", "1.2.840.10008.5.1.4.1.1.2");
    put_object(folder, "odd.dcm", "1.2.3.4.5.6");
    g_autoptr(DkmFrameTable) table = folder_scan(folder);
    g_assert_cmpuint(table->frames->len, ==, 3);
    g_assert_cmpuint(table->notes->len, ==, 5);
    static const char *const order[] = {"1.2.3.4.3", "1.2.3.4.1", "1.2.3.4.2"}; /* by path */
    for (guint i = 0; i < 3; i++)
        g_assert_cmpstr(dkm_frame_table_get(table, i)->sop_instance_uid, ==, order[i]);
    assert_note(table, "notes.txt", DKM_FILE_REFUSED, "not a DICOM file");
    assert_note(table, "empty.dcm", DKM_FILE_REFUSED, "not a DICOM file");
    assert_note(table, "seg.dcm", DKM_FILE_SET_ASIDE, "segmentation object (SEG)");
    assert_note(table, "ct.dcm", DKM_FILE_SET_ASIDE, "not an MR image: CT");
    assert_note(table, "odd.dcm", DKM_FILE_SET_ASIDE, "SOP class 1.2.3.4.5.6");
    g_assert_cmpstr(note_of(table, "seg.dcm")->series_uid, ==, "1.2.3.4.7");
    fixture_remove(folder);
}

/* A syntax that is newer than the DICOM library: read where a codec of ours does it, else named,
 * not called damage. */
static void test_new_syntax(void)
{
    static const char *const syntaxes[] = {"1.2.840.10008.1.2.4.201",  /* HTJ2K */
                                           "1.2.840.10008.1.2.4.112"}; /* JPEG XL */
    static const char *const names[] = {"htj2k.dcm", "jpeg-xl.dcm"};
    g_autofree char *folder = fixture_folder();
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        CraftImage image = CRAFT_IMAGE;
        image.syntax = syntaxes[i];
        g_autoptr(GByteArray) b = craft_header(&image);
        craft_encapsulated(b, "abcd", 4);
        folder_put(folder, names[i], b);
    }
    g_autoptr(DkmFrameTable) table = folder_scan(folder);
    g_assert_cmpuint(table->frames->len, ==, 1);
    g_assert_cmpstr(dkm_frame_table_get(table, 0)->transfer_syntax_uid, ==, syntaxes[0]);
    assert_note(table, names[1], DKM_FILE_REFUSED,
                "transfer syntax 1.2.840.10008.1.2.4.112 is not read");
    fixture_remove(folder);
}

/* ---- one instance in several files -------------------------------------------------------- */

static void put_pixels(const char *folder, const char *name, const char *uid, guint16 first)
{
    const guint16 pixels[24] = {first};
    CraftImage image = CRAFT_IMAGE;
    image.uid = uid;
    g_autoptr(GByteArray) b = craft_header(&image);
    craft_pixels(b, pixels, sizeof pixels);
    folder_put(folder, name, b);
}

static void put_fragment(const char *folder, const char *name, const char *bytes)
{
    CraftImage image = CRAFT_IMAGE;
    image.uid = "1.2.3.4.9";
    image.syntax = "1.2.840.10008.1.2.4.90";
    g_autoptr(GByteArray) b = craft_header(&image);
    craft_encapsulated(b, bytes, 4);
    folder_put(folder, name, b);
}

static guint64 content_of(const DkmFrameTable *table, const char *name)
{
    for (guint i = 0; i < table->frames->len; i++)
        if (g_str_has_suffix(dkm_frame_table_get(table, i)->path, name))
            return dkm_frame_table_get(table, i)->content;
    g_assert_not_reached();
}

static void test_copies(void)
{
    g_autofree char *folder = fixture_folder();
    put_pixels(folder, "one.dcm", "1.2.3.4.1", 7);
    put_pixels(folder, "same.dcm", "1.2.3.4.1", 7);
    put_pixels(folder, "other.dcm", "1.2.3.4.1", 8);
    put_pixels(folder, "alone.dcm", "1.2.3.4.2", 7);
    put_fragment(folder, "coded.dcm", "abcd");
    put_fragment(folder, "coded-same.dcm", "abcd");
    put_fragment(folder, "coded-other.dcm", "abce");
    put_pixels(folder, "not-coded.dcm", "1.2.3.4.9", 7); /* there is no telling */
    put_pixels(folder, "linked.dcm", "1.2.3.4.3", 7);
    g_autofree char *from = folder_path(folder, "linked.dcm"),
                    *to = folder_path(folder, "link.dcm");
    g_assert_cmpint(link(from, to), ==, 0);
    g_autoptr(DkmFrameTable) table = folder_scan(folder);
    g_assert_cmpuint(table->frames->len, ==, 10);
    g_assert_cmpuint(content_of(table, "/one.dcm"), !=, 0);
    g_assert_cmpuint(content_of(table, "/one.dcm"), ==, content_of(table, "/same.dcm"));
    g_assert_cmpuint(content_of(table, "/one.dcm"), !=, content_of(table, "/other.dcm"));
    g_assert_cmpuint(content_of(table, "alone.dcm"), ==, 0);
    g_assert_cmpuint(content_of(table, "/coded.dcm"), !=, 0);
    g_assert_cmpuint(content_of(table, "/coded.dcm"), ==, content_of(table, "coded-same.dcm"));
    g_assert_cmpuint(content_of(table, "/coded.dcm"), !=, content_of(table, "coded-other.dcm"));
    g_assert_cmpuint(content_of(table, "not-coded.dcm"), ==, 0);
    g_assert_cmpuint(content_of(table, "/linked.dcm") + content_of(table, "/link.dcm"), ==, 0);
    fixture_remove(folder);
}

/* A file of many frames is read once for all of them. */
static void test_copies_of_many_frames(void)
{
    g_autofree char *folder = fixture_folder();
    put_pixels(folder, "a.dcm", "1.2.3.4.1", 7);
    put_pixels(folder, "b.dcm", "1.2.3.4.1", 8);
    g_autoptr(DkmFrameTable) files = folder_scan(folder), frames = dkm_frame_table_new();
    g_autoptr(DkmPool) pool = dkm_pool_new(1);
    for (guint i = 0; i < 4; i++) {
        DkmFrame frame = *dkm_frame_table_get(files, i / 2);
        frame.frame = (int)i % 2;
        frame.content = 0;
        dkm_frame_table_add(frames, &frame);
    }
    dkm_copies_read(frames, pool, NULL);
    guint64 content[4];
    for (guint i = 0; i < 4; i++)
        content[i] = dkm_frame_table_get(frames, i)->content;
    g_assert_cmpuint(content[0], !=, 0);
    g_assert_cmpuint(content[0], ==, content[1]);
    g_assert_cmpuint(content[0], !=, content[2]);
    g_assert_cmpuint(content[2], ==, content[3]);
    fixture_remove(folder);
}

/* ---- what is not looked into --------------------------------------------------------------- */

/* A link is not followed, wherever it leads, and is accounted for. */
static void test_links(void)
{
    g_autofree char *folder = fixture_folder(), *outside = fixture_folder();
    folder_put_image(folder, "1.dcm", "1.2.3.4.1");
    folder_put_image(outside, "2.dcm", "1.2.3.4.2");
    g_autofree char *out = folder_path(folder, "out"), *loop = folder_path(folder, "loop");
    g_autofree char *file = folder_path(folder, "file.dcm"),
                    *target = folder_path(outside, "2.dcm");
    g_autofree char *dangling = folder_path(folder, "dangling");
    g_assert_cmpint(symlink(outside, out), ==, 0);
    g_assert_cmpint(symlink(folder, loop), ==, 0);
    g_assert_cmpint(symlink(target, file), ==, 0);
    g_assert_cmpint(symlink("/nowhere/at/all", dangling), ==, 0);
    g_autoptr(DkmFrameTable) table = folder_scan(folder);
    g_assert_cmpuint(table->frames->len, ==, 1);
    g_assert_cmpuint(table->notes->len, ==, 4);
    static const char *const names[] = {"out", "loop", "file.dcm", "dangling"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        assert_note(table, names[i], DKM_FILE_REFUSED, "a link, not followed");
    g_unlink(out), g_unlink(loop), g_unlink(file), g_unlink(dangling);
    fixture_remove(folder);
    fixture_remove(outside);
}

/* The folder itself may be named through a link. */
static void test_link_to_folder(void)
{
    g_autofree char *folder = fixture_folder(), *elsewhere = fixture_folder();
    g_autofree char *link = folder_path(elsewhere, "study");
    folder_put_image(folder, "1.dcm", "1.2.3.4.1");
    g_assert_cmpint(symlink(folder, link), ==, 0);
    g_autoptr(DkmFrameTable) table = folder_scan(link);
    g_assert_cmpuint(table->frames->len, ==, 1);
    g_unlink(link);
    fixture_remove(folder);
    fixture_remove(elsewhere);
}

static void test_too_deep(void)
{
    g_autofree char *folder = fixture_folder();
    GString *name = g_string_new(NULL);
    for (int i = 0; i < 40; i++)
        g_string_append_printf(name, "d%d/", i);
    g_string_append(name, "1.dcm");
    folder_put_image(folder, name->str, "1.2.3.4.1");
    folder_put_image(folder, "2.dcm", "1.2.3.4.2");
    g_autoptr(DkmFrameTable) table = folder_scan(folder);
    g_assert_cmpuint(table->frames->len, ==, 1);
    g_assert_cmpuint(table->notes->len, ==, 1);
    assert_note(table, "d32", DKM_FILE_REFUSED, "more than 32 folders deep");
    g_string_free(name, TRUE);
    fixture_remove(folder);
}

static void test_locked_folder(void)
{
    if (geteuid() == 0) {
        g_test_skip("no folder is locked for root");
        return;
    }
    g_autofree char *folder = fixture_folder();
    folder_put_image(folder, "1.dcm", "1.2.3.4.1");
    folder_put_image(folder, "locked/2.dcm", "1.2.3.4.2");
    g_autofree char *locked = folder_path(folder, "locked");
    g_assert_cmpint(chmod(locked, 0), ==, 0);
    g_autoptr(DkmFrameTable) table = folder_scan(folder);
    assert_note(table, "locked", DKM_FILE_REFUSED, "cannot be opened");
    chmod(locked, 0700);
    fixture_remove(folder);
}

static void test_pipe(void)
{
    g_autofree char *folder = fixture_folder();
    g_autofree char *pipe = folder_path(folder, "pipe");
    folder_put_image(folder, "1.dcm", "1.2.3.4.1");
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    g_autoptr(DkmFrameTable) table = folder_scan(folder);
    assert_note(table, "pipe", DKM_FILE_REFUSED, "not a regular file");
    fixture_remove(folder);
}

/* ---- errors -------------------------------------------------------------------------------- */

static void assert_fails(const char *path, int code, const char *says)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(dkm_dicom_scan(path, NULL, NULL, &error));
    g_assert_error(error, DKM_ERROR, code);
    g_assert_nonnull(strstr(error->message, says));
}

static void test_nothing(void)
{
    g_autofree char *folder = fixture_folder();
    g_autofree char *link = folder_path(folder, "link");
    assert_fails("/nowhere/at/all", DKM_ERROR_INPUT, "\"all\" does not exist");
    assert_fails(folder, DKM_ERROR_INPUT, "\" holds no file");
    g_assert_cmpint(symlink("/tmp", link), ==, 0);
    assert_fails(folder, DKM_ERROR_INPUT, "a link, not followed");
    g_unlink(link);
    put_text(folder, "a.txt", "hello");
    assert_fails(folder, DKM_ERROR_INPUT, "a.txt: not a DICOM file");
    fixture_remove(folder);
}

static void test_single_file(void)
{
    g_autofree char *folder = fixture_folder();
    g_autofree char *path = folder_path(folder, "1.dcm");
    folder_put_image(folder, "1.dcm", "1.2.3.4.1");
    folder_put_image(folder, "2.dcm", "1.2.3.4.2");
    g_autoptr(DkmFrameTable) table = folder_scan(path);
    g_assert_cmpuint(table->frames->len, ==, 1);
    g_assert_cmpstr(dkm_frame_table_get(table, 0)->path, ==, path);
    fixture_remove(folder);
}

static void test_cancelled(void)
{
    g_autofree char *folder = fixture_folder();
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    folder_put_image(folder, "1.dcm", "1.2.3.4.1");
    g_cancellable_cancel(cancel);
    g_assert_null(dkm_dicom_scan(folder, NULL, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    fixture_remove(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    alarm(60);
    g_test_add_func("/scan/walk", test_walk);
    g_test_add_func("/scan/new-syntax", test_new_syntax);
    g_test_add_func("/scan/copies", test_copies);
    g_test_add_func("/scan/copies-of-many-frames", test_copies_of_many_frames);
    g_test_add_func("/scan/links", test_links);
    g_test_add_func("/scan/link-to-folder", test_link_to_folder);
    g_test_add_func("/scan/too-deep", test_too_deep);
    g_test_add_func("/scan/locked-folder", test_locked_folder);
    g_test_add_func("/scan/pipe", test_pipe);
    g_test_add_func("/scan/nothing", test_nothing);
    g_test_add_func("/scan/single-file", test_single_file);
    g_test_add_func("/scan/cancelled", test_cancelled);
    return g_test_run();
}
