/* The studies that the viewer's tests read: real ones where DKM_TEST_DATA holds them, else phantoms
 * that the program DKM_COMMAND writes, else a plain one made here. Aborts the test on a full disk.
 */
#pragma once

#include <glib.h>

/* A folder of DICOM files. study_path_free(). */
char *study_path(void);
char *study_path_second(void);   /* another patient */
char *study_path_small(void);    /* made here: quick to open many times */
char *study_path_pre_only(void); /* made here: one phase */
/* Removes the folder unless it is of the real data. */
void study_path_free(char *path);
