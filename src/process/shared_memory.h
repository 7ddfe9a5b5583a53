/* Memory that processes share. It has no name, so nothing is left behind however the program dies. */
#ifndef MAXSHARPE_SHARED_MEMORY_H
#define MAXSHARPE_SHARED_MEMORY_H

#include <stdint.h>

#include "maxsharpe/status.h"

struct mxsi_shared_memory {
    void *memory; /* NULL: there is none */
    uint64_t size;
    int descriptor; /* closed when a program is executed; -1: there is none */
};

/* Zeroed shared memory whose pages exist, so that no write to it can fail later. what: "the problem", for the message.
 * Returns MXS_OK, MXS_ERROR_MEMORY. */
MXS_NODISCARD mxs_status mxsi_shared_memory_create(uint64_t size, const char *what, struct mxsi_shared_memory *shared,
                                                   mxs_error *error);

/* Maps what another process has created and handed over as a descriptor, which stays the caller's. 0; -1, and errno. */
int mxsi_shared_memory_map(int descriptor, struct mxsi_shared_memory *shared);

void mxsi_shared_memory_destroy(struct mxsi_shared_memory *shared);

#endif
