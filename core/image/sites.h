/* Where in the breast a voxel lies, by rules of geometry and enhancement: for telling false
 * positives apart. No organ is segmented: names say what mostly lies there, and a report must say
 * so. One site a voxel, the first whose rule holds, in the order of the list. */
#pragma once

#include "core/volume.h"

G_BEGIN_DECLS

typedef enum {
    DKM_SITE_AIR,       /* in front of the skin */
    DKM_SITE_NIPPLE,    /* near the most anterior point of a breast */
    DKM_SITE_SKIN,      /* near the air in front */
    DKM_SITE_CHEST,     /* chest wall, heart: behind a plane */
    DKM_SITE_VESSEL,    /* enhancing, thin and long */
    DKM_SITE_ENHANCING, /* else enhancing */
    DKM_SITE_OTHER,     /* the rest */
    DKM_SITES
} DkmSite;

const char *dkm_site_name(DkmSite site); /* "skin", ...: as in JSON */
const char *dkm_site_rule(DkmSite site); /* the rule in words, with its numbers */

/* The sites of all voxels of PRE (z, y, x; bytes of DkmSite; g_free). EARLY: on its grid, or NULL:
 * nothing is vessel or enhancing then. Errors: GEOMETRY (grids differ), INPUT (no body is found),
 * NO_MEMORY. */
guint8 *dkm_sites_find(const DkmVolume *pre, const DkmVolume *early, GError **error);

G_END_DECLS
