/* Pages between blocks that are still in use go back to the system as well. */
#include "gui/memory.h"

#include <string.h>
#include <unistd.h>

enum { BLOCKS = 4096, BYTES = 16384, PAUSE_MS = 3000 };

static gsize resident(void)
{
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    const char *second = strchr(text, ' ');
    g_assert_nonnull(second);
    return g_ascii_strtoull(second, NULL, 10) * (gsize)sysconf(_SC_PAGESIZE);
}

static gboolean on_end(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

static void gives_back(void)
{
    char *blocks[BLOCKS];
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    if (g_getenv("ASAN_OPTIONS")) {
        g_test_skip("the sanitizer keeps what is freed");
        return;
    }
    for (int i = 0; i < BLOCKS; i++)
        memset(blocks[i] = g_malloc(BYTES), i, BYTES);
    for (int i = 0; i < BLOCKS - 1; i++) /* the last one keeps the heap's end where it is */
        g_free(blocks[i]);
    const gsize kept = resident();
    for (int i = 0; i < 3; i++)
        dkm_memory_give_back_soon();
    g_timeout_add(PAUSE_MS, on_end, loop);
    g_main_loop_run(loop);
    g_assert_cmpuint(resident() + (gsize)BLOCKS * BYTES / 2, <, kept);
    g_free(blocks[BLOCKS - 1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/memory/gives-back", gives_back);
    return g_test_run();
}
