#include "gui/memory.h"

#include <gio/gio.h>
#include <malloc.h>

#define SOON_MS 1000

static guint timer;

static void trim(GTask *task, gpointer source, gpointer data, GCancellable *cancel)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
    g_task_return_boolean(task, TRUE);
}

static gboolean begin(gpointer user)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, NULL, NULL);
    g_task_run_in_thread(task, trim);
    timer = 0;
    return G_SOURCE_REMOVE;
}

void dkm_memory_give_back_soon(void)
{
    if (!timer)
        timer = g_timeout_add(SOON_MS, begin, NULL);
}
