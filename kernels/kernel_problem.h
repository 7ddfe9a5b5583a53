/* What every kernel is given by value: a problem's numbers, and where its arrays lie in device memory. */
#ifndef MAXSHARPE_KERNEL_PROBLEM_H
#define MAXSHARPE_KERNEL_PROBLEM_H

#include <stdint.h>

struct mxsi_kernel_problem {
    uint64_t seed;
    uint64_t first_portfolio;
    uint64_t tiles_per_portfolio;
    uint64_t simulations; /* per portfolio */
    uint32_t assets;      /* N */
    uint32_t k;           /* K */
    uint32_t forced_count;
    uint32_t free_count;
    uint32_t blocks_per_attempt;
    uint32_t shared_draws;
    float cap;        /* infinite: no test */
    float acceptance; /* of the sampler that runs: 1 where it rejects nothing */
    float min_weight;
    float spare; /* weight * sum = spare * spacing + min_weight * sum; for the fixed-sum sampler the width */
    float excess_slack;
    float variance_slack;
    const float *excess;         /* [N] */
    const float *risk;           /* [N][N] */
    const uint32_t *forced;      /* [forced_count] */
    const uint32_t *free_assets; /* [free_count] */
    const uint32_t *chance;      /* [K - 1][K], fixed-sum sampler */
    const float *height;         /* [K][K]: row left - 1, column ups: (box_sum - ups) / left */
    const uint64_t *choices;     /* [chosen + 1][free - chosen + 1]: C(i + j, i) at row i, column j */
};

/* Where kernels leave candidates. */
struct mxsi_kernel_candidates {
    struct mxsi_gpu_candidate *list; /* [capacity] */
    uint32_t capacity;
    uint32_t *found;        /* how many there were, also beyond the capacity */
    uint32_t *highest_bits; /* the largest lower bound so far, as mxsi_ordered_bits; used where only_best */
    float bar;
    int only_best;
};

#endif
