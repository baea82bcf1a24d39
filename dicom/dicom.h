/* DICOM in and out: the only header of this folder that others see. Plain C; DCMTK ends behind it.
 * Every function blocks, may be called from any thread, and takes a GCancellable
 * (DKM_ERROR_CANCELLED; nothing half-written is left). Messages name files and slices, never
 * patients. */
#pragma once

#include "core/frame.h"
#include "core/image/lesion-measures.h"
#include "core/mask.h"
#include "core/progress.h"
#include "core/series/phases.h"
#include "core/series/study.h"
#include "core/volume.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Reads the headers of every file below PATH (a folder, walked recursively without following links
 * out of it, or one file). A file that is no image gets a note in the table, never an error.
 * Errors: PATH cannot be opened, no DICOM file at all (names the folder), DCMTK's dictionary is
 * missing. Owner: caller. */
DkmFrameTable *dkm_dicom_scan(const char *path, DkmProgress *progress, GCancellable *cancel,
                              GError **error);

/* Decodes one phase into a volume. Errors name the file and slice. */
DkmVolume *dkm_dicom_load_phase(const DkmFrameTable *table, const DkmPhases *phases, guint phase,
                                DkmProgress *progress, GCancellable *cancel, GError **error);
/* Frames to decode: indices into a table, in the slice order of GRID, grid.n[0] of them. Borrowed.
 */
typedef struct {
    const guint *frames;
    DkmGrid grid;
} DkmFrameStack;
/* Decodes a stack of any series, a derived map too. */
DkmVolume *dkm_dicom_load_frames(const DkmFrameTable *table, const DkmFrameStack *stack,
                                 DkmProgress *progress, GCancellable *cancel, GError **error);

typedef enum { DKM_SEG_AUTOMATIC, DKM_SEG_SEMIAUTOMATIC, DKM_SEG_MANUAL } DkmSegAlgorithm;
/* What kind of algorithm drew it (a code of CID 7162): a network, or a rule on voxels and their
 * neighbours. */
typedef enum { DKM_SEG_NETWORK, DKM_SEG_NEIGHBOURHOOD } DkmSegFamily;

/* One segment (lesion) to write. */
typedef struct {
    const DkmMask *mask; /* on the grid of the source phase */
    const guint8
        *probability;  /* z, y, x, 0..255 for 0..1: what a FRACTIONAL one holds; else NULL */
    const char *label; /* "Lesion 1" */
    DkmSegAlgorithm algorithm;
    const char *foreign_algorithm; /* the name of the one that is not the request's, or NULL */
    const char *tracking_id, *tracking_uid; /* both or neither (NULL: made) */
} DkmSegSegment;

/* How voxels are stored: a bit, a probability, or the number of the segment (which must not
 * overlap). */
typedef enum { DKM_SEG_BINARY, DKM_SEG_FRACTIONAL, DKM_SEG_LABELMAP } DkmSegType;

/* What a SEG is written from. All texts borrowed. */
typedef struct {
    DkmSegType type;
    const DkmFrameTable *table;
    const DkmPhases *phases;
    guint phase; /* the source phase: its instances are referenced frame by frame */
    const DkmSegSegment *segments;
    guint n_segments;
    DkmSegFamily family;
    const char *algorithm_name, *algorithm_version,
        *algorithm_parameters;      /* network, weights hash, threshold */
    const char *content_creator;    /* the reviewing person, or NULL: the software */
    const char *content_label;      /* CS, NULL for "SEGMENTATION" */
    const char *series_description; /* NULL: a default that starts with "RESEARCH" */
    int series_number;              /* 0: source series * 10000 + 3001 */
    const char *predecessor; /* the file of the version that this one supersedes, or NULL: it is
                                stated, must be of the same study, and is not written over;
                                segments of the same label keep their tracking identity */
    const char *uid_seed; /* NULL: random UIDs and today's date; else both follow from it, so that
                             the same request gives the same bytes */
} DkmSegRequest;

/* Writes a SEG (one all-zero frame where nothing is set): temporary file, fsync, rename,
 * then reads it back and compares bit by bit. On error nothing is left at PATH that was not there
 * before. */
gboolean dkm_dicom_write_seg(const DkmSegRequest *request, const char *path, GCancellable *cancel,
                             GError **error);

/* What a voxel of a map is. */
typedef enum {
    DKM_QUANTITY_PROBABILITY,  /* of being tumour, 0..1 */
    DKM_QUANTITY_KINETIC_CODE, /* the heat map of the kinetic code, 0..1 */
    DKM_QUANTITY_PE,           /* percent enhancement */
    DKM_QUANTITY_SER,          /* signal enhancement ratio */
} DkmQuantity;

/* What a parametric map is written from. All borrowed. */
typedef struct {
    const DkmFrameTable *table;
    const DkmPhases *phases;
    guint phase; /* its instances are referenced frame by frame */
    DkmQuantity quantity;
    const float *values; /* z, y, x on the lattice of the phases */
    const char *algorithm_version, *algorithm_parameters;
    const char *uid_seed; /* as of a DkmSegRequest */
} DkmMapRequest;

/* Writes a Parametric Map (float, one frame a slice): temporary file, fsync, rename, read back and
 * compared bit by bit, as dkm_dicom_write_seg does. */
gboolean dkm_dicom_write_map(const DkmMapRequest *request, const char *path, GCancellable *cancel,
                             GError **error);

/* A picture of what was reviewed. All borrowed. Whoever draws it draws "research use only" into it;
 * that names no patient. */
typedef struct {
    const DkmFrameTable *table;
    const DkmPhases *phases;
    guint phase;
    int slice;         /* of the phase: the image that it shows */
    const guint8 *rgb; /* rows of R, G, B bytes, the first the upper one */
    int rows, columns;
    gsize stride;            /* bytes from row to row */
    gboolean shows_patient;  /* the patient's name or ID can be read in it: Burned In Annotation */
    const char *description; /* "axial, lesion 1 outlined", or NULL */
    const char *reviewer;    /* who looked at it, or NULL */
    const char *software_version;
    const char *uid_seed; /* as of a DkmSegRequest */
} DkmCaptureRequest;

/* Writes a Secondary Capture of the study's patient: temporary file, fsync, rename, read back and
 * compared, as dkm_dicom_write_seg does. Error GEOMETRY: no picture of 1 to 16384 pixels a side, or
 * no such slice. */
gboolean dkm_dicom_write_capture(const DkmCaptureRequest *request, const char *path,
                                 GCancellable *cancel, GError **error);

/* One segment of a SEG file, placed on a lattice. */
typedef struct {
    DkmMask *mask;
    guint8 *values; /* FRACTIONAL: z, y, x as stored, 0..maximum of the DkmSeg; else NULL */
    int number;
    char *label;
    char *algorithm_type;             /* "AUTOMATIC", ... or NULL */
    char *algorithm_name;             /* or NULL */
    char *tracking_id, *tracking_uid; /* or NULL */
} DkmSegReadSegment;

typedef struct {
    gatomicrefcount refs;
    GPtrArray *segments; /* of DkmSegReadSegment* */
    char *study_uid, *frame_of_reference_uid, *patient_id, *series_description;
    char *sop_class_uid, *sop_instance_uid, *series_uid;
    const char *type; /* "BINARY", "FRACTIONAL", "LABELMAP" */
    gboolean fractional;
    int maximum;           /* what stands for 1 in a FRACTIONAL one */
    GPtrArray *referenced; /* of char*: instances it says it was made from */
    GPtrArray *assumed;    /* of char*: what was assumed or mapped with a tolerance; for a person */
    gboolean is_resampled; /* it has another lattice: what was done is one of assumed */
    gboolean is_foreign;   /* of another patient, study or frame of reference, read on request */
    gboolean is_deidentified; /* by the scope of this thread: its names stand for the images' */
} DkmSeg;

/* Reads a SEG (BINARY, LABELMAP, or FRACTIONAL with values over THRESHOLD, 0..1, taken as set) onto
 * GRID by plane position, within 0.5 voxel; a lattice that does not fit is an error
 * DKM_ERROR_GEOMETRY. GRID NULL: onto the lattice of the SEG itself (frames' own positions, gaps
 * filled with zero slices). */
DkmSeg *dkm_dicom_read_seg(const char *path, const DkmGrid *grid, double threshold, GError **error);
DkmSeg *dkm_seg_ref(DkmSeg *seg);
void dkm_seg_unref(DkmSeg *seg);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmSeg, dkm_seg_unref)
/* The images that a SEG of anyone's is brought to. */
typedef struct {
    const DkmFrameTable *table;
    const DkmPhases *phases; /* of the study: their lattice, patient, study, frame of reference */
    double threshold;        /* of a FRACTIONAL one, 0..1; 0.5 where nobody says */
    gboolean is_override;    /* read it although it is of another patient, study or frame of
                                reference; each difference is then one of its assumptions */
} DkmSegImport;
/* Reads a SEG onto the lattice of the images, by plane position where it has the same planes, else
 * resampled (nearest voxel) with what fell outside counted. Errors: INPUT where patient, study or
 * frame of reference differ, GEOMETRY where it lies nowhere on the images. */
DkmSeg *dkm_dicom_import_seg(const char *path, const DkmSegImport *import, GError **error);
/* How A differs from B in patient, study, frame of reference, in words for a person (no values), or
 * NULL; what one of them does not say does not differ. g_free. */
char *dkm_seg_difference(const DkmSeg *a, const DkmSeg *b);
/* Whose a SEG is, by its header alone. */
typedef enum {
    DKM_SEG_NOT_OURS,     /* or no SEG, or not readable */
    DKM_SEG_NOT_REVIEWED, /* written by this program; no person has accepted all of it */
    DKM_SEG_REVIEWED,     /* by this program, and a person's work */
} DkmSegReview;
DkmSegReview dkm_dicom_seg_review(const char *path);
/* The person who has accepted all of a DKM_SEG_REVIEWED one, and when its content was made (by then
 * it was); NULL where it is none. g_free. */
char *dkm_dicom_seg_reviewer(const char *path, gint64 *unix_s);
/* All segments of SEG joined into one mask. */
DkmMask *dkm_seg_union(const DkmSeg *seg, GError **error);

/* A new UID "2.25.<random UUID>". Free with g_free. */
char *dkm_dicom_new_uid(void);

/* One series of MR images to write as DICOM (the phantom's and tests' source). */
typedef struct {
    const DkmVolume *const *volumes; /* n_phases of them, one grid */
    guint n_phases;
    const double *t_seconds; /* per phase */
    const char
        *layout; /* "ucsf" "ge" "siemens" "philips" "enhanced": where the phases' order is told */
    const char *patient_id, *patient_name, *study_description;
    const char *study_uid, *frame_of_reference_uid;
    const char *study_date; /* YYYYMMDD; another day has other UIDs. NULL: 20000101 */
    guint64 seed;           /* makes every UID and so the files deterministic */
    /* What is wrong with it, NULL: nothing. "series": before and after contrast in two series;
     * "derived": a subtraction and a MIP beside it; "copies": a file twice; "double": another image
     * of a place; "missing": one less; "uneven": the last slice farther off; "tilted": a sheared
     * stack; "mixed": two images of another orientation. Needs 4 slices and 2 phases. */
    const char *defect;
} DkmMrRequest;

/* NAME is one of the defects above. */
gboolean dkm_dicom_is_mr_defect(const char *name);

/* Writes the instances into folder DIR (made; must be empty or absent), deterministic for a seed.
 */
gboolean dkm_dicom_write_mr(const DkmMrRequest *request, const char *dir, GCancellable *cancel,
                            GError **error);

/* UCSF's private results as they stand in the SEG and SER headers; a field is NaN or 0 where
 * absent. */
typedef struct {
    gboolean has_voi;
    DkmBox voi; /* from (0117,10a1) (0117,10a2), z y x order of the series' lattice */
    double pre_contrast_threshold, pe_threshold;
    int minimum_neighbour_count;
    double stored_voxels, stored_ml;         /* (0117,10b0) FTV results where present: PE */
    double stored_ser_voxels, stored_ser_ml; /* and of these the part with SER over 0.9 */
} DkmUcsfParameters;

/* Looks through the set-aside objects of a study for UCSF's parameters. FALSE without error where
 * there are none. */
gboolean dkm_dicom_find_ucsf(const DkmStudies *studies, const DkmStudy *study,
                             DkmUcsfParameters *out, GError **error);

/* One lesion of a measurement report. Its name, tracking ids and place are those of the segment. */
typedef struct {
    int segment_number;
    const DkmLesionMeasures *measures;
} DkmReportLesion;

/* What a report is written from. All texts borrowed. */
typedef struct {
    const DkmFrameTable *table;
    const DkmPhases *phases;
    guint phase, early,
        late; /* the source phase of the SEG, and those measured; 0: there is none */
    const char *seg_path;
    const DkmReportLesion *lesions;
    guint n_lesions;
    const char *rule; /* how enhancement was measured, in words, or NULL */
    const char *software_version;
    const char *reviewer; /* NULL: who reviewed the SEG, where one of ours says so */
    gint64 reviewed_unix_s;
    int series_number;    /* 0: source series * 10000 + 3301 */
    const char *uid_seed; /* as in DkmSegRequest */
} DkmReportRequest;

/* Writes a TID 1500 report (Comprehensive 3D SR; VERIFIED where someone reviewed it) like a SEG:
 * temporary file, read back and compared, fsync, rename. INPUT where the SEG belongs to another
 * study or lacks a segment. */
gboolean dkm_dicom_write_report(const DkmReportRequest *request, const char *path,
                                GCancellable *cancel, GError **error);

enum { DKM_DEIDENTIFY_KEY_BYTES = 32 };
/* The secret of de-identification: from PATH (NULL: the user's own, in the data folder), made at
 * random, readable by the user alone, where the file is not there yet. The same key gives the same
 * names, UIDs and dates in every object. */
GBytes *dkm_dicom_deidentify_key(const char *path, GError **error);
/* From here to the end every object that this thread writes is de-identified before a byte of it
 * reaches the disk: PS3.15 basic profile for what we write, with modified dates. Objects that may
 * show words in their pixels are refused (OUTPUT). Error INPUT: the key is too short. */
gboolean dkm_dicom_deidentify_begin(GBytes *key, GError **error);
/* UID as objects of this scope write it, outside of one UID itself; g_free. NULL for NULL. */
char *dkm_dicom_deidentified_uid(const char *uid);
/* PATIENT_ID as objects of this scope write it, outside of one itself; g_free. NULL for NULL. */
char *dkm_dicom_deidentified_patient_id(const char *patient_id);
/* LABEL of a lesion as objects of this scope write it; the same rules. */
char *dkm_dicom_deidentified_label(const char *label);
/* The names of SEG, which such a scope has written, stay as they are in what refers to it. */
void dkm_dicom_deidentify_keep(const DkmSeg *seg);
/* Ends it; what was removed, attribute by attribute, without the values. g_strfreev. */
char **dkm_dicom_deidentify_end(void);

G_END_DECLS
