/* Memory that a closed study took goes back to the system, not only to the C library. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* In a moment, off the main thread, once for however many calls: jobs that were dropped end first.
 */
void dkm_memory_give_back_soon(void);

G_END_DECLS
