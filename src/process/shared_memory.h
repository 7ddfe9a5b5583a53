/* Memory that processes share and that has no name: nothing of it is left, however they end. A forked child has it
 * where its parent has it; a program that is started gets the descriptor and maps it where there is room. */
#ifndef MAXSHARPE_SHARED_MEMORY_H
#define MAXSHARPE_SHARED_MEMORY_H

#include <stdint.h>

struct mxsi_shared_memory {
    void *bytes;
    uint64_t size;
    int descriptor; /* closed when a program is started, unless it is handed over; -1: for forked children alone */
};

/* Zeroed memory whose pages exist, so that no write to it can fail later. Returns 0; -1, and errno, where it cannot be
 * had: EFBIG beyond the limit of file sizes, ENOMEM beyond what this machine has. *memory: mxsi_shared_memory_close it.
 */
int mxsi_shared_memory_create(uint64_t size, struct mxsi_shared_memory *memory);

/* The same, of any size, for children alone that are forked: it has no descriptor, and pages when they are touched. */
int mxsi_shared_memory_create_for_children(uint64_t size, struct mxsi_shared_memory *memory);

/* Maps what another process has created, and takes the descriptor over. Where may_write is 0, a write to it ends the
 * process. Returns 0; -1, and errno, and the descriptor is still the caller's. */
int mxsi_shared_memory_map(int descriptor, int may_write, struct mxsi_shared_memory *memory);

/* Unmaps it and closes the descriptor; of zeroes, does nothing. It lives on where other processes have it. */
void mxsi_shared_memory_close(struct mxsi_shared_memory *memory);

/* Whether so much would be more than the machine has, so that asking for it would not fail but bring the out-of-memory
 * killer. */
int mxsi_shared_memory_is_beyond_machine(uint64_t size);

#endif
