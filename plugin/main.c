/* The program `dkm`: a table of subcommands, Ctrl-C, and the exit status of what went wrong. */
#include "plugin/commands.h"
#include "plugin/deidentify-option.h"
#include "plugin/options.h"

#include "core/error.h"

#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *name, *summary;
    gboolean (*run)(int argc, char **argv, GCancellable *cancel, GError **error);
} Command;

static const Command commands[] = {
#ifdef DKM_HAVE_DICOM
    {"scan", "what a folder holds: studies, series, phases, and the evidence for their order",
     dkm_command_scan},
    {"segment", "outline a tumour from the pre-contrast phase", dkm_command_segment},
    {"kinetics", "measured enhancement: PE, SER, wash-out, functional tumour volume",
     dkm_command_kinetics},
    {"report", "measure the lesions of a segmentation, as a structured report", dkm_command_report},
    {"import", "make a mask drawn elsewhere (TIFF) a segmentation", dkm_command_import},
    {"compare", "how far two segmentations agree", dkm_command_compare},
    {"measure", "score a model on a whole study against a reference segmentation",
     dkm_command_measure},
    {"phantom", "write a synthetic study with its truth", dkm_command_phantom},
#endif
    {"train", "train a diffusion module or a segmentation module", dkm_command_train},
    {"evaluate", "score a model on the patients it was not trained on", dkm_command_evaluate},
    {"ablate", "train and cross-validate what a plan lists, and report", dkm_command_ablate},
    {"calibrate", "prepare a model for int8, where that does not change its score",
     dkm_command_calibrate},
    {"devices", "the compute devices of this machine", dkm_command_devices},
    {"bench", "measure the engine against this machine's peak", dkm_command_bench},
};

static const char exit_statuses[] =
    "Exit status: 0 done, 2 wrong words on the command line, 3 a file or study cannot be used,\n"
    "4 the model cannot be used, 5 a result cannot be written, 6 out of memory or no such device,\n"
    "70 a mistake in this program, 130 stopped by Ctrl-C.\n";

/* TEXT behind LINE, whatever file names and words it repeats: what would move the cursor stands as
 * \xNN (also the C1 controls, in UTF-8). */
static void add_printable(GString *line, const char *text)
{
    for (const guchar *c = (const guchar *)text; *c; c++) {
        const gboolean c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;
        const gboolean is_space = *c == '\n' || *c == '\t';
        if ((*c < ' ' && !is_space) || *c == 0x7f || c1)
            g_string_append_printf(line, "\\x%02x", c1 ? *++c : *c);
        else
            g_string_append_c(line, (char)*c);
    }
}

/* One line on standard error. */
static void say(const char *message)
{
    g_autoptr(GString) line = g_string_new("dkm: ");
    add_printable(line, message);
    g_string_replace(line, "\n", "\\n", 0);
    g_string_replace(line, "\t", "\\x09", 0);
    g_string_append_c(line, '\n');
    fputs(line->str, stderr);
}

static void print_to(FILE *file, const char *text)
{
    g_autoptr(GString) printable = g_string_new(NULL);
    add_printable(printable, text);
    fputs(printable->str, file);
}

/* What g_print() says may come from a file: labels, descriptions, names. */
static void print_out(const char *text)
{
    print_to(stdout, text);
}

static void print_err(const char *text)
{
    print_to(stderr, text);
}

static int say_no_command(const char *name)
{
    g_autofree char *message = g_strdup_printf("there is no command '%s' (see: dkm help)", name);
    say(message);
    return 2;
}

static const Command *find_command(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        if (g_str_equal(commands[i].name, name))
            return &commands[i];
    return NULL;
}

static void print_help(void)
{
    g_print("Usage: dkm COMMAND [OPTIONS]\n\nCommands:\n");
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        g_print("  %-9s  %s\n", commands[i].name, commands[i].summary);
    g_print("\nOptions of a command: dkm help COMMAND\n%s"
            "Research use only, not for diagnosis.\n",
            exit_statuses);
}

static int print_help_on(const char *topic)
{
    if (g_str_equal(topic, "exit-status")) {
        g_print("%s", exit_statuses);
        return 0;
    }
    const Command *command = find_command(topic);
    g_autoptr(GError) error = NULL;
    char *words[] = {(char *)topic, (char *)"--help", NULL};
    if (command) {
        command->run(2, words, NULL, &error); /* prints its help and does nothing */
        return 0;
    }
    return say_no_command(topic);
}

/* SIGHUP, the terminal that closes, too: not where nohup had it ignored. */
static void list_signals(sigset_t *set)
{
    struct sigaction hang_up;
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    if (sigaction(SIGHUP, NULL, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN)
        sigaddset(set, SIGHUP);
}

static gpointer wait_for_signal(gpointer cancel)
{
    sigset_t set;
    int number = 0;
    list_signals(&set);
    sigwait(&set, &number);
    g_cancellable_cancel(cancel);
    sigwait(&set, &number); /* asked twice: leave at once; temporary files may stay behind */
    _exit(130);
}

/* Signals are taken by one thread of their own; every later thread inherits the mask. A pipe nobody
 * reads and a file at its limit are errors of writing. */
static void cancel_on_signals(GCancellable *cancel)
{
    sigset_t set;
    list_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    g_autoptr(GThread) thread = g_thread_try_new("dkm-signals", wait_for_signal, cancel, NULL);
    if (!thread) /* then Ctrl-C ends the program as it ends any other */
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static int report(const GError *error)
{
    say(g_error_matches(error, DKM_ERROR, DKM_ERROR_CANCELLED) ? "stopped" : error->message);
    return dkm_error_exit_status(error);
}

static int run_command(const Command *command, int argc, char **argv)
{
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    cancel_on_signals(cancel);
    if (command->run(argc, argv, cancel, &error) || (error && error->domain == DKM_HELP_SHOWN))
        return 0;
#ifdef DKM_HAVE_DICOM
    dkm_deidentify_abandon();
#endif
    if (!error)
        g_set_error(&error, DKM_ERROR, DKM_ERROR_INTERNAL, "%s failed and does not say why",
                    command->name);
    return report(error);
}

static int run_words(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "help";
    if (g_str_equal(name, "--version")) {
        g_print("dkm %s\n", DKM_VERSION);
        return 0;
    }
    if (g_str_equal(name, "help") || g_str_equal(name, "--help") || g_str_equal(name, "-h")) {
        if (argc > 2)
            return print_help_on(argv[2]);
        print_help();
        return argc > 1 ? 0 : 2;
    }
    const Command *command = find_command(name);
    if (command)
        return run_command(command, argc - 1, argv + 1);
    return say_no_command(name);
}

/* Words that did not reach their reader were not said: a full disk behind ">" is an error. */
int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    /* A decimal comma would run into the commas of a box, and no script reads it. */
    setlocale(LC_NUMERIC, "C");
    g_set_print_handler(print_out);
    g_set_printerr_handler(print_err);
    const int status = run_words(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "dkm: the result could not be printed: %s\n", g_strerror(errno));
    return status ? status : 5;
}
