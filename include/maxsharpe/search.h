/* A search: every portfolio of a problem, S simulated weight vectors each, and the best of them all. */
#ifndef MAXSHARPE_SEARCH_H
#define MAXSHARPE_SEARCH_H

#include "maxsharpe/problem.h"
#include "maxsharpe/result.h"
#include "maxsharpe/run.h"
#include "maxsharpe/status.h"
#include "maxsharpe/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mxs_search mxs_search;

/* Which simulations there are. */
typedef struct mxs_sampling_options {
    size_t struct_size;       /* set by MXS_SAMPLING_OPTIONS or mxs_sampling_options_init */
    uint64_t simulations;     /* S, per portfolio: 1000 */
    uint64_t seed;            /* 0 */
    mxs_draws draws;          /* MXS_DRAWS_FRESH */
    uint64_t first_portfolio; /* search the ranks first_portfolio <= p < end_portfolio: 0 */
    uint64_t end_portfolio;   /* UINT64_MAX: to the last */
} mxs_sampling_options;

/* The defaults named above, to begin a struct with. */
#define MXS_SAMPLING_OPTIONS \
    { sizeof(mxs_sampling_options), 1000, 0, MXS_DRAWS_FRESH, 0, UINT64_MAX }

/* The same at run time. struct_size: sizeof(mxs_sampling_options) of the caller. */
MXS_API void mxs_sampling_options_init(mxs_sampling_options *options, size_t struct_size);

/* Prepares the search of a problem. The problem is borrowed: it must outlive the search. options: NULL for the
 * defaults. Returns MXS_OK; MXS_ERROR_ARGUMENT (a value out of range, a range of portfolios out of bounds);
 * MXS_ERROR_INFEASIBLE (more than 2^64 simulations); MXS_ERROR_MEMORY. */
MXS_API MXS_NODISCARD mxs_status mxs_search_create(const mxs_problem *problem, const mxs_sampling_options *options,
                                                   mxs_search **search, mxs_error *error);

MXS_API void mxs_search_destroy(mxs_search *search);

/* The search as the library understood it. New members are appended. */
typedef struct mxs_search_info {
    uint64_t first_portfolio; /* first_portfolio <= rank < end_portfolio */
    uint64_t end_portfolio;
    uint64_t simulations;       /* S, per portfolio */
    uint64_t simulations_total; /* what a complete run evaluates */
    uint64_t seed;
    mxs_draws draws;
    mxs_sampler sampler;
    double acceptance; /* share of exponential spacings under the cap: sum_j (-1)^j C(K,j) (1 - j c)_+^(K-1), with
                          c = (max_weight - min_weight) / (1 - K min_weight). What the rejection sampler accepts; where
                          it is below 0.25 another sampler runs, which rejects nothing */
} mxs_search_info;

/* Never NULL; lives as long as the search. */
MXS_API const mxs_search_info *mxs_search_describe(const mxs_search *search);

/* Runs the search and waits for it; may be called again. Processes do the work: they inherit nothing that they use but
 * shared mappings, and end with this process. Where the caller has one thread they are forked from it; where it has
 * more, by a small program that lies beside the library.
 *
 * options: NULL for the defaults.
 * *result: destroy it with mxs_result_destroy; it borrows nothing. It is set for MXS_OK, and for MXS_INTERRUPTED where
 * something had been found (the best so far); NULL otherwise.
 * Returns MXS_OK; MXS_INTERRUPTED (cancelled); MXS_ERROR_ARGUMENT (an option out of range); MXS_ERROR_BACKEND;
 * MXS_ERROR_MEMORY; MXS_ERROR_DATA (a portfolio of zero variance, named); MXS_ERROR_RUN (workers cannot be started or
 * keep dying). */
MXS_API MXS_NODISCARD mxs_status mxs_search_run(mxs_search *search, const mxs_run_options *options, mxs_result **result,
                                                mxs_error *error);

/* Asks a running mxs_search_run to stop; it does within a second. May be called from any thread and from a signal
 * handler (it stores one lock-free flag). One that is not running is stopped as soon as it runs;
 * the run after that one starts afresh. */
MXS_API void mxs_search_cancel(mxs_search *search);

/* The assets and weights of one simulation, from its identity alone: a pure function of the seed, rank, tile and
 * attempt.
 * assets   [K] indices into the market's tickers, ascending
 * weights  [K], in double: sum 1 to 1e-12, within the bounds
 * Returns MXS_OK; MXS_ERROR_ARGUMENT (a rank or tile out of bounds; an attempt that is no simulation, because the
 * rejection sampler rejects it or the tile is full before it); MXS_ERROR_MEMORY. */
MXS_API MXS_NODISCARD mxs_status mxs_search_simulation(const mxs_search *search, uint64_t rank, uint32_t tile,
                                                       uint32_t attempt, size_t *assets, double *weights,
                                                       mxs_error *error);

#ifdef __cplusplus
}
#endif

#endif
