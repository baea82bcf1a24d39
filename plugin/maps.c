#include "plugin/maps.h"

#include "core/error.h"

const char *dkm_maps_name(DkmQuantity quantity)
{
    static const char *const names[] = {
        [DKM_QUANTITY_PROBABILITY] = "probability.dcm",
        [DKM_QUANTITY_KINETIC_CODE] = "kinetic-code.dcm",
        [DKM_QUANTITY_PE] = "pe-percent.dcm",
        [DKM_QUANTITY_SER] = "ser.dcm",
    };
    return names[quantity];
}

gboolean dkm_maps_write(const DkmMaps *maps, DkmQuantity quantity, const float *values,
                        GCancellable *cancel, GError **error)
{
    g_autofree char *path = g_build_filename(maps->folder, dkm_maps_name(quantity), NULL);
    const DkmMapRequest request = {
        .table = maps->session->studies->table,
        .phases = maps->session->study->dce,
        .quantity = quantity,
        .values = values,
        .algorithm_version = DKM_VERSION,
        .algorithm_parameters = maps->parameters,
    };
    return dkm_dicom_write_map(&request, path, cancel, error);
}

gboolean dkm_maps_write_u8(const DkmMaps *maps, DkmQuantity quantity, const guint8 *values,
                           GCancellable *cancel, GError **error)
{
    const gsize n = dkm_grid_voxels(&maps->session->study->dce->grid);
    g_autofree float *shares = g_try_new(float, n);
    if (!shares)
        return dkm_error_set_no_memory(error, n * sizeof *shares, "a map");
    for (gsize i = 0; i < n; i++)
        shares[i] = (float)values[i] / 255.0f;
    return dkm_maps_write(maps, quantity, shares, cancel, error);
}
