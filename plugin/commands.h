/* The subcommands of `dkm`: one file each, one row each in main.c.
 * ARGV[0] is the command's name. FALSE with an error; its kind is the exit status (core/error.h).
 * CANCEL is triggered by Ctrl-C: the command ends with DKM_ERROR_CANCELLED, nothing half-written.
 */
#pragma once

#include <gio/gio.h>

gboolean dkm_command_ablate(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_bench(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_calibrate(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_compare(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_devices(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_evaluate(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_import(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_kinetics(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_measure(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_phantom(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_report(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_scan(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_segment(int argc, char **argv, GCancellable *cancel, GError **error);
gboolean dkm_command_train(int argc, char **argv, GCancellable *cancel, GError **error);
