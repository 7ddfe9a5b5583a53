/* The decision in double: what a candidate is worth, from its identity alone. */
#ifndef MAXSHARPE_RESCORE_H
#define MAXSHARPE_RESCORE_H

#include <stddef.h>

#include "problem/objective.h"
#include "problem/problem.h"
#include "sampling/sampling.h"

struct mxsi_rescorer {
    const struct mxsi_problem *problem;
    const struct mxsi_sampling *sampling;
    size_t *assets;      /* [K] of the portfolio scored last, as indices */
    uint32_t *portfolio; /* [K] the same */
    uint32_t *chosen;    /* [K] scratch */
    double *weights;     /* [K] of the simulation scored last */
    double *scratch;
    uint64_t rank; /* of the portfolio in `assets` */
    int has_rank;
};

/* Bytes of memory that a rescorer of K assets works in. */
size_t mxsi_rescorer_size(uint32_t k);

/* memory: mxsi_rescorer_size(K) bytes, 64-byte aligned; it stays the caller's. */
void mxsi_rescorer_init(struct mxsi_rescorer *rescorer, const struct mxsi_problem *problem,
                        const struct mxsi_sampling *sampling, void *memory);

/* What the problem's objective says of one simulation; its assets and weights stay in the rescorer. Returns 0;
 * -1 where its variance is zero; 1 where it is no simulation (rejected). */
int mxsi_rescore(struct mxsi_rescorer *rescorer, const struct mxsi_identity *identity, struct mxsi_score *score);

#endif
