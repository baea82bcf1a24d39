/* Work off the main thread: the only place of the viewer where threads are made. The owner drops a
 * job that is no longer wanted; from then on nothing of it can reach the screen.
 * Main thread, all of it; only `work` runs elsewhere and must not touch widgets or the case. */
#pragma once

#include "core/progress.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
    DKM_LANE_POOL,   /* GTask's pool: scan, load, save */
    DKM_LANE_ENGINE, /* one thread for the network, one job after the other */
} DkmLane;

typedef gpointer (*DkmJobWork)(gpointer input, DkmProgress *progress, GCancellable *cancel,
                               GError **error);
/* RESULT is given away, NULL with ERROR. Called once, on the main thread, unless dropped before. */
typedef void (*DkmJobDone)(gpointer result, const GError *error, gpointer user);

typedef struct {
    DkmLane lane;
    DkmJobWork work; /* returns non-NULL or sets the error */
    gpointer input;  /* taken */
    GDestroyNotify free_input, free_result;
    DkmJobDone done;
    gpointer user; /* borrowed: whoever it is drops the job before it goes */
} DkmJobSpec;

typedef struct _DkmJob DkmJob;

DkmJob *dkm_job_start(const DkmJobSpec *spec);
/* Asks it to stop: `done` comes with DKM_ERROR_CANCELLED. */
void dkm_job_cancel(DkmJob *job);
/* Stops it and forgets it: `done` is not called any more, its result is freed. Also how the owner
 * lets go of a job that is done. NULL-safe. */
void dkm_job_drop(DkmJob *job);
int dkm_job_permille(DkmJob *job);
double dkm_job_seconds(const DkmJob *job);

G_END_DECLS
