/* What is asked of a market: the numbers of a problem, and the arrays that go with them. */
#ifndef MAXSHARPE_INTERNAL_PROBLEM_H
#define MAXSHARPE_INTERNAL_PROBLEM_H

#include <stdint.h>

/* Keeps the counter of a simulation, attempt * blocks, within 32 bits with room to spare: see
 * sampling/simulation_counter.h. */
enum { MXSI_MAX_ASSETS_PER_PORTFOLIO = 1 << 16 };

/* Fixed widths, no padding that matters: all but the pointers is copied into shared memory as it is, and they are made
 * anew by whoever maps it (see run/problem_image.h). */
struct mxsi_problem {
    uint32_t assets;               /* N */
    uint32_t assets_per_portfolio; /* K */
    uint32_t forced_count;         /* assets that every portfolio holds */
    uint32_t free_count;           /* assets among which the others are chosen */
    uint32_t objective;            /* mxs_objective */
    uint32_t top;                  /* M, portfolios wanted */
    uint64_t portfolios;           /* how many qualify */
    uint64_t periods;              /* T, rows of the returns; 0 where there are none */
    double min_weight;
    double max_weight;
    double risk_free;
    double periods_per_year;

    const double *returns;       /* R [T][N], or NULL; per period */
    const double *mean;          /* mu [N], per period */
    const double *covariance;    /* Sigma [N][N], per period squared */
    const uint32_t *forced;      /* [forced_count] ascending */
    const uint32_t *free_assets; /* [free_count] ascending */
};

#endif
