/* Bytes in use on the first GPU, as the driver's own library counts them; every process's. */
#pragma once

#include <gmodule.h>

static inline gboolean device_memory_used(guint64 *bytes)
{
    typedef struct {
        unsigned long long total, free, used;
    } Memory;
    static int (*init)(void), (*handle)(unsigned, void **), (*info)(void *, Memory *);
    static GModule *library;
    void *device = NULL;
    Memory memory = {0};
    if (!library)
        library = g_module_open("libnvidia-ml.so.1", G_MODULE_BIND_LOCAL);
    if (!library || !g_module_symbol(library, "nvmlInit_v2", (gpointer *)&init) ||
        !g_module_symbol(library, "nvmlDeviceGetHandleByIndex_v2", (gpointer *)&handle) ||
        !g_module_symbol(library, "nvmlDeviceGetMemoryInfo", (gpointer *)&info))
        return FALSE;
    if (init() != 0 || handle(0, &device) != 0 || info(device, &memory) != 0)
        return FALSE;
    *bytes = memory.used;
    return TRUE;
}
