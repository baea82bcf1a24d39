/* How alike two planes are, pixel by pixel: the structural similarity index. Source: Wang, Bovik,
 * Sheikh and Simoncelli, "Image Quality Assessment", 2004, equation 13. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The SSIM of A and B (ROWS x COLUMNS) around every pixel into OUT: Gaussian window of 11 x 11
 * pixels, 1.5 wide, K1 = 0.01, K2 = 0.03, dynamic range RANGE (above 0). At the borders the window
 * is what lies inside. */
void dkm_ssim_map(const float *a, const float *b, const int size[2], double range, float *out);

G_END_DECLS
