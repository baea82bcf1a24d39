#include "core/phantom/protocol.h"

#include <string.h>

const DkmSequence dkm_phantom_sequence = {.repetition_ms = 8.2, .echo_ms = 4.2, .flip_deg = 20};

/* The unilateral ones keep the timing of UCSF's studies: phases of five minutes, the agent given
 * just before the second; the bilateral ones are as fast as later machines. */
static const DkmPhantomProtocol protocols[] = {
    {"ucsf", DKM_PHANTOM_SAGITTAL, 3, {0, 330, 690}, 300, 150, 1750, 3.6},
    {"ge", DKM_PHANTOM_SAGITTAL, 3, {0, 305, 610}, 290, 140, 6000, 13},
    {"siemens", DKM_PHANTOM_AXIAL, 5, {0, 150, 270, 390, 510}, 130, 60, 4500, 9},
    {"philips", DKM_PHANTOM_AXIAL, 4, {0, 140, 300, 460}, 110, 60, 7000, 15},
    {"enhanced", DKM_PHANTOM_AXIAL, 3, {0, 150, 450}, 120, 60, 5000, 10},
};

const DkmPhantomProtocol *dkm_phantom_protocol_find(const char *layout)
{
    for (gsize i = 0; i < G_N_ELEMENTS(protocols); i++)
        if (strcmp(layout, protocols[i].layout) == 0)
            return &protocols[i];
    return NULL;
}

const DkmPhantomProtocol *dkm_phantom_protocol_nth(guint i)
{
    return i < G_N_ELEMENTS(protocols) ? &protocols[i] : NULL;
}

/* Slices follow row x column direction: the order in which readers number them. */
DkmGrid dkm_phantom_protocol_grid(const DkmPhantomProtocol *protocol, int side, int coarse)
{
    DkmGrid sagittal = {.n = {60, 256, 256},
                        .spacing_mm = {2, 0.703125, 0.703125},
                        .origin_lps = {side > 0 ? 158 : -40, -107, 78},
                        .axis_lps = {{-1, 0, 0}, {0, 0, -1}, {0, 1, 0}}};
    DkmGrid axial = {.n = {72, 256, 256},
                     .spacing_mm = {2.2, 1.328125, 1.328125},
                     .origin_lps = {-169.3, -125, -86},
                     .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    DkmGrid grid = protocol->shape == DKM_PHANTOM_SAGITTAL ? sagittal : axial;
    for (int a = 0; a < 3; a++) {
        grid.n[a] /= coarse;
        grid.spacing_mm[a] *= coarse;
    }
    return grid;
}
