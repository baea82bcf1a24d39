/* What distinguishes one model from another: widths, outputs, reading, taps, fusion. A value type:
 * copy a preset and change fields to make a variant. Choices and figures: the specification of DKM,
 * sections 0 to 2. Not for: weights or training options. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

enum { DKM_LEVELS = 4 }; /* resolutions of both networks: 1, 1/2, 1/4, 1/8 */

/* What the diffusion module is trained to predict from x_t. */
typedef enum {
    DKM_READING_A,          /* the noise of x_t: a denoiser of x_0, the control without kinetics */
    DKM_READING_B1,         /* effective noise (x_t - a x_k)/s, seeing x_t */
    DKM_READING_B2,         /* the same, seeing x_t and x_0 */
    DKM_READING_REGRESSION, /* x_k - x_0, seeing x_0 without noise: the control without diffusion */
} DkmReading;

typedef enum { DKM_TAP_DECODER, DKM_TAP_ENCODER } DkmTapSide;

/* What the segmentation module sees beside the code, as channels. All are z-scores of the
 * pre-contrast phase. */
typedef enum {
    DKM_INPUT_PRE,       /* the pre-contrast phase */
    DKM_INPUT_POST,      /* pre, early, late: an upper anchor */
    DKM_INPUT_PREDICTED, /* pre, and what the diffusion module predicts of the others in one step */
    DKM_INPUT_ANY,       /* pre, early, late, is early there?, is late there?: what is not, is 0 */
} DkmInput;

/* Post-contrast phases beside the pre-contrast one, as bits. */
enum { DKM_POST_EARLY = 1, DKM_POST_LATE = 2, DKM_POST_BOTH = 3 };

typedef enum {
    DKM_NETWORK_KINETIC,
    DKM_NETWORK_PLAIN, /* the control: a U-Net that fuses nothing and adds no residual */
} DkmNetworkKind;

typedef struct {
    const char *name;
    int image_channels;         /* channels of x_t: 1 */
    int base;                   /* DM: width of stage 1 and a quarter of the time embedding's */
    int multiplier[DKM_LEVELS]; /* DM: stage widths = base * multiplier */
    guint attention; /* DM: bit i: self-attention after each block of stage i+1 as well */
    int outputs;     /* DM: K post-contrast phases: 1 = late, 2 = early, late */
    DkmReading reading;
    float dropout;             /* DM, in training */
    int sm_width[DKM_LEVELS];  /* SM: widths of the kinetic blocks */
    DkmNetworkKind network;    /* SM: dkm_preset_set_network() changes it */
    DkmInput input;            /* SM */
    gboolean fuse[DKM_LEVELS]; /* SM: f1..f4 that are fused */
    DkmTapSide tap;
    int timestep; /* 1..1000, of the code; nothing to a regression */
} DkmPreset;

/* NULL-terminated names that dkm_preset_find() knows: "paper", "small", ... */
extern const char *const dkm_preset_names[];
/* FALSE and DKM_ERROR_USAGE, naming the known ones, for an unknown NAME. */
gboolean dkm_preset_find(const char *name, DkmPreset *preset, GError **error);

/* Channels that the diffusion module's input has: x_t, and x_0 in reading B2. */
int dkm_preset_dm_inputs(const DkmPreset *preset);
/* Channels that the segmentation module sees beside the code. */
int dkm_preset_sm_inputs(const DkmPreset *preset);
/* The post-contrast phases that it takes at most, and whether POSTS are what it can do with. */
guint dkm_preset_posts(const DkmPreset *preset);
gboolean dkm_preset_accepts(const DkmPreset *preset, guint posts);
/* "pre early late" of the phases POSTS beside the pre-contrast one. */
const char *dkm_posts_name(guint posts);
/* All that it accepts: "pre, pre early, pre late, pre early late". g_free. */
char *dkm_preset_accepted(const DkmPreset *preset);
/* A plain network fuses nothing; its widths are such that it has as many parameters as the
 * preset's own with f3f4, less than 2 % apart: small 2,415,941 beside 2,434,033. */
void dkm_preset_set_network(DkmPreset *preset, DkmNetworkKind network);
/* Whether the segmentation module takes in the kinetic code at any level. */
gboolean dkm_preset_fuses(const DkmPreset *preset);
/* Whether anything that the segmentation module takes in comes from the diffusion module; a model
 * where nothing does is complete without one. */
gboolean dkm_preset_uses_dm(const DkmPreset *preset);
/* Channels of code f_(level+1). */
int dkm_preset_code_channels(const DkmPreset *preset, int level);

/* Texts of fields, as in model files' metadata: "A", "B1", "B2", "regression"; "decoder",
 * "encoder"; "pre", "post", "predicted", "any"; "kinetic", "plain"; "f3f4", "none". The parsers
 * give FALSE and DKM_ERROR_USAGE on anything else. */
const char *dkm_reading_name(DkmReading reading);
gboolean dkm_reading_parse(const char *text, DkmReading *reading, GError **error);
const char *dkm_input_name(DkmInput input);
gboolean dkm_input_parse(const char *text, DkmInput *input, GError **error);
const char *dkm_network_kind_name(DkmNetworkKind network);
gboolean dkm_network_kind_parse(const char *text, DkmNetworkKind *network, GError **error);
const char *dkm_tap_name(DkmTapSide tap);
gboolean dkm_tap_parse(const char *text, DkmTapSide *tap, GError **error);
char *dkm_fusion_name(const gboolean fuse[DKM_LEVELS]); /* g_free */
gboolean dkm_fusion_parse(const char *text, gboolean fuse[DKM_LEVELS], GError **error);

G_END_DECLS
