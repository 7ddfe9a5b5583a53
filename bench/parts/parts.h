/* The parts of the CPU's evaluators, each alone, for every instruction set. */
#ifndef MAXSHARPE_PARTS_H
#define MAXSHARPE_PARTS_H

#include <stdint.h>

#include "engines/cpu/lanes/lanes.h"

enum { PARTS_ATTEMPTS = 1024, PARTS_STRIDE = PARTS_ATTEMPTS + 16, PARTS_MAX_ASSETS = 128, PARTS_PORTFOLIOS = 16 };

/* What the parts work on. All arrays are 64-byte aligned. */
struct parts_arrays {
    uint32_t k;
    const struct mxsi_lanes *lanes;
    float *x;   /* [k][PARTS_STRIDE] */
    float *sum; /* [PARTS_STRIDE] this and the following */
    float *largest;
    float *upper;
    float *variance;
    int32_t *mask;
    float *excess;     /* [k] */
    float *ruling_out; /* [PARTS_PORTFOLIOS][k] a slope that rules everything out */
    float *triangle;
    uint64_t stream; /* another one for every call */
};

struct part {
    const char *name;
    const char *what;
    uint64_t simulations; /* of one call; 0: PARTS_ATTEMPTS */
    void (*run)(struct parts_arrays *arrays);
};

struct parts_table {
    const struct part *parts;
    unsigned count;
};

#endif
