/* The steps of a plan as child processes of our own program, a few at a time. */
#include "plugin/ablate/ablate.h"
#include "plugin/ablate/child.h"
#include "plugin/options.h"

#include "core/atomic-file.h"
#include "core/error.h"
#include "core/own-file.h"
#include "core/regular-file.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

typedef struct {
    const DkmAblate *ablate;
    GArray *steps;
    char *program;
    GPtrArray *jobs; /* of Job */
    gboolean is_stopping;
    int lock;
} Run;

/* A child that runs. */
typedef struct {
    Run *run;
    guint step;
    DkmAblateChild *child;
    DkmAblateRecord *record; /* NULL: an evaluation */
    char *temporary;         /* of an evaluation */
    gint64 started_us;
    double share_done;
} Job;

static void job_free(gpointer data)
{
    Job *job = data;
    g_clear_pointer(&job->record, dkm_ablate_record_free);
    g_free(job->temporary);
    g_free(job);
}

static void run_clear(Run *run)
{
    g_clear_pointer(&run->jobs, g_ptr_array_unref);
    g_free(run->program);
    if (run->lock >= 0)
        close(run->lock);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static DkmAblateStep *step_of(const Run *run, guint i)
{
    return &g_array_index(run->steps, DkmAblateStep, i);
}

static double seconds_of(const Job *job)
{
    return (double)(g_get_monotonic_time() - job->started_us) / 1e6;
}

/* -- what is said */

static void append_duration(GString *text, double seconds)
{
    const int minutes = (int)ceil(seconds / 60);
    if (seconds < 100)
        g_string_append_printf(text, "%.0f s", seconds);
    else if (minutes < 60)
        g_string_append_printf(text, "%d min", minutes);
    else
        g_string_append_printf(text, "%d h %d min", minutes / 60, minutes % 60);
}

/* One line on a terminal, over the last one; END: wipes it. */
static void show(const Run *run, gboolean end)
{
    gboolean at_least;
    if (!isatty(STDERR_FILENO))
        return;
    g_autoptr(GString) text = g_string_new(NULL);
    const double left = dkm_ablate_steps_left(run->steps, run->ablate->jobs, &at_least);
    g_string_append_printf(text, "%u/%u done", dkm_ablate_steps_count(run->steps, DKM_ABLATE_DONE),
                           run->steps->len -
                               dkm_ablate_steps_count(run->steps, DKM_ABLATE_LEFT_OUT));
    for (guint i = 0; i < run->jobs->len; i++) {
        const Job *job = run->jobs->pdata[i];
        g_autofree char *name = dkm_ablate_step_name(run->ablate->plan, step_of(run, job->step));
        g_string_append_printf(text, ", %s %.0f %%", name, 100 * job->share_done);
    }
    if (at_least && left < 1) {
        g_string_append(text, "; time left not known yet");
    } else {
        g_string_append(text, at_least ? "; at least " : "; ");
        append_duration(text, left);
        g_string_append(text, " left");
    }
    enum { COLUMNS = 118 };
    g_printerr("\r%-*.*s%s", COLUMNS, COLUMNS, end ? "" : text->str, end ? "\r" : "");
}

/* One line on standard output for what is over. */
static void tell(const Run *run, guint i)
{
    const DkmAblateStep *step = step_of(run, i);
    g_autofree char *name = dkm_ablate_step_name(run->ablate->plan, step);
    g_autoptr(GString) text = g_string_new(NULL);
    show(run, TRUE);
    g_string_append_printf(text, "%s%s", name,
                           step->kind == DKM_ABLATE_EVALUATION ? ", evaluation" : "");
    if (step->state == DKM_ABLATE_FAILED) {
        g_string_append_printf(text, ": failed: %s", step->why);
    } else {
        g_string_append(text, ": done, ");
        append_duration(text, step->seconds);
    }
    g_print("%s\n", text->str);
    fflush(stdout);
}

/* -- starting */

static void add_word(GPtrArray *words, const char *word)
{
    g_ptr_array_add(words, g_strdup(word));
}

static void add_pair(GPtrArray *words, const char *option, const char *value)
{
    add_word(words, option);
    add_word(words, value);
}

static void add_common(const Run *run, GPtrArray *words)
{
    const DkmAblate *a = run->ablate;
    for (guint i = 0; a->cases[i]; i++)
        add_pair(words, "--cases", a->cases[i]);
    add_word(words, "--threads");
    g_ptr_array_add(words, g_strdup_printf("%d", a->threads));
    if (a->device)
        add_pair(words, "--device", a->device);
}

/* The words of step I, NULL-terminated. */
static GPtrArray *words_of(const Run *run, guint i, gboolean resume)
{
    const DkmAblateStep *step = step_of(run, i);
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *model = dkm_ablate_path(run->ablate, step, DKM_ABLATE_MODEL);
    add_word(words, run->program);
    if (step->kind == DKM_ABLATE_EVALUATION) {
        add_word(words, "evaluate");
        add_word(words, model);
        add_common(run, words);
        add_word(words, "--json");
    } else {
        add_word(words, "train");
        add_word(words, dkm_ablate_kind_name(step->kind));
        add_common(run, words);
        add_pair(words, "--out", model);
        if (step->needs >= 0) {
            g_autofree char *dm =
                dkm_ablate_path(run->ablate, step_of(run, (guint)step->needs), DKM_ABLATE_MODEL);
            add_pair(words, "--dm", dm);
        }
        dkm_ablate_recipe_add_words(dkm_ablate_step_recipe(run->ablate, step), words);
        add_word(words, "--fold");
        g_ptr_array_add(words, g_strdup_printf("%d", step->fold));
        if (resume)
            add_word(words, "--resume");
    }
    g_ptr_array_add(words, NULL);
    return words;
}

static void fail(Run *run, guint i, const char *why)
{
    DkmAblateStep *step = step_of(run, i);
    g_free(step->why);
    step->why = g_strdup(why);
    step->state = DKM_ABLATE_FAILED;
}

static gboolean save_record(const Run *run, const Job *job, GError **error)
{
    g_autofree char *path =
        dkm_ablate_path(run->ablate, step_of(run, job->step), DKM_ABLATE_RECORD);
    return !job->record || dkm_ablate_record_save(job->record, path, error);
}

static gboolean prepare(Run *run, Job *job, const GPtrArray *words, GError **error)
{
    const DkmAblateStep *step = step_of(run, job->step);
    if (step->kind == DKM_ABLATE_EVALUATION) {
        g_autofree char *path = dkm_ablate_path(run->ablate, step, DKM_ABLATE_EVALUATION_FILE);
        job->temporary = dkm_atomic_temporary(path);
        return TRUE;
    }
    g_autofree char *command = dkm_command_text((const char *const *)words->pdata + 1);
    job->record = dkm_ablate_open_record(run->ablate, run->steps, job->step, error);
    if (!job->record)
        return FALSE;
    dkm_ablate_record_begin(job->record, command);
    return save_record(run, job, error);
}

static void on_line(gpointer data, const char *line);
static void on_end(gpointer data, int status, const char *words);

static void start(Run *run, guint i, gboolean resume)
{
    Job *job = g_new0(Job, 1);
    g_autoptr(GPtrArray) words = words_of(run, i, resume);
    g_autoptr(GError) error = NULL;
    job->run = run;
    job->step = i;
    job->started_us = g_get_monotonic_time();
    step_of(run, i)->state = DKM_ABLATE_RUNNING;
    g_ptr_array_add(run->jobs, job);
    if (prepare(run, job, words, &error)) {
        const DkmAblateChildSetup setup = {(char **)words->pdata, job->temporary, on_line, on_end,
                                           job};
        job->child = dkm_ablate_child_start(&setup, &error);
    }
    if (job->child)
        return;
    fail(run, i, error->message);
    tell(run, i);
    g_ptr_array_remove(run->jobs, job);
}

/* -- as they go */

static void on_line(gpointer data, const char *line)
{
    Job *job = data;
    DkmAblateStep *step = step_of(job->run, job->step);
    double minutes;
    if (!dkm_ablate_parse_progress(line, &job->share_done, &minutes))
        return;
    step->seconds = seconds_of(job);
    step->seconds_left = minutes * 60;
    show(job->run, FALSE);
}

/* A child's one line without its "dkm: ". */
static const char *sentence(const char *words)
{
    return g_str_has_prefix(words, "dkm: ") ? words + strlen("dkm: ") : words;
}

static gboolean take_evaluation(const Run *run, const Job *job, GError **error)
{
    g_autofree char *path =
        dkm_ablate_path(run->ablate, step_of(run, job->step), DKM_ABLATE_EVALUATION_FILE);
    return dkm_atomic_commit(job->temporary, path, error);
}

/* What came out of a child that says it is done. */
static void check_done(Run *run, const Job *job)
{
    DkmAblateStep *step = step_of(run, job->step);
    g_autoptr(GError) error = NULL;
    gboolean resume;
    if (job->temporary && !take_evaluation(run, job, &error)) {
        fail(run, job->step, error->message);
        return;
    }
    step->state = DKM_ABLATE_WAITING;
    dkm_ablate_look(run->ablate, run->steps, job->step, &resume);
    if (step->state == DKM_ABLATE_WAITING)
        fail(run, job->step, "the child ended without an error and without a complete result");
    if (step->kind == DKM_ABLATE_EVALUATION)
        step->seconds = seconds_of(job);
}

static void on_end(gpointer data, int status, const char *words)
{
    enum { STOPPED = 130 };
    Job *job = data;
    Run *run = job->run;
    g_autoptr(GError) error = NULL;
    if (job->record) {
        dkm_ablate_record_end(job->record, seconds_of(job), status);
        save_record(run, job, &error);
    }
    if (status == 0 && !error)
        check_done(run, job);
    else if (run->is_stopping && status == STOPPED)
        step_of(run, job->step)->state = DKM_ABLATE_WAITING;
    else
        fail(run, job->step,
             error    ? error->message
             : *words ? sentence(words)
                      : "it ended without a word");
    if (status != 0 && job->temporary)
        g_unlink(job->temporary);
    if (step_of(run, job->step)->state != DKM_ABLATE_WAITING)
        tell(run, job->step);
    g_ptr_array_remove(run->jobs, job);
}

static gboolean on_cancel(GCancellable *cancel, gpointer data)
{
    Run *run = data;
    run->is_stopping = TRUE;
    for (guint i = 0; i < run->jobs->len; i++)
        dkm_ablate_child_stop(((Job *)run->jobs->pdata[i])->child);
    return G_SOURCE_REMOVE;
}

/* Looks at each step that nothing holds up, and starts it where it is to be done. */
static void start_what_may(Run *run)
{
    int i;
    while ((int)run->jobs->len < run->ablate->jobs &&
           (i = dkm_ablate_steps_next(run->steps)) >= 0) {
        gboolean resume;
        dkm_ablate_look(run->ablate, run->steps, (guint)i, &resume);
        if (step_of(run, (guint)i)->state == DKM_ABLATE_FAILED)
            tell(run, (guint)i);
        if (step_of(run, (guint)i)->state == DKM_ABLATE_WAITING)
            start(run, (guint)i, resume);
        dkm_ablate_steps_block(run->steps);
    }
    show(run, FALSE);
}

/* What is there already, so that the time left counts only what is to be done. */
static void look_at_all(Run *run)
{
    for (guint i = 0; i < run->steps->len; i++) {
        const DkmAblateStep *step = step_of(run, i);
        gboolean resume;
        if (step->needs < 0 || step_of(run, (guint)step->needs)->state == DKM_ABLATE_DONE)
            dkm_ablate_look(run->ablate, run->steps, i, &resume);
        if (step->state == DKM_ABLATE_FAILED)
            tell(run, i);
    }
    dkm_ablate_steps_block(run->steps);
}

/* Two runs in one folder would overwrite each other's files. */
static gboolean lock(Run *run, GError **error)
{
    g_autofree char *path = g_build_filename(run->ablate->out, ".lock", NULL);
    run->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (run->lock >= 0 && flock(run->lock, LOCK_EX | LOCK_NB) == 0)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "%s: %s", run->ablate->out,
                run->lock >= 0 ? "another dkm ablate is at work there" : "it cannot be written to");
    return FALSE;
}

gboolean dkm_ablate_run(const DkmAblate *ablate, GArray *steps, GError **error)
{
    g_auto(Run) run = {.ablate = ablate,
                       .steps = steps,
                       .program = dkm_own_path(),
                       .jobs = g_ptr_array_new_with_free_func(job_free),
                       .lock = -1};
    if (!run.program) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INTERNAL,
                            "the program does not know its own path");
        return FALSE;
    }
    if (!lock(&run, error))
        return FALSE;
    g_autoptr(GSource) source = g_cancellable_source_new(ablate->cancel);
    g_source_set_callback(source, G_SOURCE_FUNC(on_cancel), &run, NULL);
    g_source_attach(source, NULL);
    look_at_all(&run);
    dkm_ablate_steps_leave_out(steps, ablate->folds);
    for (;;) {
        if (!run.is_stopping)
            start_what_may(&run);
        if (run.jobs->len == 0)
            break;
        g_main_context_iteration(NULL, TRUE);
        dkm_ablate_steps_block(steps);
    }
    g_source_destroy(source);
    show(&run, TRUE);
    if (!g_cancellable_is_cancelled(ablate->cancel))
        return TRUE;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
    return FALSE;
}
