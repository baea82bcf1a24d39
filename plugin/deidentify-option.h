/* --deidentify LIST.json [--deidentify-key FILE] of every command that writes DICOM objects. */
#pragma once

#include "plugin/options.h"
#include "plugin/output.h"

/* For DkmUsage: begins the scope of dicom.h once the words are read. */
extern const DkmMoreOptions dkm_deidentify_options;
/* After all other OUTPUTS: USAGE or OUTPUT where one of them has the name of LIST or of the key. */
gboolean dkm_deidentify_add_to(DkmOutputs *outputs, GError **error);
/* Writes LIST where it was asked for; to be called when all objects are written. OUTPUT. */
gboolean dkm_deidentify_finish(GError **error);
/* After a command that failed: a key that was made for it goes, unless an object was made with it.
 */
void dkm_deidentify_abandon(void);
