/* The CPU backend: one worker process a core. */
#include "engines/cpu/cpu_backend.h"

#include "base/errors.h"
#include "engines/cpu/cpu_worker.h"
#include "process/cores.h"

/* A worker is ready in some milliseconds, in a second on a machine that pages. */
static const uint64_t START_LIMIT_NS = 10000000000u;

/* Beyond so many assets the packed products of shared draws fit no cache: see evaluator_openblas_table.c. */
enum { MOST_ASSETS_OF_PRODUCTS = 64 };

/* Shared draws: a tile's weights, once in a table, serve all portfolios of a chunk, and the next chunks where there is
 * no other tile. Drawing them into a table and using it costs what two or three portfolios cost without. */
static int is_table_worth_it(const struct mxsi_problem *problem, const struct mxsi_plan *plan) {
    enum { FEWEST_PORTFOLIOS = 3 };
    const uint64_t tiles = problem->tiles_per_portfolio;
    return problem->shared_draws && (tiles == 1 || plan->chunk_units / tiles >= FEWEST_PORTFOLIOS);
}

/* NULL, and why, where the CPU has no such evaluator. */
static const struct mxsi_evaluator_kind *choose_evaluator(mxs_evaluator evaluator, const struct mxsi_problem *problem,
                                                          const struct mxsi_plan *plan, mxs_error *error) {
    const int has_table = is_table_worth_it(problem, plan);
    switch (evaluator) {
    case MXS_EVALUATOR_AUTO:
    case MXS_EVALUATOR_FUSED:
        return has_table ? &mxsi_evaluator_fused_table : &mxsi_evaluator_fused;
    case MXS_EVALUATOR_FUSED_FULL:
        return has_table ? &mxsi_evaluator_fused_full_table : &mxsi_evaluator_fused_full;
    case MXS_EVALUATOR_OPENBLAS:
        return has_table && problem->assets_per_portfolio <= MOST_ASSETS_OF_PRODUCTS ? &mxsi_evaluator_openblas_table
                                                                                     : &mxsi_evaluator_openblas;
    case MXS_EVALUATOR_FULL_PRODUCT:
        return &mxsi_evaluator_full_product;
    case MXS_EVALUATOR_ROW_WISE:
        return &mxsi_evaluator_row_wise;
    case MXS_EVALUATOR_MEAN_FIRST:
        return &mxsi_evaluator_mean_first;
    case MXS_EVALUATOR_SINGLE:
        return &mxsi_evaluator_single;
    case MXS_EVALUATOR_STAGED:
        break;
    }
    (void)mxsi_fail(error, MXS_ERROR_BACKEND, "the %s evaluator is the GPU's; on the CPU use fused or openblas",
                    mxs_evaluator_name(evaluator));
    return NULL;
}

static void run_worker(struct mxsi_segment *segment, uint32_t worker, const void *kind) {
    mxsi_cpu_worker_run(segment, worker, kind);
}

mxs_status mxsi_cpu_pool_work(const struct mxsi_backend_job *job, struct mxsi_pool_work *work, mxs_error *error) {
    const uint32_t workers = job->workers == 0 ? mxsi_cores_available() : job->workers;
    const struct mxsi_plan plan = mxsi_plan_make(job->inputs->problem, job->chunk_tiles, workers);
    const struct mxsi_evaluator_kind *kind = choose_evaluator(job->evaluator, job->inputs->problem, &plan, error);
    if (kind == NULL) {
        return MXS_ERROR_BACKEND;
    }
    *work = (struct mxsi_pool_work){
        .workers = workers,
        .plan = plan,
        .run = run_worker,
        .context = kind,
        .evaluator = kind->name,
        .start_limit_ns = START_LIMIT_NS,
    };
    return MXS_OK;
}

static mxs_status run(const struct mxsi_backend_job *job, struct mxsi_backend_outcome *outcome,
                      struct mxsi_identity *fault, mxs_error *error) {
    struct mxsi_pool_work work;
    const mxs_status status = mxsi_cpu_pool_work(job, &work, error);
    return status != MXS_OK ? status : mxsi_pool_run(job, &work, outcome, fault, error);
}

const struct mxsi_backend mxsi_cpu_backend = {
    .name = "cpu",
    .run = run,
};
