/* A problem as the GPU benchmark gives it to an engine, and what its answer is: the candidates decided in double, and
 * the CPU backend's word on it. */
#ifndef MAXSHARPE_BENCH_PROBLEM_H
#define MAXSHARPE_BENCH_PROBLEM_H

#include <stddef.h>
#include <stdint.h>

#include "maxsharpe/search.h"
#include "run/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The best simulation of some portfolios. */
struct bench_winner {
    int is_set;
    double sharpe;
    struct mxsi_identity identity;
};

/* What a benchmark asks. */
struct bench_request {
    mxs_problem_options problem;
    mxs_sampling_options sampling;
    mxs_run_options run;
};

struct bench_problem;

/* The market is borrowed: it must outlive the problem. Returns NULL after a line on stderr. */
struct bench_problem *bench_problem_create(const mxs_market *market, const struct bench_request *request);
void bench_problem_destroy(struct bench_problem *problem);

/* Its parts point into the task image, which a device may pin. */
struct mxsi_task bench_problem_task(const struct bench_problem *problem);
void *bench_problem_image(const struct bench_problem *problem, size_t *size);

/* The best of the first `portfolios` portfolios by the CPU backend. It forks: not after CUDA has begun. Returns 0, or
 * -1 after a line on stderr. */
int bench_cpu_winner(const struct bench_problem *problem, uint64_t portfolios, struct bench_winner *winner);

/* Computes a candidate in double and takes it in where it leads. Returns 0; -1 where it is no simulation. */
int bench_decide(struct bench_problem *problem, uint64_t unit, uint32_t attempt, struct bench_winner *winner);

/* What an upper bound must reach to matter once there is this winner. */
float bench_bar(const struct bench_problem *problem, const struct bench_winner *winner);

int bench_same_winner(const struct bench_winner *left, const struct bench_winner *right);

/* A market of its moments alone, made up with a fixed seed: every asset in some measure like every other. NULL after a
 * line on stderr. */
mxs_market *bench_made_market(size_t assets);

#ifdef __cplusplus
}
#endif

#endif
