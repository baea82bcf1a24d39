#include "core/phantom/acquisition.h"

#include "core/phantom/contrast.h"
#include "core/philox.h"

#include <math.h>
#include <string.h>

enum { STREAM_NOISE = 0x50480003 };

void dkm_acquisition_init(DkmAcquisition *acquisition, const DkmAnatomy *anatomy,
                          const DkmPhantomProtocol *protocol, int coarse)
{
    *acquisition =
        (DkmAcquisition){.anatomy = anatomy,
                         .protocol = protocol,
                         .grid = dkm_phantom_protocol_grid(protocol, anatomy->mass.side, coarse),
                         .n_phases = protocol->n_phases};
    for (guint p = 0; p < protocol->n_phases; p++) {
        const double minutes =
            (protocol->t_seconds[p] + protocol->centre_seconds - protocol->injection_seconds) / 60;
        for (int t = 0; t < DKM_TISSUE_COUNT; t++) {
            const DkmTissueFacts *facts = dkm_tissue_facts((DkmTissue)t);
            acquisition->mmol[p][t] = p ? dkm_contrast_tissue(facts, minutes) : 0;
            acquisition->usual[p][t] =
                (float)dkm_signal_spgr(&dkm_phantom_sequence, facts, acquisition->mmol[p][t]);
        }
    }
}

/* Loops of a breast coil on both sides of the opening and below it; each falls off as the field on
 * a loop's axis does, (1 + (d/R)^2)^(-3/2) by Biot and Savart, and they add up as a sum of squares.
 */
float dkm_acquisition_shading(const DkmAcquisition *acquisition, const float p[3])
{
    static const float loops[4][3] = {{168, -32, -8}, {14, -58, -8}, {92, -64, -88}, {92, -60, 84}};
    const gboolean both = acquisition->protocol->shape == DKM_PHANTOM_AXIAL;
    float sum = 0;
    for (int side = 1; side >= -1; side -= 2)
        for (int i = 0; i < 4 && (both || side == acquisition->anatomy->mass.side); i++) {
            const float u = p[0] * (float)side - loops[i][0];
            const float v = p[1] - loops[i][1], w = p[2] - loops[i][2];
            const float fall = 1 + (u * u + v * v + w * w) / (62.0f * 62.0f);
            sum += 1 / (fall * fall * fall);
        }
    return 3.0f * sqrtf(sum);
}

/* What the suppression leaves of fat: little, more where the magnet's field is off, as below the
 * breast and at the skin. */
static float fat_left(const DkmAnatomy *anatomy, const float p[3], float depth_mm)
{
    const float at[3] = {p[0] / 75 + 3, p[1] / 75 + 9, p[2] / 75 + 17};
    const float off = dkm_field_at(anatomy->field, at);
    const float below = dkm_smooth_step(25, 75, -p[2]) * dkm_smooth_step(-60, 10, p[1]);
    const float skin = 1 - dkm_smooth_step(2, 12, depth_mm);
    const float grain[3] = {p[0] / 5, p[1] / 5, p[2] / 5};
    const float mottle = 1 + 0.5f * dkm_field_sum(anatomy->field, grain, 2);
    return 0.055f * mottle + 0.07f * dkm_smooth_step(0.1f, 0.7f, off) +
           (0.10f * skin + 0.05f) * below;
}

/* Share of each voxel of slice Z that is inside a piece of a vessel. */
static void paint_piece(const DkmAcquisition *q, const DkmVesselPiece *piece, int z, float *plane)
{
    const DkmGrid *grid = &q->grid;
    double ends[2][3];
    int low[3], high[3];
    float axis[3], along = 0;
    for (int e = 0; e < 2; e++) {
        const float *end = e ? piece->to : piece->from;
        dkm_grid_from_lps(grid, (const double[]){(double)end[0], (double)end[1], (double)end[2]},
                          ends[e]);
    }
    for (int a = 0; a < 3; a++) {
        const double more = (double)piece->radius_mm / grid->spacing_mm[a] + 1;
        low[a] = MAX((int)floor(fmin(ends[0][a], ends[1][a]) - more), 0);
        high[a] = MIN((int)ceil(fmax(ends[0][a], ends[1][a]) + more), grid->n[a] - 1);
        axis[a] = piece->to[a] - piece->from[a];
        along += axis[a] * axis[a];
    }
    if (z < low[0] || z > high[0])
        return;
    for (int y = low[1]; y <= high[1]; y++)
        for (int x = low[2]; x <= high[2]; x++) {
            double lps[3];
            dkm_grid_to_lps(grid, (const double[]){z, y, x}, lps);
            float t = 0, away = 0;
            for (int a = 0; a < 3; a++)
                t += ((float)lps[a] - piece->from[a]) * axis[a];
            t = fminf(fmaxf(t / fmaxf(along, 1e-6f), 0), 1);
            for (int a = 0; a < 3; a++) {
                const float d = (float)lps[a] - piece->from[a] - t * axis[a];
                away += d * d;
            }
            float *share = &plane[y * grid->n[2] + x];
            const float half = (float)grid->spacing_mm[2] * 0.6f;
            *share = fmaxf(*share, dkm_share_inside(piece->radius_mm - sqrtf(away), half));
        }
}

static float *paint_vessels(const DkmAcquisition *q, int z)
{
    float *plane = g_new0(float, (gsize)q->grid.n[1] * (gsize)q->grid.n[2]);
    const GArray *pieces = q->anatomy->vessels;
    for (guint i = 0; i < pieces->len; i++)
        paint_piece(q, &g_array_index(pieces, DkmVesselPiece, i), z, plane);
    return plane;
}

/* Signal of a tissue at a phase where its uptake is UPTAKE times the usual one. */
static float tissue_signal(const DkmAcquisition *q, guint phase, DkmTissue tissue, float uptake)
{
    if (phase == 0 || uptake == 1)
        return q->usual[phase][tissue];
    return (float)dkm_signal_spgr(&dkm_phantom_sequence, dkm_tissue_facts(tissue),
                                  q->mmol[phase][tissue] * (double)uptake);
}

static float mixture_signal(const DkmAcquisition *q, guint phase, const DkmMixture *m, float fat)
{
    float sum = 0;
    for (int t = 0; t < DKM_TISSUE_COUNT; t++) {
        if (m->share[t] <= 0)
            continue;
        const float s = tissue_signal(q, phase, (DkmTissue)t, m->uptake[t]);
        sum += m->share[t] * s * (t == DKM_TISSUE_FAT ? fat : 1);
    }
    return sum;
}

double dkm_acquisition_magnitude(double s, double noise, guint64 seed, const guint32 place[2])
{
    const guint32 key[2] = {(guint32)seed, (guint32)(seed >> 32)};
    guint32 word[4];
    dkm_philox(key, (const guint32[]){place[0], place[1], STREAM_NOISE, 0}, word);
    const double u = (word[0] + 0.5) / 4294967296.0, v = (word[1] + 0.5) / 4294967296.0;
    const double length = noise * sqrt(-2 * log(u)), angle = 2 * G_PI * v;
    const double real = s + length * cos(angle), imaginary = length * sin(angle);
    return sqrt(real * real + imaginary * imaginary);
}

/* The noiseless signal of one voxel in every phase; 0 in air. */
static void voxel_signals(const DkmAcquisition *q, const float p[3], float vessel, float *out)
{
    const float half_mm = (float)q->grid.spacing_mm[2] * 0.5f;
    DkmMixture mixture;
    dkm_anatomy_at(q->anatomy, p, half_mm, &mixture);
    memset(out, 0, q->n_phases * sizeof *out);
    if (mixture.depth_mm < -half_mm)
        return;
    if (mixture.depth_mm > 0.5f)
        dkm_mixture_cover(&mixture, DKM_TISSUE_VESSEL, vessel);
    const float fat = fat_left(q->anatomy, p, mixture.depth_mm);
    const float shading = dkm_acquisition_shading(q, p);
    for (guint phase = 0; phase < q->n_phases; phase++)
        out[phase] = shading * mixture_signal(q, phase, &mixture, fat);
}

void dkm_acquisition_slice(const DkmAcquisition *q, int z, gint16 *const *phases, guint8 *truth)
{
    const DkmGrid *grid = &q->grid;
    g_autofree float *vessels = paint_vessels(q, z);
    float signal[DKM_PHANTOM_MAX_PHASES];
    for (int y = 0; y < grid->n[1]; y++)
        for (int x = 0; x < grid->n[2]; x++) {
            double lps[3];
            dkm_grid_to_lps(grid, (const double[]){z, y, x}, lps);
            const float p[3] = {(float)lps[0], (float)lps[1], (float)lps[2]};
            const gsize i = (gsize)y * (gsize)grid->n[2] + (gsize)x;
            const guint32 voxel = (guint32)dkm_grid_index(grid, z, y, x);
            voxel_signals(q, p, vessels[i], signal);
            truth[i] = dkm_mass_depth(q->anatomy, p) > 0;
            for (guint phase = 0; phase < q->n_phases; phase++) {
                const double value = dkm_acquisition_magnitude(
                    (double)signal[phase] * q->protocol->scale, q->protocol->noise,
                    q->anatomy->seed, (const guint32[]){voxel, phase});
                phases[phase][i] = (gint16)CLAMP(lrint(value), 0, 32767);
            }
        }
}
