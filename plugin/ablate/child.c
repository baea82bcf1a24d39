#include "plugin/ablate/child.h"

#include "core/error.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

struct _DkmAblateChild {
    DkmAblateChildSetup setup; /* without words and out */
    GSubprocess *process;
    GDataInputStream *lines, *errors; /* NULL once they ended */
    char *words;
    gboolean has_ended, is_stopping;
};

static void child_free(DkmAblateChild *child)
{
    g_clear_object(&child->process);
    g_clear_object(&child->lines);
    g_clear_object(&child->errors);
    g_free(child->words);
    g_free(child);
}

static int status_of(const DkmAblateChild *child)
{
    enum { SIGNALLED = 128 };
    return g_subprocess_get_if_exited(child->process)
               ? g_subprocess_get_exit_status(child->process)
               : SIGNALLED + g_subprocess_get_term_sig(child->process);
}

/* When it has ended and all that it said is read. */
static void end_if_over(DkmAblateChild *child)
{
    if (!child->has_ended || child->lines || child->errors)
        return;
    child->setup.end(child->setup.data, status_of(child), child->words);
    child_free(child);
}

static void on_end(GObject *process, GAsyncResult *result, gpointer data)
{
    DkmAblateChild *child = data;
    g_subprocess_wait_finish(G_SUBPROCESS(process), result, NULL);
    child->has_ended = TRUE;
    end_if_over(child);
}

static void on_line(GObject *stream, GAsyncResult *result, gpointer data);

static void read_on(DkmAblateChild *child, GDataInputStream *stream)
{
    g_data_input_stream_read_line_async(stream, G_PRIORITY_DEFAULT, NULL, on_line, child);
}

/* A line of either pipe; NULL at its end, or where it cannot be read. */
static void on_line(GObject *stream, GAsyncResult *result, gpointer data)
{
    DkmAblateChild *child = data;
    const gboolean is_error = G_DATA_INPUT_STREAM(stream) == child->errors;
    g_autofree char *line =
        g_data_input_stream_read_line_finish(G_DATA_INPUT_STREAM(stream), result, NULL, NULL);
    if (!line) {
        g_clear_object(is_error ? &child->errors : &child->lines);
        end_if_over(child);
        return;
    }
    if (!is_error) {
        child->setup.line(child->setup.data, line);
    } else if (*line) {
        g_free(child->words);
        child->words = g_utf8_make_valid(line, -1);
    }
    read_on(child, G_DATA_INPUT_STREAM(stream));
}

/* Between fork and exec. It leaves our group, so that Ctrl-C reaches it through us and once; should
 * we be killed, it stops as by Ctrl-C. */
static void prepare(gpointer data)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGINT);
}

DkmAblateChild *dkm_ablate_child_start(const DkmAblateChildSetup *setup, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDERR_PIPE | (setup->out ? 0 : G_SUBPROCESS_FLAGS_STDOUT_PIPE));
    g_autoptr(GError) cause = NULL;
    if (setup->out)
        g_subprocess_launcher_set_stdout_file_path(launcher, setup->out);
    g_subprocess_launcher_set_child_setup(launcher, prepare, NULL, NULL);
    GSubprocess *process =
        g_subprocess_launcher_spawnv(launcher, (const char *const *)setup->words, &cause);
    if (!process) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "%s does not start: %s", setup->words[0],
                    cause->message);
        return NULL;
    }
    DkmAblateChild *child = g_new0(DkmAblateChild, 1);
    child->setup = *setup;
    child->process = process;
    child->words = g_strdup("");
    child->errors = g_data_input_stream_new(g_subprocess_get_stderr_pipe(process));
    read_on(child, child->errors);
    if (!setup->out) {
        child->lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(process));
        read_on(child, child->lines);
    }
    g_subprocess_wait_async(process, NULL, on_end, child);
    return child;
}

void dkm_ablate_child_stop(DkmAblateChild *child)
{
    if (!child->is_stopping && !child->has_ended)
        g_subprocess_send_signal(child->process, SIGINT);
    child->is_stopping = TRUE;
}
