/* The search by brute force: plain loops over the definitions, every portfolio, every simulation, nothing screened. */
#ifndef MAXSHARPE_TEST_REFERENCE_SEARCH_H
#define MAXSHARPE_TEST_REFERENCE_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "support/reference_draw.h"

struct reference_problem {
    size_t periods;          /* T */
    size_t assets;           /* N, at most REFERENCE_MAX_K */
    const double *returns;   /* [T][N], per period */
    size_t k;                /* K */
    const uint8_t *included; /* [N] 1: every portfolio holds it */
    uint64_t simulations;    /* S */
    double min_weight;
    double max_weight;
    double risk_free;
    double periods_per_year;
    uint64_t seed;
    int shared_draws;
    uint64_t first; /* ranks first <= p < end, counted among the portfolios that hold all included assets */
    uint64_t end;
};

struct reference_portfolio {
    double sharpe;
    /* How much larger than their sums the terms of the return and of the variance are: rounding errors of the Sharpe
     * ratio are some units in the last place times this. */
    double condition;
    uint64_t rank;
    uint32_t tile;
    uint32_t attempt;
    size_t assets[REFERENCE_MAX_K];
    double weights[REFERENCE_MAX_K];
};

/* How many portfolios hold all included assets, by counting them. */
uint64_t reference_count(const struct reference_problem *problem);

/* The best portfolios, each with its best simulation, best first; ties go to the lowest (rank, tile, attempt). Returns
 * how many were found: capacity, or fewer where there are fewer portfolios. */
size_t reference_search(const struct reference_problem *problem, struct reference_portfolio *best, size_t capacity);

/* One simulation. 0 where its attempt is rejected or its rank does not exist. */
int reference_simulation(const struct reference_problem *problem, uint64_t rank, uint32_t tile, uint32_t attempt,
                         struct reference_portfolio *portfolio);

#endif
