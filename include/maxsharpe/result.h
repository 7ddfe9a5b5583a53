/* A result: the best portfolios of a problem, where each comes from, what is proven of them, and how they were found.
 */
#ifndef MAXSHARPE_RESULT_H
#define MAXSHARPE_RESULT_H

#include "maxsharpe/status.h"
#include "maxsharpe/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mxs_result mxs_result;

/* One portfolio. New members are appended. */
typedef struct mxs_portfolio {
    double sharpe;          /* (ER - rf) / VOL */
    double expected_return; /* ER, per year */
    double volatility;      /* VOL, per year */
    mxs_origin origin;
    uint64_t rank;         /* of its assets among the portfolios that qualify, in lexicographic order */
    uint32_t tile;         /* simulated: with rank and attempt it is drawn again, see mxs_search_simulation */
    uint32_t attempt;      /* likewise */
    size_t asset_count;    /* K */
    const size_t *assets;  /* [asset_count] indices into the market's tickers, ascending */
    const double *weights; /* [asset_count] */
} mxs_portfolio;

/* What one engine did of a run. A run has more than one where an engine failed and another did the rest. New members
 * are appended. */
typedef struct mxs_engine_stats {
    mxs_backend backend;
    const char *evaluator; /* "fused"; "shared" where a GPU multiplies shared draws */
    const char *kernel;    /* the instruction set or device that the kernels ran on; "" where none got so far */
    size_t first_worker;   /* its workers are first_worker <= i < first_worker + worker_count */
    size_t worker_count;
    uint64_t simulations_done;
} mxs_engine_stats;

/* Where a worker's time went, in seconds of wall clock. What is left of `seconds` goes to gathering each portfolio's
 * moments, screening and the re-score in double. New members are appended. */
typedef struct mxs_worker_stats {
    uint64_t simulations;
    double seconds;          /* since the worker began */
    double sampling_seconds; /* drawing weights; sampling, returns and variances together where they are fused */
    double return_seconds;   /* expected returns, or what rules simulations out instead */
    double variance_seconds; /* variances */
    double waiting_seconds;  /* of its engine's time: before its start and after its last piece of work */
} mxs_worker_stats;

/* New members are appended. */
typedef struct mxs_result_info {
    int complete;           /* 0 where the run was interrupted */
    size_t portfolio_count; /* at least 1: see mxs_result_portfolio */
    mxs_bound bound;        /* MXS_BOUND_UNKNOWN: no method that proves one has run, and the two following are NaN */
    double upper_bound;     /* no portfolio of the problem has a higher value */
    double gap;             /* (upper_bound - best) / |best| */
    size_t engine_count;    /* at least 1, in the order in which they ran: see mxs_result_engine */
    size_t worker_count;    /* of all engines: see mxs_result_worker */
    size_t workers_lost;    /* workers that died and were replaced */
    double seconds;         /* the whole run */
    uint64_t simulations_done;
    double simulations_per_second;
    size_t warning_count;
    const char *const *warnings; /* [warning_count] one line each */
} mxs_result_info;

/* Never NULL; lives as long as the result. */
MXS_API const mxs_result_info *mxs_result_describe(const mxs_result *result);

/* The portfolio in place `index`, best first; ties go to the lowest (rank, tile, attempt). NULL beyond portfolio_count.
 * This and the following live as long as the result. */
MXS_API const mxs_portfolio *mxs_result_portfolio(const mxs_result *result, size_t index);

MXS_API const mxs_engine_stats *mxs_result_engine(const mxs_result *result, size_t index);

MXS_API const mxs_worker_stats *mxs_result_worker(const mxs_result *result, size_t index);

MXS_API void mxs_result_destroy(mxs_result *result);

#ifdef __cplusplus
}
#endif

#endif
