/* Writes the random model to ARGV[1], for tests that run other programs; its input is ARGV[2]. */
#include "tests/support/random-model.h"

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3)
        return 2;
    g_autoptr(GPtrArray) meta = g_ptr_array_new();
    for (guint i = 0; random_model_meta[i]; i++)
        g_ptr_array_add(meta, (gpointer)random_model_meta[i]);
    if (argc == 3) {
        g_ptr_array_add(meta, (gpointer) "input");
        g_ptr_array_add(meta, argv[2]);
    }
    g_ptr_array_add(meta, NULL);
    random_model_write(argv[1], (const char *const *)meta->pdata);
    return 0;
}
