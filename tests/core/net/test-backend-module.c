/* Modules that are absent, damaged or unwilling: each ends in its reason, and "auto" in the cpu. */
#include "core/net/backend-module.h"

#include "core/error.h"

#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static char *fake_path(const char *fake)
{
    return g_strdup_printf("%s/fake-%s.so", g_getenv("DKM_TEST_MODULES"), fake);
}

static GBytes *read_fake(const char *fake)
{
    g_autofree char *path = fake_path(fake);
    g_autoptr(GError) error = NULL;
    char *content = NULL;
    gsize length = 0;
    g_file_get_contents(path, &content, &length, &error);
    g_assert_no_error(error);
    return g_bytes_new_take(content, length);
}

/* A folder with the one module dkm-cuda.so of these bytes. */
static char *new_folder(const void *content, gsize length)
{
    g_autoptr(GError) error = NULL;
    char *folder = g_dir_make_tmp("dkm-module-XXXXXX", &error);
    g_assert_no_error(error);
    g_autofree char *path = g_build_filename(folder, "dkm-cuda.so", NULL);
    g_file_set_contents_full(path, content, (gssize)length, G_FILE_SET_CONTENTS_NONE, 0755, &error);
    g_assert_no_error(error);
    return folder;
}

static char *new_folder_of(const char *fake)
{
    g_autoptr(GBytes) bytes = read_fake(fake);
    return new_folder(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static char *module_in(const char *folder)
{
    return g_build_filename(folder, "dkm-cuda.so", NULL);
}

static void remove_folder(char *folder)
{
    g_autofree char *path = module_in(folder);
    g_unlink(path);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
    g_free(folder);
}

static void assert_refused(const char *folder, const char *words)
{
    g_autofree char *why = NULL;
    g_assert_null(dkm_backend_module_load(folder, "cuda", &why));
    g_test_message("%s", why);
    g_assert_nonnull(why);
    g_assert_nonnull(strstr(why, words));
}

static void loads_a_good_one(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *why = NULL;
    char *folder = new_folder_of("good");
    const DkmBackend *backend = dkm_backend_module_load(folder, "cuda", &why);
    g_assert_cmpstr(why, ==, NULL);
    g_assert_nonnull(backend);
    DkmDevice *device = backend->open(NULL, &error);
    g_assert_cmpstr(backend->describe(device), ==, "fake, 0 threads");
    backend->close(device);
    remove_folder(folder);
}

typedef struct {
    const char *fake, *words;
} Row;

static const Row spoilt[] = {
    {"old", "built for interface 1, not"},
    {"stranger", "that of abacus"},
    {"hole", "has a hole"},
    {"half-capture", "has a hole"},
    {"empty", "gave no table"},
    {"foreign", "lacks dkm_backend_v1"},
};

static void refuses_a_spoilt_one(gconstpointer data)
{
    const Row *row = data;
    char *folder = new_folder_of(row->fake);
    assert_refused(folder, row->words);
    remove_folder(folder);
}

static void refuses_what_is_absent(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-module-XXXXXX", NULL);
    assert_refused(folder, "is installed");
    assert_refused("/nowhere", "no module /nowhere/dkm-cuda.so is installed");
    g_rmdir(folder);
}

static void refuses_junk(void)
{
    static const char text[] = "#!/bin/sh\n";
    char *folder = new_folder(text, sizeof text);
    assert_refused(folder, "damaged");
    remove_folder(folder);
    folder = new_folder("", 0);
    assert_refused(folder, "damaged");
    remove_folder(folder);
}

/* An interrupted copy: the C library's loader would end the process over some of these. */
static void refuses_a_shortened_one(void)
{
    g_autoptr(GBytes) whole = read_fake("good");
    for (gsize part = 1; part < 16; part++) {
        const gsize length = g_bytes_get_size(whole) * part / 16;
        char *folder = new_folder(g_bytes_get_data(whole, NULL), length);
        assert_refused(folder, "damaged");
        remove_folder(folder);
    }
}

/* A copy whose last pages were never written, as a power cut leaves: the loader follows zeros. */
static void refuses_zeros(void)
{
    g_autoptr(GBytes) whole = read_fake("good");
    gsize length = 0;
    const char *data = g_bytes_get_data(whole, &length);
    for (gsize part = 1; part < 64; part++) {
        const gsize kept = length * part / 64;
        g_autofree char *content = g_malloc0(length);
        memcpy(content, data, kept);
        char *folder = new_folder(content, length);
        assert_refused(folder, "damaged");
        remove_folder(folder);
    }
}

/* The list that the loader follows first, of random bytes; and moved by some. */
static void refuses_a_spoilt_list(void)
{
    g_autoptr(GBytes) whole = read_fake("good");
    gsize length = 0;
    const char *data = g_bytes_get_data(whole, &length);
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)(const void *)data;
    for (guint i = 0; i < head->e_phnum; i++) {
        const gsize at = head->e_phoff + i * sizeof(Elf64_Phdr);
        const Elf64_Phdr *part = (const Elf64_Phdr *)(const void *)(data + at);
        for (guint32 trial = 0; part->p_type == PT_DYNAMIC && trial < 8; trial++) {
            g_autofree char *content = g_memdup2(data, length);
            Elf64_Phdr *moved = (Elf64_Phdr *)(void *)(content + at);
            g_autoptr(GRand) random = g_rand_new_with_seed(trial);
            if (trial == 0)
                moved->p_vaddr += 64;
            for (gsize b = 0; trial > 0 && b < part->p_filesz; b++)
                content[part->p_offset + b] = (char)g_rand_int_range(random, 0, 256);
            char *folder = new_folder(content, length);
            assert_refused(folder, "damaged");
            remove_folder(folder);
        }
    }
}

/* As without a driver or cuDNN: a library that the module needs is nowhere. */
static void names_the_library_that_lacks(void)
{
    g_autoptr(GBytes) bytes = read_fake("driven");
    gsize length = 0;
    char *content = g_bytes_unref_to_data(g_steal_pointer(&bytes), &length);
    char *at = NULL;
    static const char needed[] = "libdkm-driver.so", gone[] = "libdkm-nobody.so";
    while ((at = memmem(content, length, needed, sizeof needed - 1)))
        memcpy(at, gone, sizeof gone - 1);
    char *folder = new_folder(content, length);
    assert_refused(folder, "libdkm-nobody.so: cannot open shared object file");
    remove_folder(folder);
    g_free(content);
}

static void refuses_what_all_may_write(void)
{
    char *folder = new_folder_of("good");
    g_autofree char *path = module_in(folder);
    g_autofree char *why = NULL;
    g_chmod(path, 0757);
    assert_refused(folder, "writable for everyone");
    g_chmod(path, 0755);
    g_chmod(folder, 0777);
    assert_refused(folder, "writable for everyone");
    g_chmod(folder, 01777);
    g_assert_nonnull(dkm_backend_module_load(folder, "cuda", &why));
    remove_folder(folder);
}

/* Links are followed, as installations use them; what lies behind is judged. */
static void follows_links(void)
{
    char *folder = new_folder_of("good");
    char *linked = new_folder("", 0);
    g_autofree char *path = module_in(folder);
    g_autofree char *link = module_in(linked);
    g_autofree char *why = NULL;
    g_unlink(link);
    g_assert_cmpint(symlink(path, link), ==, 0);
    g_assert_nonnull(dkm_backend_module_load(linked, "cuda", &why));
    g_chmod(path, 0757);
    assert_refused(linked, "writable for everyone");
    remove_folder(folder);
    assert_refused(linked, "is installed");
    g_unlink(link);
    g_assert_cmpint(mkfifo(link, 0600), ==, 0);
    assert_refused(linked, "not a regular file");
    remove_folder(linked);
}

static gpointer get_module(gpointer unused)
{
    g_autofree char *why = NULL;
    return (gpointer)dkm_backend_module_get("cuda", &why);
}

/* Once a process: many threads at once get one table, also after the file has gone. */
static void gets_it_once(void)
{
    char *folder = new_folder_of("good");
    GThread *threads[8];
    g_setenv("DKM_MODULE_PATH", folder, TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("getter", get_module, NULL);
    const gpointer first = g_thread_join(threads[0]);
    g_assert_nonnull(first);
    for (gsize i = 1; i < G_N_ELEMENTS(threads); i++)
        g_assert_true(g_thread_join(threads[i]) == first);
    remove_folder(folder);
    g_assert_true(get_module(NULL) == first);
    g_setenv("DKM_MODULE_PATH", "/nowhere", TRUE);
}

/* What "auto" and "cuda" give, in a process of its own: modules are tried once in each. */
static void tell(void)
{
    g_autoptr(GString) refused = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    const gint64 start = g_get_monotonic_time();
    const DkmBackend *best = dkm_backend_find("auto", refused, NULL);
    const gint64 took = g_get_monotonic_time() - start;
    const DkmBackend *asked = dkm_backend_find("cuda", NULL, &error);
    g_assert_cmpint(took, <, G_USEC_PER_SEC / 4);
    g_assert_true(asked || error->code == DKM_ERROR_DEVICE);
    g_assert_true(dkm_backend_find("cpu", NULL, NULL) == &dkm_backend_cpu);
    g_print("auto %s, refused %s%s\n", best->name, refused->str, error ? error->message : "none");
}

static const Row choices[] = {
    {"good", "*auto cuda, refused none\n*"},
    {"full", "*auto cuda, refused none\n*"}, /* open() says so: core/model/engine.c */
    {"refusing", "*auto cpu, refused cuda: no driver is here\ncuda cannot be used: no driver*"},
    {"sulking", "*auto cpu, refused cuda: it gave no reason\ncuda cannot be used: it gave no*"},
    {"old", "*auto cpu, refused cuda: its module was built for interface 1, not *\ncuda cannot*"},
    {"foreign", "*auto cpu, refused cuda: *lacks dkm_backend_v1\ncuda cannot be used: *lacks*"},
};

static void chooses(gconstpointer data)
{
    const Row *row = data;
    char *folder = new_folder_of(row->fake);
    g_setenv("DKM_MODULE_PATH", folder, TRUE);
    g_test_trap_subprocess("/backend-module/subprocess/tell", 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
    g_setenv("DKM_MODULE_PATH", "/nowhere", TRUE);
    remove_folder(folder);
    g_test_trap_assert_passed();
    g_test_trap_assert_stdout(row->words);
}

static void add_rows(const char *base, const Row *rows, gsize n, GTestDataFunc check)
{
    for (gsize i = 0; i < n; i++) {
        g_autofree char *path = g_strconcat("/backend-module/", base, "/", rows[i].fake, NULL);
        g_test_add_data_func(path, &rows[i], check);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/backend-module/loads-a-good-one", loads_a_good_one);
    add_rows("refuses", spoilt, G_N_ELEMENTS(spoilt), refuses_a_spoilt_one);
    g_test_add_func("/backend-module/refuses/absent", refuses_what_is_absent);
    g_test_add_func("/backend-module/refuses/junk", refuses_junk);
    g_test_add_func("/backend-module/refuses/shortened", refuses_a_shortened_one);
    g_test_add_func("/backend-module/refuses/zeros", refuses_zeros);
    g_test_add_func("/backend-module/refuses/spoilt-list", refuses_a_spoilt_list);
    g_test_add_func("/backend-module/refuses/library", names_the_library_that_lacks);
    g_test_add_func("/backend-module/refuses/writable", refuses_what_all_may_write);
    g_test_add_func("/backend-module/follows-links", follows_links);
    g_test_add_func("/backend-module/gets-it-once", gets_it_once);
    g_test_add_func("/backend-module/subprocess/tell", tell);
    add_rows("chooses", choices, G_N_ELEMENTS(choices), chooses);
    return g_test_run();
}
