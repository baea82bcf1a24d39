/* Finds, checks and loads modules.
 *
 * What is trusted: a link is followed (distributions install through links), but neither the file
 * nor its folder may be writable for everyone, because its code runs as the user who starts the
 * program; a sticky folder (/tmp) is fine. This guards against a careless installation; who can
 * write as this user needs no module. */
#include "core/net/backend-module.h"

#include "core/regular-file.h"

#include <elf.h>
#include <gmodule.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *dkm_backend_module_folder(void)
{
    const char *given = g_getenv("DKM_MODULE_PATH");
    return given && *given ? given : DKM_MODULE_FOLDER;
}

static gboolean read_at(int fd, void *to, gsize bytes, guint64 at)
{
    return pread(fd, to, bytes, (off_t)at) == (ssize_t)bytes;
}

static gboolean lies_within(guint64 first, guint64 length, guint64 bytes)
{
    return first <= bytes && length <= bytes - first;
}

/* The names of the sections are the last but one thing in a file: lost, or zeros, where a copy was
 * cut off or its last pages were never written. */
static gboolean has_section_names(int fd, const Elf64_Ehdr *head, guint64 bytes)
{
    static const char own_name[] = ".shstrtab";
    Elf64_Shdr names;
    char name[sizeof own_name] = {0};
    const guint64 at = head->e_shoff + (guint64)head->e_shstrndx * sizeof names;
    return head->e_shentsize == sizeof names && head->e_shstrndx < head->e_shnum &&
           read_at(fd, &names, sizeof names, at) && names.sh_type == SHT_STRTAB &&
           names.sh_name < names.sh_size && lies_within(names.sh_offset, names.sh_size, bytes) &&
           read_at(fd, name, sizeof name, names.sh_offset + names.sh_name) &&
           memcmp(name, own_name, sizeof own_name) == 0;
}

/* What the loader follows without looking: a list of tables, each of them somewhere in memory that
 * the file fills. MOST: the end of that memory. */
static gboolean is_dynamic_sound(int fd, const Elf64_Phdr *part, guint64 most)
{
    enum { MOST_ENTRIES = 4096 };
    gboolean tables[2] = {FALSE, FALSE}; /* names, symbols */
    const guint64 n = MIN(part->p_filesz / sizeof(Elf64_Dyn), (guint64)MOST_ENTRIES);
    for (guint64 i = 0; i < n; i++) {
        Elf64_Dyn entry;
        if (!read_at(fd, &entry, sizeof entry, part->p_offset + i * sizeof entry))
            return FALSE;
        if (entry.d_tag == DT_NULL)
            return tables[0] && tables[1];
        const gboolean is_place = entry.d_tag == DT_STRTAB || entry.d_tag == DT_SYMTAB ||
                                  entry.d_tag == DT_RELA || entry.d_tag == DT_JMPREL ||
                                  entry.d_tag == DT_GNU_HASH || entry.d_tag == DT_INIT_ARRAY ||
                                  entry.d_tag == DT_FINI_ARRAY || entry.d_tag == DT_INIT ||
                                  entry.d_tag == DT_FINI || entry.d_tag == DT_PLTGOT ||
                                  entry.d_tag == DT_VERSYM || entry.d_tag == DT_VERNEED;
        if (is_place && (entry.d_un.d_ptr == 0 || entry.d_un.d_ptr >= most))
            return FALSE;
        tables[0] = tables[0] || entry.d_tag == DT_STRTAB;
        tables[1] = tables[1] || entry.d_tag == DT_SYMTAB;
    }
    return FALSE;
}

/* The loader of the C library trusts the file: it would end the process at the first page that an
 * interrupted copy lacks, or follow zeros. This finds what such copies look like; a few wrong bytes
 * within code it cannot find. */
static gboolean is_whole(int fd, goffset size)
{
    const guint64 bytes = (guint64)size;
    guint64 most = 0;
    Elf64_Ehdr head;
    Elf64_Phdr part, dynamic = {0};
    if (!read_at(fd, &head, sizeof head, 0) || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
        head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_phentsize != sizeof part ||
        !lies_within(head.e_shoff, (guint64)head.e_shnum * head.e_shentsize, bytes) ||
        !has_section_names(fd, &head, bytes))
        return FALSE;
    for (guint i = 0; i < head.e_phnum; i++) {
        if (!read_at(fd, &part, sizeof part, head.e_phoff + i * sizeof part) ||
            !lies_within(part.p_offset, part.p_filesz, bytes))
            return FALSE;
        if (part.p_type == PT_LOAD)
            most = MAX(most, part.p_vaddr + part.p_memsz);
        if (part.p_type == PT_DYNAMIC)
            dynamic = part;
    }
    for (guint i = 0; i < head.e_phnum; i++) /* it lies where the loader will look for it */
        if (read_at(fd, &part, sizeof part, head.e_phoff + i * sizeof part) &&
            part.p_type == PT_LOAD && dynamic.p_filesz > 0 && dynamic.p_offset >= part.p_offset &&
            lies_within(dynamic.p_offset - part.p_offset, dynamic.p_filesz, part.p_filesz))
            return dynamic.p_vaddr - part.p_vaddr == dynamic.p_offset - part.p_offset &&
                   is_dynamic_sound(fd, &dynamic, most);
    return FALSE;
}

static gboolean is_open_to_all(const char *folder, const struct stat *file)
{
    struct stat status;
    return (file->st_mode & S_IWOTH) || stat(folder, &status) != 0 ||
           (status.st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH;
}

/* NULL where PATH may be loaded, else the reason (g_free). */
static char *find_fault(const char *folder, const char *path)
{
    struct stat status;
    g_autoptr(GError) error = NULL;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return g_strdup_printf("no module %s is installed", path);
    const int fd = dkm_regular_file_open(path, DKM_ERROR_DEVICE, &error);
    if (fd < 0)
        return g_strdup_printf("%s: %s", path, error->message);
    const char *fault = NULL;
    if (fstat(fd, &status) != 0 || is_open_to_all(folder, &status))
        fault = "it or its folder is writable for everyone";
    else if (!is_whole(fd, status.st_size))
        fault = "no module, or a damaged one";
    close(fd);
    return fault ? g_strdup_printf("%s: %s", path, fault) : NULL;
}

/* Every entry that is not optional is there, and capture as a whole or not at all. */
static gboolean is_complete(const DkmBackend *b)
{
    const gboolean basics = b->probe && b->open && b->close && b->describe && b->alloc && b->free &&
                            b->upload && b->download && b->workspace && b->run && b->release;
    const int capture =
        !!b->capture_begin + !!b->capture_end + !!b->captured_replay + !!b->captured_free;
    return basics && b->adam && b->ema && b->sum_squares && (capture == 0 || capture == 4);
}

static const DkmBackend *check_table(const DkmBackend *table, const char *name, char **why)
{
    if (!table)
        *why = g_strdup("its module gave no table");
    else if (table->abi != DKM_BACKEND_ABI)
        *why = g_strdup_printf("its module was built for interface %d, not %d", table->abi,
                               DKM_BACKEND_ABI);
    else if (!table->name || !g_str_equal(table->name, name))
        *why = g_strdup_printf("its module is that of %s", table->name ? table->name : "no device");
    else if (!is_complete(table))
        *why = g_strdup("the table of its module has a hole");
    else
        return table;
    return NULL;
}

const DkmBackend *dkm_backend_module_load(const char *folder, const char *name, char **why)
{
    g_autofree char *file = g_strdup_printf("dkm-%s." G_MODULE_SUFFIX, name);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    gpointer entry = NULL;
    if ((*why = find_fault(folder, path)))
        return NULL;
    GModule *module = g_module_open(path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
    if (!module) {
        *why = g_strdup(g_module_error());
        return NULL;
    }
    /* Drivers start threads and register exit handlers: their code must not vanish. */
    g_module_make_resident(module);
    if (!g_module_symbol(module, "dkm_backend_v1", &entry) || !entry) {
        *why = g_strdup_printf("%s is no module of this program: it lacks dkm_backend_v1", path);
        return NULL;
    }
    return check_table(((DkmBackendModuleEntry)entry)(), name, why);
}

typedef struct {
    const DkmBackend *backend;
    char *why;
} Tried;

const DkmBackend *dkm_backend_module_get(const char *name, char **why)
{
    static GMutex mutex;
    static GHashTable *tried; /* by name; lives as long as the process, as the modules do */
    g_autoptr(GMutexLocker) lock = g_mutex_locker_new(&mutex);
    if (!tried)
        tried = g_hash_table_new(g_str_hash, g_str_equal);
    Tried *one = g_hash_table_lookup(tried, name);
    if (!one) {
        one = g_new0(Tried, 1);
        one->backend = dkm_backend_module_load(dkm_backend_module_folder(), name, &one->why);
        g_hash_table_insert(tried, g_strdup(name), one);
    }
    *why = g_strdup(one->why);
    return one->backend;
}
