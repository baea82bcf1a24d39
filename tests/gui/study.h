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
char *study_path_large(void);    /* made here: six phases of 180 x 448 x 448, 434 MB */
/* One patient, made here: in 2001 three phases and a T2 of other voxels in the same frame of
 * reference, in 2000 an earlier study with a mask. */
char *study_path_followed(void);
/* Made here: as study_path_small(), but all its images call themselves derived. */
char *study_path_derived(void);
/* Removes the folder unless it is of the real data. */
void study_path_free(char *path);
