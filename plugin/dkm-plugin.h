/* The C ABI of DKM Workstation: segments a tumour from the pre-contrast phase of a breast DCE-MRI
 * study inside any host. Research use only, not for diagnosis.
 *
 * A host loads libdkm-plugin.so (dlopen), asks its one symbol DKM_PLUGIN_SYMBOL for the table of
 * functions, and needs no other header or library. In short:
 *
 *     const struct dkm_plugin_api *dkm = get_api(DKM_PLUGIN_ABI);    NULL: another version
 *     dkm->session_open(&session, &error);
 *     dkm->load_model(session, NULL, NULL, 0, &error);
 *     dkm->open_study(session, "folder", &error);                    or set_volume()
 *     dkm->segment(session, &request, &result, &error);
 *     dkm->read(session, DKM_PLUGIN_MASK, voxels, bytes, &error);
 *     dkm->session_close(session);
 *
 * Rules. Every struct begins with its size as the host was compiled; fill it in before a call, for
 * structs that are written to as well. All memory that crosses is the caller's; nothing is kept
 * after a call, and nothing needs to be freed but the session. A call returns a status; where that
 * is not DKM_PLUGIN_OK, ERROR (may be NULL) holds one sentence, and the session is as before the
 * call. A session is used by one thread at a time; sessions are independent. Texts are UTF-8.
 * Index order is z, y, x (slice, row, column), patient space is DICOM's LPS in millimetres.
 */
#ifndef DKM_PLUGIN_H
#define DKM_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DKM_PLUGIN_ABI 1u
#define DKM_PLUGIN_SYMBOL "dkm_plugin_get_api"

/* What a call returns: the exit statuses of the program `dkm`. */
enum dkm_plugin_status {
    DKM_PLUGIN_OK = 0,
    DKM_PLUGIN_USAGE = 2,     /* the request itself is wrong: a size, a value, the order of calls */
    DKM_PLUGIN_INPUT = 3,     /* a file, study or volume cannot be used */
    DKM_PLUGIN_MODEL = 4,     /* the weights are damaged, foreign or missing */
    DKM_PLUGIN_OUTPUT = 5,    /* writing failed; nothing half-written is left */
    DKM_PLUGIN_RESOURCE = 6,  /* out of memory, or no such device */
    DKM_PLUGIN_INTERNAL = 70, /* a mistake in this library */
    DKM_PLUGIN_CANCELLED = 130
};

/* Written where a call fails, and cleared where it succeeds. */
struct dkm_plugin_error {
    uint32_t size;
    int32_t status;
    char text[512];
};

/* A lattice in patient space. */
struct dkm_plugin_grid {
    uint32_t size;
    uint32_t n[3];         /* slices, rows, columns */
    double spacing_mm[3];  /* between voxel centres, z, y, x */
    double origin_lps[3];  /* centre of voxel 0,0,0 */
    double axis_lps[3][3]; /* unit vectors of increasing z, y, x, at right angles */
};

enum dkm_plugin_sample { DKM_PLUGIN_INT16 = 1, DKM_PLUGIN_UINT16 = 2, DKM_PLUGIN_FLOAT32 = 3 };

/* A pre-contrast volume in the caller's memory: value = sample * slope + intercept. FLOAT32 must be
 * finite; it is kept in 65,536 even steps between its smallest and largest value. */
struct dkm_plugin_volume {
    uint32_t size;
    uint32_t sample; /* enum dkm_plugin_sample */
    struct dkm_plugin_grid grid;
    const void *samples; /* z, y, x, without gaps */
    uint64_t bytes;      /* of samples: must be n[0] n[1] n[2] times the size of one */
    double slope, intercept;
};

/* Called on the thread that called, at least every 100 ms, with 0 to 1000 thousandths done. Any
 * answer but 0 cancels: the call ends with DKM_PLUGIN_CANCELLED within a second. */
typedef int32_t (*dkm_plugin_progress)(void *user, int32_t permille);

/* What of the study enters; of a volume from memory there is only the pre-contrast phase. */
enum dkm_plugin_phases {
    DKM_PLUGIN_PRE = 0,
    DKM_PLUGIN_AVAILABLE = 1 /* also an early and a late phase, where there are and the model can */
};

struct dkm_plugin_request {
    uint32_t size;
    uint32_t has_voi;             /* 0: the whole volume; 1: nothing outside is computed or set */
    uint32_t first[3], end[3];    /* the VOI: first voxel, and the one behind the last; z, y, x */
    uint32_t phases;              /* enum dkm_plugin_phases */
    double threshold;             /* on the probability, 0 to 1; 0: the model's own */
    dkm_plugin_progress progress; /* may be NULL */
    void *user;
};

struct dkm_plugin_result {
    uint32_t size;
    uint32_t phases_used; /* bits beside the pre-contrast phase: 1 early, 2 late */
    uint64_t voxels;      /* set in the mask */
    double volume_ml, seconds, threshold;
    char mask_sha256[65];    /* of the mask's bytes, z, y, x; hexadecimal */
    char weights_sha256[65]; /* of the model's tensors */
    char device[126];        /* what it was computed on */
};

/* One byte a voxel on the grid of the volume. */
enum dkm_plugin_map {
    DKM_PLUGIN_MASK = 1,        /* 0 or 1 */
    DKM_PLUGIN_PROBABILITY = 2, /* 0 to 255 for 0 to 1 */
    DKM_PLUGIN_KINETIC = 3      /* 0 to 255: strength of the kinetic code, core/model/README.md */
};

struct dkm_plugin_session; /* opaque */

/* The functions. Later versions only append; a host checks `size` before it uses a newer one. */
struct dkm_plugin_api {
    uint32_t size;    /* of this struct as the library was compiled */
    uint32_t version; /* DKM_PLUGIN_ABI as the library was compiled */
    const char *product_version;

    int32_t (*session_open)(struct dkm_plugin_session **session, struct dkm_plugin_error *error);
    void (*session_close)(struct dkm_plugin_session *session); /* NULL is fine */

    /* PATH NULL: the model that is shipped. DEVICE NULL: the best one ("auto"), else "cpu",
     * "cuda", "reference". THREADS 0: one a core; results do not depend on it. */
    int32_t (*load_model)(struct dkm_plugin_session *session, const char *path, const char *device,
                          int32_t threads, struct dkm_plugin_error *error);

    /* The input, in one of two ways; it replaces an earlier one and drops its result. The study's
     * pre-contrast phase is read from a folder of DICOM files that holds one breast DCE study. */
    int32_t (*open_study)(struct dkm_plugin_session *session, const char *folder,
                          struct dkm_plugin_error *error);
    int32_t (*set_volume)(struct dkm_plugin_session *session,
                          const struct dkm_plugin_volume *volume, struct dkm_plugin_error *error);
    int32_t (*get_grid)(struct dkm_plugin_session *session, struct dkm_plugin_grid *grid,
                        struct dkm_plugin_error *error);

    /* Blocks until done. REQUEST NULL: everything default. RESULT may be NULL. */
    int32_t (*segment)(struct dkm_plugin_session *session, const struct dkm_plugin_request *request,
                       struct dkm_plugin_result *result, struct dkm_plugin_error *error);
    /* BYTES must be the number of voxels of the grid. */
    int32_t (*read)(struct dkm_plugin_session *session, uint32_t map, void *voxels, uint64_t bytes,
                    struct dkm_plugin_error *error);
    /* The mask as a DICOM SEG, unreviewed; only after open_study. Complete or not at all. */
    int32_t (*write_seg)(struct dkm_plugin_session *session, const char *path,
                         struct dkm_plugin_error *error);
};

/* The table for hosts compiled with version ABI, static; NULL where the library is another one. */
typedef const struct dkm_plugin_api *(*dkm_plugin_get_api_function)(uint32_t abi);

#ifdef __cplusplus
}
#endif

#endif
