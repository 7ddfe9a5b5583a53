/* The words that a user types or reads, as enums: one list each makes the enum, the names and the parsing.
 *
 * X(name, value, text): values are stable, new ones are appended. A list may also be expanded by the caller, to offer
 * its words in a menu or a help text. */
#ifndef MAXSHARPE_TYPES_H
#define MAXSHARPE_TYPES_H

#if defined(__GNUC__)
#define MXS_API __attribute__((visibility("default")))
#define MXS_NODISCARD __attribute__((warn_unused_result))
#else
#define MXS_API
#define MXS_NODISCARD
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define MXS_ENUMERATOR(name, value, text) name = value,

/* What the numbers of a file or an array are.
 *   prices   prices p[t]; the returns are simple: p[t] / p[t-1] - 1
 *   returns  simple returns per period
 *   moments  means, standard deviations and correlations (OR-Library's port files) */
#define MXS_INPUT_LIST(X)              \
    X(MXS_INPUT_PRICES, 0, "prices")   \
    X(MXS_INPUT_RETURNS, 1, "returns") \
    X(MXS_INPUT_MOMENTS, 2, "moments")
typedef enum mxs_input { MXS_INPUT_LIST(MXS_ENUMERATOR) } mxs_input;

/* What happens to missing values (blank, NA, NaN). A row without any value at all is dropped under every policy but
 * "error".
 *   drop-assets  leave out every asset that has a missing value in the rows used
 *   drop-rows    leave out every row in which an asset has a missing value
 *   error        fail, naming the place */
#define MXS_MISSING_LIST(X)                      \
    X(MXS_MISSING_DROP_ASSETS, 0, "drop-assets") \
    X(MXS_MISSING_DROP_ROWS, 1, "drop-rows")     \
    X(MXS_MISSING_ERROR, 2, "error")
typedef enum mxs_missing { MXS_MISSING_LIST(MXS_ENUMERATOR) } mxs_missing;

/* What is to be as high as can be.
 *   sharpe  (ER - rf) / VOL */
#define MXS_OBJECTIVE_LIST(X) X(MXS_OBJECTIVE_SHARPE, 0, "sharpe")
typedef enum mxs_objective { MXS_OBJECTIVE_LIST(MXS_ENUMERATOR) } mxs_objective;

/* Which simulations a portfolio has.
 *   fresh   every portfolio has simulations of its own
 *   shared  one table of S weight vectors serves every portfolio */
#define MXS_DRAWS_LIST(X) X(MXS_DRAWS_FRESH, 0, "fresh") X(MXS_DRAWS_SHARED, 1, "shared")
typedef enum mxs_draws { MXS_DRAWS_LIST(MXS_ENUMERATOR) } mxs_draws;

/* How weights are drawn, uniformly on {sum w = 1, min_weight <= w_i <= max_weight}. The library chooses by the bounds.
 *   rejection      exponential spacings, vectors above the cap rejected; where it accepts 25 % or more
 *   fixed-sum      R. Stafford's randfixedsum (2006): exact, rejects nothing
 *   equal-weights  the bounds leave one point, w_i = 1/K: one simulation a portfolio is evaluated */
#define MXS_SAMPLER_LIST(X)                  \
    X(MXS_SAMPLER_REJECTION, 0, "rejection") \
    X(MXS_SAMPLER_FIXED_SUM, 1, "fixed-sum") \
    X(MXS_SAMPLER_EQUAL_WEIGHTS, 2, "equal-weights")
typedef enum mxs_sampler { MXS_SAMPLER_LIST(MXS_ENUMERATOR) } mxs_sampler;

/* What computes.
 *   auto  GPUs where one can be used, else the CPU
 *   cpu   processes on the cores of this machine
 *   cuda  GPUs, or an error */
#define MXS_BACKEND_LIST(X) X(MXS_BACKEND_AUTO, 0, "auto") X(MXS_BACKEND_CPU, 1, "cpu") X(MXS_BACKEND_CUDA, 2, "cuda")
typedef enum mxs_backend { MXS_BACKEND_LIST(MXS_ENUMERATOR) } mxs_backend;

/* How a simulation is evaluated. The answer is the same by all of them.
 *   auto          the fastest for the backend and the problem
 *   openblas      CPU: products by OpenBLAS
 *   fused         CPU, GPU: drawn and screened in registers; variances only where they can matter
 *   staged        GPU: weights, expected returns, variances, one after the other */
#define MXS_EVALUATOR_LIST(X)                \
    X(MXS_EVALUATOR_AUTO, 0, "auto")         \
    X(MXS_EVALUATOR_OPENBLAS, 1, "openblas") \
    X(MXS_EVALUATOR_FUSED, 2, "fused")       \
    X(MXS_EVALUATOR_STAGED, 3, "staged")

/* The way here, for comparisons; on the CPU, slow.
 *   full-product  daily returns R W', variances as the diagonal of the S x S product W Sigma W'
 *   row-wise      the quadratic form of every row instead
 *   mean-first    and expected returns as W mu
 *   single        and in float instead of double
 *   fused-full    fused, but every variance is computed */
#define MXS_EVALUATOR_LADDER_LIST(X)                  \
    X(MXS_EVALUATOR_FULL_PRODUCT, 16, "full-product") \
    X(MXS_EVALUATOR_ROW_WISE, 17, "row-wise")         \
    X(MXS_EVALUATOR_MEAN_FIRST, 18, "mean-first")     \
    X(MXS_EVALUATOR_SINGLE, 19, "single")             \
    X(MXS_EVALUATOR_FUSED_FULL, 20, "fused-full")
typedef enum mxs_evaluator {
    MXS_EVALUATOR_LIST(MXS_ENUMERATOR) MXS_EVALUATOR_LADDER_LIST(MXS_ENUMERATOR)
} mxs_evaluator;

/* Where a portfolio comes from.
 *   simulated  one of the simulations of a search: rank, tile and attempt draw it again
 *   solved     the optimum of its assets
 *   given      its weights are the caller's */
#define MXS_ORIGIN_LIST(X)                  \
    X(MXS_ORIGIN_SIMULATED, 0, "simulated") \
    X(MXS_ORIGIN_SOLVED, 1, "solved")       \
    X(MXS_ORIGIN_GIVEN, 2, "given")
typedef enum mxs_origin { MXS_ORIGIN_LIST(MXS_ENUMERATOR) } mxs_origin;

/* What is known of how far the best portfolio found is from the best there is.
 *   unknown  nobody proved a bound
 *   open     no portfolio is better than the upper bound
 *   proven   and the best one found reaches it */
#define MXS_BOUND_LIST(X)              \
    X(MXS_BOUND_UNKNOWN, 0, "unknown") \
    X(MXS_BOUND_OPEN, 1, "open")       \
    X(MXS_BOUND_PROVEN, 2, "proven")
typedef enum mxs_bound { MXS_BOUND_LIST(MXS_ENUMERATOR) } mxs_bound;

/* Every enum above has two functions, here by the name of `draws`:
 *
 *     const char *mxs_draws_name(mxs_draws value)                 its word; NULL for a value that is none
 *     int mxs_draws_parse(const char *text, mxs_draws *value)     1, and the value of a word; 0 for a text that is
 * none, and *value stays as it is */
#define MXS_WORDS_LIST(X) \
    X(input) X(missing) X(objective) X(draws) X(sampler) X(backend) X(evaluator) X(origin) X(bound)
#define MXS_WORDS_FUNCTIONS(what)                            \
    MXS_API const char *mxs_##what##_name(mxs_##what value); \
    MXS_API int mxs_##what##_parse(const char *text, mxs_##what *value);
MXS_WORDS_LIST(MXS_WORDS_FUNCTIONS)
#undef MXS_WORDS_FUNCTIONS

#ifdef __cplusplus
}
#endif

#endif
