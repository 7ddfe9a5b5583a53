/* The clock of all timings. */
#ifndef MAXSHARPE_MONOTONIC_CLOCK_H
#define MAXSHARPE_MONOTONIC_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC in nanoseconds: the same clock in every process. */
static inline uint64_t mxsi_now_ns(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
