/* Back ends that come as a module of their own, loaded at run time: dkm-NAME.so with one exported
 * function, dkm_backend_v1(). A module brings all that it needs (it does not see the program's
 * symbols) and shares GLib with it. Whatever is wrong with one ends in a reason, never in the end
 * of the program. */
#pragma once

#include "core/net/backend.h"

G_BEGIN_DECLS

/* What a module exports under the name "dkm_backend_v1": its table, which lives for ever. */
typedef const DkmBackend *(*DkmBackendModuleEntry)(void);

/* DKM_MODULE_PATH of the environment (one folder), else the folder that the build installs modules
 * in. */
const char *dkm_backend_module_folder(void);
/* The table of FOLDER/dkm-NAME.so, not probed yet; the module stays loaded to the end. NULL and the
 * reason in *WHY (g_free) for one that is absent, damaged, writable for everyone, lacks a library,
 * or whose table is not DKM_BACKEND_ABI's or has a hole. Any thread. */
const DkmBackend *dkm_backend_module_load(const char *folder, const char *name, char **why);
/* The same from dkm_backend_module_folder(), tried once in a process, failures too. */
const DkmBackend *dkm_backend_module_get(const char *name, char **why);

G_END_DECLS
