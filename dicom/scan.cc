/* A folder of files to a table of frames: preflight, header, record. No pixels. */
#include "core/error.h"
#include "core/i18n.h"
#include "core/pool.h"
#include "dicom/copies.h"
#include "dicom/dicom.h"
#include "dicom/header.h"
#include "dicom/j2k.h"

#include "dcmtk/dcmdata/dcistrmb.h"
#include "dcmtk/dcmdata/dcuid.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include <cstring>
#include <new>
#include <string>

namespace {

enum { MAX_FILES = 1000000, MAX_FOLDERS_DEEP = 32 };

struct FileList {
    GPtrArray *paths;
    DkmFrameTable *skipped; /* notes of what is not looked into */
    GCancellable *cancel;
};

void skip(FileList *list, const char *path, const char *reason)
{
    dkm_frame_table_note(list->skipped, DKM_FILE_REFUSED, path, nullptr, nullptr, reason);
}

int compare_paths(gconstpointer a, gconstpointer b)
{
    return strcmp(*static_cast<char *const *>(a), *static_cast<char *const *>(b));
}

/* Links are not followed: what a study holds lies below its folder. What is left out is noted. */
void collect(FileList *list, const char *folder, int depth)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, nullptr);
    if (!dir)
        skip(list, folder, _("the folder cannot be opened"));
    const char *name;
    while (dir && (name = g_dir_read_name(dir)) && list->paths->len < MAX_FILES &&
           !g_cancellable_is_cancelled(list->cancel)) {
        g_autofree char *path = g_build_filename(folder, name, nullptr);
        GStatBuf status;
        const mode_t mode = g_lstat(path, &status) == 0 ? status.st_mode : 0;
        if (S_ISLNK(mode))
            skip(list, path, _("a link, not followed"));
        else if (!S_ISDIR(mode))
            g_ptr_array_add(list->paths, g_steal_pointer(&path));
        else if (depth < MAX_FOLDERS_DEEP)
            collect(list, path, depth + 1);
        else
            skip(list, path, _("a folder more than 32 folders deep, not looked into"));
    }
}

struct Job {
    GPtrArray *paths;
    DkmFrameTable **tables; /* one a file */
    DkmProgress *progress;
    GCancellable *cancel;
    gint done;
};

/* What a readable object that is no MR image is called; "(SEG)" is looked for where masks are
 * sought and stays in every language. */
std::string describe_class(const char *uid)
{
    static const struct {
        const char *uid, *words;
    } known[] = {
        {"1.2.840.10008.5.1.4.1.1.66.4", N_("segmentation object (SEG)")},
        {"1.2.840.10008.5.1.4.1.1.66.7", N_("labelmap segmentation object (SEG)")},
        {"1.2.840.10008.5.1.4.1.1.30", N_("parametric map")},
        {"1.2.840.10008.1.3.10", "DICOMDIR"},
    };
    for (const auto &row : known)
        if (strcmp(row.uid, uid) == 0)
            return _(row.words);
    const char *name = dcmFindNameOfUID(uid, nullptr);
    std::string words = name ? name : "";
    const size_t storage = words.rfind("Storage");
    if (storage != std::string::npos)
        words.resize(storage);
    g_autofree char *text = name ? g_strdup_printf(_("not an MR image: %s"), words.c_str())
                                 : g_strdup_printf(_("not an MR image (SOP class %s)"), uid);
    return text;
}

/* DCMTK sees only the elements that are asked for: the time a file takes is that of its parsing. */
bool parse(DcmDataset &dataset, const GByteArray *excerpt, E_TransferSyntax syntax, GError **error)
{
    if (excerpt->len == 0)
        return true;
    DcmInputBufferStream stream;
    stream.setBuffer(excerpt->data, excerpt->len);
    stream.setEos();
    dataset.transferInit();
    const OFCondition read = dataset.read(stream, syntax, EGL_noChange, excerpt->len);
    dataset.transferEnd();
    return dkm::check(read, DKM_ERROR_INPUT, _("header not readable"), error);
}

bool load(const char *path, bool with_groups, DkmPreflight *preflight, DcmDataset &dataset,
          GError **error)
{
    const DkmTags wanted = dkm::header_tags(with_groups);
    g_autoptr(GByteArray) excerpt = g_byte_array_sized_new(4096);
    if (!dkm_preflight_excerpt(path, &wanted, preflight, excerpt, error))
        return false;
    const bool is_explicit = preflight->deflated || dkm_j2k_is(preflight->transfer_syntax);
    const E_TransferSyntax syntax =
        is_explicit ? EXS_LittleEndianExplicit : DcmXfer(preflight->transfer_syntax).getXfer();
    if (syntax == EXS_Unknown) { /* newer than DCMTK, which would not say so */
        g_set_error(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED, _("transfer syntax %s is not read"),
                    preflight->transfer_syntax);
        return false;
    }
    return parse(dataset, excerpt, syntax, error);
}

/* To UTF-8; what cannot be converted is made valid when it is kept. Plain ASCII is the same in the
 * two sets that nearly all files name, and a converter takes longer than the rest of the header. */
void convert(DcmDataset &dataset)
{
    const OFString set = dkm::text(dataset, DCM_SpecificCharacterSet);
    const bool extends_ascii = set == "ISO_IR 100" || set == "ISO_IR 192";
    if (set.empty() || set == "ISO_IR 6" ||
        (extends_ascii && !dataset.containsExtendedCharacters()))
        return;
    dataset.convertToUTF8();
}

bool read_file(DkmFrameTable *table, const char *path, GError **error)
{
    DkmPreflight preflight;
    DcmDataset plain;
    if (!load(path, false, &preflight, plain, error))
        return false;
    const OFString sop_class = dkm::text(plain, DCM_SOPClassUID);
    const OFString uid = sop_class.empty() ? OFString(preflight.media_class) : sop_class;
    if (uid.empty()) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT, _("no SOP class UID"));
        return false;
    }
    if (!dkm::is_mr(uid.c_str())) {
        dkm_frame_table_note(
            table, DKM_FILE_SET_ASIDE, path, dkm::text(plain, DCM_StudyInstanceUID).c_str(),
            dkm::text(plain, DCM_SeriesInstanceUID).c_str(), describe_class(uid.c_str()).c_str());
        return true;
    }
    if (!dkm::is_enhanced(uid.c_str())) {
        convert(plain);
        return dkm::add_frames(table, path, plain, preflight, error);
    }
    DcmDataset with_groups;
    if (!load(path, true, &preflight, with_groups, error))
        return false;
    convert(with_groups);
    return dkm::add_frames(table, path, with_groups, preflight, error);
}

void scan_file(DkmFrameTable *table, const char *path)
{
    g_autoptr(GError) error = nullptr;
    dkm::guarded(&error, [&] { return read_file(table, path, &error); });
    if (error)
        dkm_frame_table_note(table, DKM_FILE_REFUSED, path, nullptr, nullptr, error->message);
}

void scan_item(gpointer data, gsize item, int)
{
    Job *job = static_cast<Job *>(data);
    if (g_cancellable_is_cancelled(job->cancel))
        return;
    job->tables[item] = dkm_frame_table_new();
    scan_file(job->tables[item], static_cast<const char *>(job->paths->pdata[item]));
    const gint done = g_atomic_int_add(&job->done, 1) + 1;
    dkm_progress_set(job->progress, 0, 1000, static_cast<gsize>(done), job->paths->len);
}

/* Every text field of a frame, for carrying it from a file's own table into the study's. */
void move_frame(DkmFrameTable *to, DkmFrame frame)
{
    const char **const fields[] = {
        &frame.path,           &frame.study_uid,           &frame.study_date,
        &frame.study_time,     &frame.study_description,   &frame.accession_number,
        &frame.patient_id,     &frame.patient_name,        &frame.patient_birth_date,
        &frame.patient_sex,    &frame.series_uid,          &frame.series_description,
        &frame.sequence_name,  &frame.scanning_sequence,   &frame.protocol_name,
        &frame.modality,       &frame.manufacturer,        &frame.manufacturer_model,
        &frame.body_part,      &frame.sop_class_uid,       &frame.sop_instance_uid,
        &frame.image_type,     &frame.photometric,         &frame.frame_of_reference_uid,
        &frame.contrast_agent, &frame.transfer_syntax_uid, &frame.scan_options};
    for (const char **field : fields)
        *field = dkm_frame_table_intern(to, *field);
    dkm_frame_table_add(to, &frame);
}

void merge(DkmFrameTable *to, DkmFrameTable *from)
{
    for (guint i = 0; i < from->frames->len; i++)
        move_frame(to, *dkm_frame_table_get(from, i));
    for (guint i = 0; i < from->notes->len; i++) {
        const DkmFileNote *note = &g_array_index(from->notes, DkmFileNote, i);
        dkm_frame_table_note(to, note->fate, note->path, note->study_uid, note->series_uid,
                             note->reason);
    }
}

bool list_files(const char *path, FileList *list, GError **error)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
        collect(list, path, 0);
        g_ptr_array_sort(list->paths, compare_paths);
    } else if (g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_ptr_array_add(list->paths, g_strdup(path));
    } else {
        g_autofree char *name = g_path_get_basename(path);
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, _("\"%s\" does not exist"), name);
        return false;
    }
    if (list->paths->len || list->skipped->notes->len || g_cancellable_is_cancelled(list->cancel))
        return true;
    g_autofree char *name = g_path_get_basename(path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, _("\"%s\" holds no file"), name);
    return false;
}

bool found_something(const DkmFrameTable *table, const char *path, GError **error)
{
    for (guint i = 0; i < table->notes->len; i++)
        if (g_array_index(table->notes, DkmFileNote, i).fate == DKM_FILE_SET_ASIDE)
            return true;
    if (table->frames->len)
        return true;
    g_autofree char *name = g_path_get_basename(path);
    const DkmFileNote *first = &g_array_index(table->notes, DkmFileNote, 0);
    g_autofree char *file = g_path_get_basename(first->path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                _("\"%s\" holds no readable DICOM file (%u files looked at; %s: %s)"), name,
                table->notes->len, file, first->reason);
    return false;
}

} // namespace

DkmFrameTable *dkm_dicom_scan(const char *path, DkmProgress *progress, GCancellable *cancel,
                              GError **error)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(DkmFrameTable) skipped = dkm_frame_table_new();
    FileList list = {paths, skipped, cancel};
    if (!dkm::start(error) || !list_files(path, &list, error))
        return nullptr;
    g_autofree DkmFrameTable **tables = g_new0(DkmFrameTable *, paths->len);
    Job job = {paths, tables, progress, cancel, 0};
    g_autoptr(DkmPool) pool = dkm_pool_new(0);
    dkm_pool_run(pool, paths->len, scan_item, &job);
    g_autoptr(DkmFrameTable) table = dkm_frame_table_new();
    for (guint i = 0; i < paths->len; i++) {
        if (tables[i])
            merge(table, tables[i]);
        dkm_frame_table_unref(tables[i]);
    }
    merge(table, skipped);
    dkm_copies_read(table, pool, cancel);
    if (g_cancellable_is_cancelled(cancel)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
        return nullptr;
    }
    return found_something(table, path, error) ? g_steal_pointer(&table) : nullptr;
}
