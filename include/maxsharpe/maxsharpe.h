/* maxsharpe: the portfolio with the highest Sharpe ratio, found by simulation.
 *
 * The public C API. Data flows one way:
 *
 *     file or arrays -> mxs_market -> mxs_problem -> mxs_search -> mxs_result
 *                       (numbers)     (what is asked)  (how it is looked for)
 *
 * Rules that hold for every function:
 *  - Whatever can fail returns an mxs_status and, where the caller passes one, fills an mxs_error with one line that
 *    says what is wrong and where, and with a hint where an option of this API helps. An output handle is NULL after a
 *    failure unless the function says otherwise.
 *  - Inputs are borrowed for the duration of the call and never changed. What a function hands out belongs to the
 *    handle it came from and lives until that handle is destroyed. Every destroy function accepts NULL.
 *  - Matrices are dense, row-major double arrays.
 *  - The library never prints, exits, aborts or reads the environment, and keeps no global state: any number of
 *    markets and searches may live side by side. One handle is used by one thread at a time; mxs_search_cancel is the
 *    exception.
 *
 * Compiles as C11 and as C++17. */
#ifndef MAXSHARPE_MAXSHARPE_H
#define MAXSHARPE_MAXSHARPE_H

#include "maxsharpe/benchmark.h"
#include "maxsharpe/devices.h"
#include "maxsharpe/market.h"
#include "maxsharpe/problem.h"
#include "maxsharpe/result.h"
#include "maxsharpe/run.h"
#include "maxsharpe/search.h"
#include "maxsharpe/status.h"
#include "maxsharpe/types.h"

#define MXS_VERSION_MAJOR 0
#define MXS_VERSION_MINOR 2
#define MXS_VERSION_PATCH 0

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is running, "MAJOR.MINOR.PATCH". Never NULL, never freed. */
MXS_API const char *mxs_version(void);

#ifdef __cplusplus
}
#endif

#endif
