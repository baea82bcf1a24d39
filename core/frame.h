/* What the headers of a folder of DICOM files say, one plain record a frame, without pixels.
 * Filled by dicom/scan or by a test's hand-written table; core/series and core/phases work on it
 * alone. Not for: pixels, or anything that needs DCMTK. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define DKM_ABSENT_INT                                                                             \
    G_MININT /* an integer attribute that the file does not have; reals: NaN; texts: NULL */

/* One frame of one file. Texts are UTF-8 and owned by the table. */
typedef struct {
    const char *path; /* as opened */
    int frame;        /* 0-based frame in the file; 0 for a classic single-frame image */
    guint64 content;  /* a hash of the file's pixel bytes where another file has the same SOP
                         instance UID; 0 unknown */

    /* study and patient (0008,0020) (0010,xxxx) */
    const char *study_uid, *study_date, *study_time, *study_description, *accession_number;
    const char *patient_id, *patient_name, *patient_birth_date, *patient_sex;

    /* series and equipment */
    const char *series_uid, *series_description, *sequence_name, *scanning_sequence, *protocol_name;
    const char *scan_options; /* values joined by a backslash */
    const char *modality, *manufacturer, *manufacturer_model, *body_part;
    const char *sop_class_uid, *sop_instance_uid, *frame_of_reference_uid, *transfer_syntax_uid;
    const char *image_type; /* values joined by a backslash */
    int series_number, instance_number, acquisition_number;

    /* geometry: (0020,0032) (0020,0037) (0028,0030); NaN where absent */
    double position_lps[3];
    double row_lps[3],
        column_lps[3];    /* direction of increasing column index, of increasing row index */
    double spacing_mm[2]; /* between rows (y), between columns (x) */
    double slice_thickness_mm;

    /* pixels */
    int rows, columns, samples_per_pixel, bits_allocated, bits_stored, pixel_representation,
        number_of_frames;
    const char *photometric;
    double rescale_slope, rescale_intercept; /* 1 and 0 where absent or not usable */
    gboolean rescale_is_replaced; /* a slope of 0 or no number stands in the file: read as absent */
    double philips_scale; /* Philips' private scale slope (2005,100e); NaN absent. Not applied */
    gboolean is_padded;   /* bytes stand behind the last pixel, fewer than a frame has: not read */
    double window_center, window_width;

    /* what may tell the phases apart */
    int temporal_position, number_of_temporal_positions, images_in_acquisition;
    double trigger_time_ms;
    double acquisition_time_s, content_time_s, series_time_s; /* seconds since midnight */
    double acquisition_datetime_s; /* seconds since 1970 in the file's own zone */
    double temporal_resolution;    /* (0020,0110) as stored: ms, us or s */
    const char *contrast_agent;

    /* acquisition */
    double repetition_time_ms, echo_time_ms, flip_angle_deg,
        field_strength; /* field as stored: T or gauss */
} DkmFrame;

/* Fills FRAME with "absent" in every field. */
void dkm_frame_init(DkmFrame *frame);

typedef enum {
    DKM_FILE_SET_ASIDE, /* readable, but not an image of the kind that is read; the reason says what
                           it is */
    DKM_FILE_REFUSED,   /* damaged, dangerous or not DICOM; the reason says how */
} DkmFileFate;

typedef struct {
    DkmFileFate fate;
    const char *path;       /* owned by the table */
    const char *reason;     /* one sentence, owned by the table; holds no patient data */
    const char *study_uid;  /* NULL where unknown */
    const char *series_uid; /* NULL where unknown */
} DkmFileNote;

/* All frames and all files of one scan. Single owner while filled, immutable and shared after. */
typedef struct {
    gatomicrefcount refs;
    GStringChunk *texts;
    GArray *frames; /* of DkmFrame */
    GArray *notes;  /* of DkmFileNote: every file that gave no frame */
} DkmFrameTable;

DkmFrameTable *dkm_frame_table_new(void);
DkmFrameTable *dkm_frame_table_ref(DkmFrameTable *table);
void dkm_frame_table_unref(DkmFrameTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmFrameTable, dkm_frame_table_unref)

/* The table's own copy of TEXT (equal texts share one); NULL for NULL or "". */
const char *dkm_frame_table_intern(DkmFrameTable *table, const char *text);
/* Appends a copy of FRAME, whose texts are interned already. */
void dkm_frame_table_add(DkmFrameTable *table, const DkmFrame *frame);
/* Appends a note; PATH, UIDs and the reason are interned. */
void dkm_frame_table_note(DkmFrameTable *table, DkmFileFate fate, const char *path,
                          const char *study_uid, const char *series_uid, const char *reason);
static inline const DkmFrame *dkm_frame_table_get(const DkmFrameTable *table, guint i)
{
    return &g_array_index(table->frames, DkmFrame, i);
}

G_END_DECLS
