/* What a fuzz target is: one function that gives one hostile file to the reader under test.
 * harness.c hands it the file and holds it to its limits; a target only has to read. */
#pragma once

#include <glib.h>

typedef struct {
    const char *path; /* the bytes as a regular file */
    gsize size;
    /* Set by the target, before it reads: bytes of the pixels that the file declares. It may take
     * so much memory beside its own size and FUZZ_MEMORY. */
    guint64 declared;
} FuzzInput;

enum {
    FUZZ_MEMORY = 128 << 20, /* bytes */
    FUZZ_SECONDS = 5,        /* of processor time */
    FUZZ_SIDE = 2048,        /* pixels: what a target decodes */
};

/* One a program. */
void fuzz_one(FuzzInput *input);

/* libFuzzer's entry, which replay.c calls too. */
int LLVMFuzzerTestOneInput(const guint8 *data, size_t size);
/* What the last input took at its worst, bytes above what was in use before it. */
gsize fuzz_peak(void);
