/* A segmentation object, onto the lattice of its own frames. */
#include "dicom/dicom.h"
#include "dicom/preflight.h"
#include "tests/fuzz/fuzz.h"

/* A byte a voxel and segment; the frames are counted one for each. */
static guint64 declared_bytes(const char *path)
{
    DkmPreflight p;
    if (!dkm_preflight_file(path, &p, NULL))
        return 0;
    return (guint64)p.rows * (guint64)p.columns * (guint64)p.frames;
}

void fuzz_one(FuzzInput *input)
{
    g_autoptr(GError) error = NULL;
    input->declared = declared_bytes(input->path);
    g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(input->path, NULL, 0.5, &error);
    g_assert_true(seg ? !error : error && *error->message);
    g_clear_error(&error);
    if (seg) {
        g_autoptr(DkmMask) all = dkm_seg_union(seg, &error);
        g_assert_true(all ? !error : error && *error->message);
    }
}
