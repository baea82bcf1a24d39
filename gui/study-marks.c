#include "gui/study-marks.h"

#include "gui/private-file.h"

struct _DkmStudyMarks {
    GKeyFile *file;
};

static char *marks_path(void)
{
    return dkm_private_path(g_get_user_state_dir(), "saved.ini");
}

DkmStudyMarks *dkm_study_marks_load(void)
{
    g_autofree char *path = marks_path();
    DkmStudyMarks *self = g_new0(DkmStudyMarks, 1);
    self->file = dkm_private_load(path, NULL);
    if (!self->file)
        self->file = g_key_file_new();
    return self;
}

void dkm_study_marks_free(DkmStudyMarks *self)
{
    if (!self)
        return;
    g_key_file_unref(self->file);
    g_free(self);
}

/* A group's name holds no bracket and no control character: what is no UID gets none. */
static gboolean is_uid(const char *text)
{
    gsize n = 0;
    while (text && (g_ascii_isdigit(text[n]) || text[n] == '.'))
        n++;
    return text && n > 0 && text[n] == '\0';
}

DkmStudyMark dkm_study_marks_get(const DkmStudyMarks *self, const char *study_uid)
{
    if (!is_uid(study_uid))
        return DKM_STUDY_NOT_SAVED;
    g_autofree char *path = g_key_file_get_string(self->file, study_uid, "file", NULL);
    if (!path || !g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return DKM_STUDY_NOT_SAVED;
    return g_key_file_get_boolean(self->file, study_uid, "accepted", NULL)
               ? DKM_STUDY_SAVED_ACCEPTED
               : DKM_STUDY_SAVED;
}

gboolean dkm_study_marks_save(const char *study_uid, const char *path, gboolean is_accepted,
                              GError **error)
{
    if (!is_uid(study_uid))
        return TRUE;
    g_autoptr(DkmStudyMarks) self = dkm_study_marks_load();
    g_autofree char *whole = g_canonicalize_filename(path, NULL), *place = marks_path();
    g_key_file_set_string(self->file, study_uid, "file", whole);
    g_key_file_set_boolean(self->file, study_uid, "accepted", is_accepted);
    return dkm_private_save(self->file, place, error);
}
