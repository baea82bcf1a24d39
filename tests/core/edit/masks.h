/* Masks to try the tools on: random blobs on an anisotropic lattice, some at its edge. */
#pragma once

#include "core/mask.h"

static const DkmGrid masks_grid = {
    {9, 17, 21}, {2.5, 0.9, 0.7}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

static inline void masks_set(DkmMask *mask, int z, int y, int x, guint8 value)
{
    dkm_mask_slice(mask, z)[y * dkm_mask_grid(mask)->n[2] + x] = value;
}

/* Boxes set and cleared in turns, then single voxels flipped. */
static inline DkmMask *masks_random(GRand *rand)
{
    DkmMask *mask = dkm_mask_new(&masks_grid, NULL);
    const int *n = masks_grid.n;
    for (int i = 0, boxes = g_rand_int_range(rand, 1, 9); i < boxes; i++) {
        int first[3], end[3];
        for (int k = 0; k < 3; k++) {
            first[k] = g_rand_int_range(rand, 0, n[k]);
            const int length = g_rand_int_range(rand, 1, n[k]);
            end[k] = MIN(first[k] + length, n[k]);
        }
        for (int z = first[0]; z < end[0]; z++)
            for (int y = first[1]; y < end[1]; y++)
                for (int x = first[2]; x < end[2]; x++)
                    masks_set(mask, z, y, x, i % 2 == 0);
    }
    for (int i = 0; i < 12; i++)
        dkm_mask_slice(mask, 0)[g_rand_int_range(rand, 0, n[0] * n[1] * n[2])] ^= 1;
    return mask;
}

typedef gboolean (*MasksRule)(const DkmMask *mask, const int at[3], gconstpointer data);

/* Every voxel of MADE is what RULE says of the mask that it was made from. */
static inline void masks_check(const DkmMask *made, const DkmMask *from, MasksRule rule,
                               gconstpointer data)
{
    const int *n = masks_grid.n;
    g_assert_nonnull(made);
    for (int z = 0; z < n[0]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[2]; x++) {
                const int at[3] = {z, y, x};
                if (dkm_mask_get(made, z, y, x) != rule(from, at, data))
                    g_test_message("voxel %d %d %d differs", z, y, x);
                g_assert_cmpint(dkm_mask_get(made, z, y, x), ==, rule(from, at, data));
            }
}

static inline double masks_distance2(const int a[3], const int b[3])
{
    double distance2 = 0;
    for (int k = 0; k < 3; k++) {
        const double d = (a[k] - b[k]) * masks_grid.spacing_mm[k];
        distance2 += d * d;
    }
    return distance2;
}

static inline void masks_equal(const DkmMask *a, const DkmMask *b)
{
    g_autofree char *left = dkm_mask_sha256(a), *right = dkm_mask_sha256(b);
    g_assert_cmpstr(left, ==, right);
}
