/* Arrays one after the other in one piece of memory, each from a 64-byte line on. */
#ifndef MAXSHARPE_LAYOUT_H
#define MAXSHARPE_LAYOUT_H

#include <stdint.h>

#include "maxsharpe/status.h"
#include "process/shared_memory.h"

/* Adds count * size bytes behind *end, and says where: *at. 0 where it overflows. */
static inline int mxsi_layout_place(uint64_t *end, uint64_t *at, uint64_t count, uint64_t size) {
    uint64_t bytes = 0;
    *at = *end;
    if (__builtin_mul_overflow(count, size, &bytes) || __builtin_add_overflow(*end, bytes, end) ||
        __builtin_add_overflow(*end, 63, end)) {
        return 0;
    }
    *end -= *end % 64;
    return *end <= INT64_MAX;
}

/* Shared memory for a layout of so many bytes; UINT64_MAX: it overflowed. what: "the problem", for the message. Returns
 * MXS_OK, MXS_ERROR_MEMORY. */
MXS_NODISCARD mxs_status mxsi_layout_create(uint64_t size, const char *what, struct mxsi_shared_memory *memory,
                                            mxs_error *error);

static inline void *mxsi_layout_at(const void *base, uint64_t offset) {
    return (char *)(uintptr_t)base + offset;
}

#endif
