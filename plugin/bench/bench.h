/* What the sections of `dkm bench` share: how long to measure, the peak seen so far, the rows of
 * the result. Every figure that can be one is a ratio to a peak of the same run; no test waits for
 * any of them. Only this folder and command-bench.c include it. */
#pragma once

#include "core/model/engine.h"
#include "core/net/cpu/peak.h"
#include "core/net/dtype.h"
#include "core/net/plan.h"

#include <math.h>

enum { DKM_BENCH_FIGURES = 5 };

typedef struct {
    const char *what; /* "forward"; static, as all texts of a figure */
    double value;
    const char *unit;
    double ratio;                  /* NaN: to nothing */
    const char *ratio_of;          /* "of the peak", "x roofline" */
    double goal_value, goal_ratio; /* 0: none */
} DkmBenchFigure;

typedef struct {
    const char *section;   /* static */
    char *name, *note;     /* note may be NULL */
    const char *precision; /* "f32", "bf16", "int8", or NULL where it does not matter */
    int n_figures;
    DkmBenchFigure figures[DKM_BENCH_FIGURES];
} DkmBenchRow;

/* One line of the table for programs. Texts are static or a preset's, ENGINE is owned. */
typedef struct {
    const char *work, *preset, *dtype; /* dkm_work_names[]; "f32", "bf16", "int8" */
    char *engine;                      /* "dkm", or a peer's name */
    double ms_median, ms_best, gflops; /* gflops: at the median */
    guint runs;
    double ratio;      /* the fastest peer's time in the same dtype by this one's; NaN: none */
    double difference; /* relative L2, from our own f32 result; NaN: not compared */
} DkmBenchResult;

/* Single owner. Begin with the fields down to CANCEL, all borrowed, then dkm_bench_open(). */
typedef struct {
    double seconds;          /* that a section may measure for each precision and preset, about */
    gboolean ops;            /* also where the time of the networks goes, by kind of op */
    gboolean layers;         /* the same, layer by layer */
    const char *device_name; /* "cpu", or another back end: it has no measured peak then */
    DkmDeviceOptions device; /* of the cpu; threads 0: one a core */
    int batch;               /* slices a run; 0: one, in training 4 (wide networks: 1) */
    const char *study;       /* a folder to read; NULL: one that the bench writes */
    const char *const *presets; /* NULL-terminated */
    const DkmPrecision *precisions;
    int n_precisions;
    const char *const *sections; /* NULL-terminated; none: all but "peers" */
    gboolean peers;              /* also "peers", alone where no section is named; "read" alone asks
                                    its own */
    const char *python;          /* that runs the peers; NULL: DKM_PEERS_PYTHON, or python3 */
    GCancellable *cancel;
    DkmEngine engine;
    DkmCpuPeak peak; /* zero where the device is no cpu */
    GArray *rows;    /* of DkmBenchRow */
    GArray *results; /* of DkmBenchResult */
} DkmBench;

/* Errors: DEVICE. */
gboolean dkm_bench_open(DkmBench *bench, GError **error);
void dkm_bench_close(DkmBench *bench);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmBench, dkm_bench_close)
/* Runs the sections that are asked for. Errors: theirs, CANCELLED. */
gboolean dkm_bench_run(DkmBench *bench, GError **error);
gboolean dkm_bench_wants(const DkmBench *bench, const char *section);
void dkm_bench_print_text(const DkmBench *bench);
void dkm_bench_print_json(const DkmBench *bench);

/* A new row; NAME and NOTE are taken. Valid until the next one. */
DkmBenchRow *dkm_bench_add(DkmBench *bench, const char *section, char *name, char *note);
void dkm_bench_figure(DkmBenchRow *row, const DkmBenchFigure *figure);
/* Takes RESULT's engine. */
void dkm_bench_result(DkmBench *bench, const DkmBenchResult *result);
/* Of doubles; sorts them. NaN where there are none. */
double dkm_bench_median(GArray *values);
/* The peak of arithmetic in PRECISION, FLOP per second; NaN where none was measured. */
double dkm_bench_flop_peak(const DkmBench *bench, DkmPrecision precision);
/* The least time of one run of PLAN at the measured peaks, in seconds; NaN where there are none. */
double dkm_bench_bound(const DkmBench *bench, const DkmPlan *plan);
/* Looks at the peak once more, for about 0.1 s. FALSE and CANCELLED where Ctrl-C was pressed: to be
 * called between measurements. */
gboolean dkm_bench_breathe(DkmBench *bench, GError **error);

/* A folder of our own below the system's place for temporary files, removed with all in it. */
typedef char *DkmBenchFolder;
DkmBenchFolder dkm_bench_folder_make(GError **error); /* NULL: OUTPUT */
void dkm_bench_folder_remove(DkmBenchFolder *folder);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmBenchFolder, dkm_bench_folder_remove)

/* Sections. Each appends its rows. */
typedef struct {
    const char *name;
    gboolean (*run)(DkmBench *bench, GError **error);
} DkmBenchSection;
extern const DkmBenchSection dkm_bench_sections[]; /* as in the table; ends without a name */
gboolean dkm_bench_conv(DkmBench *bench, GError **error);
gboolean dkm_bench_network(DkmBench *bench, GError **error);
gboolean dkm_bench_train(DkmBench *bench, GError **error);
gboolean dkm_bench_peers(DkmBench *bench, GError **error);
gboolean dkm_bench_read(DkmBench *bench, GError **error); /* builds with dicom alone */
