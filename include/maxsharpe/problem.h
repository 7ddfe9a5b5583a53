/* A problem: what is asked of a market. Which portfolios are admissible, and which of them are better. How the best of
 * them are looked for is another matter: see search.h. */
#ifndef MAXSHARPE_PROBLEM_H
#define MAXSHARPE_PROBLEM_H

#include "maxsharpe/market.h"
#include "maxsharpe/status.h"
#include "maxsharpe/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mxs_problem mxs_problem;

enum { MXS_MAX_TOP = 10000 };

typedef struct mxs_problem_options {
    size_t struct_size;          /* set by MXS_PROBLEM_OPTIONS or mxs_problem_options_init */
    size_t assets_per_portfolio; /* K; 0: all N */
    double min_weight;           /* 0 */
    double max_weight;           /* 1 */
    double risk_free;            /* rf, per year: 0.05 */
    double periods_per_year;     /* A: 252 */
    const char *const *include;  /* [include_count] tickers that every portfolio holds; ranks count only such
                                    portfolios, in lexicographic order */
    size_t include_count;        /* 0 */
    mxs_objective objective;     /* MXS_OBJECTIVE_SHARPE */
    size_t top;                  /* how many of the best portfolios are wanted, 1 .. MXS_MAX_TOP: 1 */
} mxs_problem_options;

/* The defaults named above, to begin a struct with. */
#define MXS_PROBLEM_OPTIONS \
    { sizeof(mxs_problem_options), 0, 0.0, 1.0, 0.05, 252.0, 0, 0, MXS_OBJECTIVE_SHARPE, 1 }

/* The same at run time. struct_size: sizeof(mxs_problem_options) of the caller. */
MXS_API void mxs_problem_options_init(mxs_problem_options *options, size_t struct_size);

/* Checks a problem. The market is borrowed: it must outlive the problem. The options are copied, the tickers of include
 * too; NULL for the defaults.
 * Returns MXS_OK; MXS_ERROR_ARGUMENT (a value out of range, an unknown ticker); MXS_ERROR_INFEASIBLE (K > N,
 * K max_weight < 1, K min_weight > 1, more tickers included than K, C(N, K) beyond 64 bits); MXS_ERROR_DATA (returns
 * too large or too small to compute with); MXS_ERROR_MEMORY. */
MXS_API MXS_NODISCARD mxs_status mxs_problem_create(const mxs_market *market, const mxs_problem_options *options,
                                                    mxs_problem **problem, mxs_error *error);

MXS_API void mxs_problem_destroy(mxs_problem *problem);

/* The problem as the library understood it. New members are appended. */
typedef struct mxs_problem_info {
    size_t assets;               /* N */
    size_t assets_per_portfolio; /* K */
    uint64_t portfolios;         /* how many qualify: C(N, K), or C(N - I, K - I) with I included tickers */
    double min_weight;
    double max_weight;
    double risk_free;
    double periods_per_year;
    size_t top;
    mxs_objective objective;
    size_t warning_count;
    const char *const *warnings; /* [warning_count] one line each */
} mxs_problem_info;

/* Never NULL; lives as long as the problem. */
MXS_API const mxs_problem_info *mxs_problem_describe(const mxs_problem *problem);

#ifdef __cplusplus
}
#endif

#endif
