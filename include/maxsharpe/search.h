/* A search: every choice of K of a market's N assets, S simulated weight vectors each, the best Sharpe ratio. */
#ifndef MAXSHARPE_SEARCH_H
#define MAXSHARPE_SEARCH_H

#include "maxsharpe/market.h"
#include "maxsharpe/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mxs_search mxs_search;
typedef struct mxs_result mxs_result;

/* How far a run has come. */
typedef struct mxs_progress {
    uint64_t simulations_done;
    uint64_t simulations_total;
    double seconds;     /* since the run began */
    double best_sharpe; /* best so far; -HUGE_VAL while there is none */
} mxs_progress;

/* Called about ten times a second from the thread that is in mxs_search_run. A return value other than zero cancels
 * the search as mxs_search_cancel does. */
typedef int (*mxs_progress_function)(const mxs_progress *progress, void *user);

/* The most that may be asked for. */
enum { MXS_MAX_TOP = 10000, MXS_MAX_WORKERS = 4096 };

typedef struct mxs_search_options {
    size_t struct_size;             /* set by mxs_search_options_init */
    size_t assets_per_portfolio;    /* K; 0: all N */
    uint64_t simulations;           /* S, per portfolio: 1000 */
    double min_weight;              /* 0 */
    double max_weight;              /* 1 */
    double risk_free;               /* rf, per year: 0.05 */
    double periods_per_year;        /* A: 252 */
    uint64_t seed;                  /* 0 */
    uint64_t first_portfolio;       /* search the ranks first_portfolio <= p < end_portfolio: 0 */
    uint64_t end_portfolio;         /* UINT64_MAX: to the last */
    mxs_draws draws;                /* MXS_DRAWS_FRESH */
    const char *const *include;     /* [include_count] tickers that every portfolio holds; ranks count only such
                                       portfolios, in lexicographic order */
    size_t include_count;           /* 0 */
    size_t top;                     /* how many of the best portfolios to report, 1 .. MXS_MAX_TOP: 1 */
    mxs_backend backend;            /* MXS_BACKEND_AUTO */
    mxs_evaluator evaluator;        /* MXS_EVALUATOR_AUTO */
    unsigned workers;               /* processes of the CPU backend; 0: one for each core this process may use */
    uint64_t chunk_tiles;           /* tiles of 1024 simulations a worker takes at a time; 0: chosen by the library.
                                       The result does not depend on it */
    mxs_progress_function progress; /* NULL */
    void *progress_user;            /* handed to progress */
    const int *devices;             /* [device_count] GPUs of the CUDA backend, as CUDA counts them; copied */
    size_t device_count;            /* 0: all of them */
} mxs_search_options;

/* Fills *options with the defaults named above. struct_size: sizeof(mxs_search_options) of the caller. */
MXS_API void mxs_search_options_init(mxs_search_options *options, size_t struct_size);

/* Checks a problem and prepares its search. The market is borrowed: it must outlive the search. The options are
 * copied (the tickers of include too).
 * Returns MXS_OK; MXS_ERROR_ARGUMENT (a value out of range, an unknown ticker, a range of portfolios out of bounds);
 * MXS_ERROR_INFEASIBLE (K > N, K max_weight < 1, K min_weight > 1, more tickers included than K, C(N, K) or the
 * number of simulations beyond 64 bits); MXS_ERROR_MEMORY. */
MXS_API MXS_NODISCARD mxs_status mxs_search_create(const mxs_market *market, const mxs_search_options *options,
                                                   mxs_search **search, mxs_error *error);

MXS_API void mxs_search_destroy(mxs_search *search);

/* The problem as the library understood it. New members are appended. */
typedef struct mxs_problem {
    size_t assets;               /* N */
    size_t assets_per_portfolio; /* K */
    uint64_t portfolios;         /* how many qualify: C(N, K), or C(N - I, K - I) with I included tickers */
    uint64_t first_portfolio;    /* this search: first_portfolio <= rank < end_portfolio */
    uint64_t end_portfolio;
    uint64_t simulations;       /* S, per portfolio */
    uint64_t simulations_total; /* what a complete run evaluates */
    double min_weight;
    double max_weight;
    double risk_free;
    double periods_per_year;
    uint64_t seed;
    mxs_draws draws;
    mxs_sampler sampler;
    double acceptance; /* share of exponential spacings under the cap: sum_j (-1)^j C(K,j) (1 - j c)_+^(K-1), with
                          c = (max_weight - min_weight) / (1 - K min_weight). What the rejection sampler accepts; where
                          it is below 0.25 another sampler runs, which rejects nothing */
    size_t warning_count;
    const char *const *warnings; /* [warning_count] one line each */
} mxs_problem;

/* Never NULL; lives as long as the search. */
MXS_API const mxs_problem *mxs_search_problem(const mxs_search *search);

/* Runs the search and waits for it; may be called again. The CPU backend forks its workers here: they inherit
 * nothing that they use but a shared mapping, and end with this process.
 *
 * *result: destroy it with mxs_result_destroy. It is set for MXS_OK, and for MXS_INTERRUPTED where something had been
 * found (the best so far); NULL otherwise.
 * Returns MXS_OK; MXS_INTERRUPTED (cancelled); MXS_ERROR_BACKEND; MXS_ERROR_MEMORY; MXS_ERROR_DATA (a portfolio of
 * zero variance, named); MXS_ERROR_RUN (workers cannot be started or keep dying). */
MXS_API MXS_NODISCARD mxs_status mxs_search_run(mxs_search *search, mxs_result **result, mxs_error *error);

/* Asks a running mxs_search_run to stop; it does within a second. May be called from any thread and from a signal
 * handler (it stores one lock-free flag). One that is not running is stopped as soon as it runs;
 * the run after that one starts afresh. */
MXS_API void mxs_search_cancel(mxs_search *search);

/* The assets and weights of one simulation, from its identity alone: a pure function of the seed, rank, tile and
 * attempt.
 * assets   [K] indices into the market's tickers, ascending
 * weights  [K], in double: sum 1 to 1e-12, within the bounds
 * Returns MXS_OK; MXS_ERROR_ARGUMENT (a rank or tile out of bounds; an attempt that is no simulation, because the
 * rejection sampler rejects it or the tile is full before it). */
MXS_API MXS_NODISCARD mxs_status mxs_search_simulation(const mxs_search *search, uint64_t rank, uint32_t tile,
                                                       uint32_t attempt, size_t *assets, double *weights,
                                                       mxs_error *error);

/* One portfolio with its best simulation. */
typedef struct mxs_portfolio {
    double sharpe;          /* (ER - rf) / VOL */
    double expected_return; /* ER, per year */
    double volatility;      /* VOL, per year */
    uint64_t rank;          /* rank, tile and attempt reproduce it: mxs_search_simulation */
    uint32_t tile;
    uint32_t attempt;
    const size_t *assets;  /* [K] indices into the market's tickers, ascending */
    const double *weights; /* [K] */
} mxs_portfolio;

/* Where a worker's time went, in seconds of wall clock. What is left of `seconds` goes to gathering each portfolio's
 * moments, screening and the re-score in double. */
typedef struct mxs_worker_stats {
    uint64_t simulations;
    double seconds;          /* since the worker began */
    double sampling_seconds; /* drawing weights; sampling, returns and variances together where they are fused */
    double return_seconds;   /* expected returns, or what rules simulations out instead */
    double variance_seconds; /* variances */
    double waiting_seconds;  /* of the whole run: before its start and after its last piece of work */
} mxs_worker_stats;

/* New members are appended. */
typedef struct mxs_result_info {
    int complete;             /* 0 where the search was interrupted */
    size_t top_count;         /* at least 1 */
    const mxs_portfolio *top; /* [top_count], best first; ties go to the lowest (rank, tile, attempt) */
    const char *backend;      /* "cpu" */
    const char *evaluator;    /* "fused"; "shared" where a GPU multiplies shared draws */
    const char *kernel;       /* the instruction set or device the kernels ran on */
    size_t worker_count;
    const mxs_worker_stats *workers; /* [worker_count] */
    size_t workers_lost;             /* workers that died and were replaced */
    double seconds;                  /* the whole run */
    uint64_t simulations_done;
    double simulations_per_second;
    size_t warning_count;
    const char *const *warnings; /* [warning_count] one line each */
} mxs_result_info;

/* Never NULL; lives as long as the result. */
MXS_API const mxs_result_info *mxs_result_describe(const mxs_result *result);

MXS_API void mxs_result_destroy(mxs_result *result);

enum { MXS_MAX_GPUS = 16 };

/* A GPU of this machine. */
typedef struct mxs_gpu {
    char name[96];
    char reason[160];    /* why it cannot be used, one line; "" where it can */
    unsigned capability; /* compute capability, 10 * major + minor */
    uint64_t memory;     /* bytes */
} mxs_gpu;

/* What a run would use on this machine. New members are appended. */
typedef struct mxs_devices {
    unsigned cores_available; /* cores this process may use: affinity and cgroup quota counted */
    unsigned cores_online;    /* cores of the machine */
    char cpu_kernel[32]; /* the instruction set that the CPU kernels use here: "avx512", "avx2", "neon", "baseline" */
    char openblas_config[160]; /* OpenBLAS's own description of its build, or why it cannot be loaded */
    char openblas_core[32];    /* the kernel of OpenBLAS that runs; "" where it cannot be loaded */
    char cuda_reason[256];     /* why no GPU can be used, one line; "" where one can */
    unsigned gpu_count;        /* at most MXS_MAX_GPUS */
    mxs_gpu gpus[MXS_MAX_GPUS];
    char openblas_core_reason[96]; /* why that kernel, one line; "" where there is none */
} mxs_devices;

/* Fills *devices; looks at OpenBLAS and at the GPUs in processes of their own. devices_size: sizeof(mxs_devices) of the
 * caller. */
MXS_API void mxs_devices_describe(mxs_devices *devices, size_t devices_size);

#ifdef __cplusplus
}
#endif

#endif
