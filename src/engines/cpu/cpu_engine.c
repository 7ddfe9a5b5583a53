#include "engines/cpu/cpu_engine.h"

#include "base/errors.h"
#include "engines/cpu/cpu_workers.h"
#include "process/cores.h"

/* A worker lives some milliseconds after its start, a second on a machine that pages; OpenBLAS, where it is to be
 * loaded, comes from a slow disk within seconds. Who has not got it by then would not get it the next time. */
static const uint64_t START_LIMIT_NS = 10000000000u;

/* Beyond so many assets the packed products of shared draws fit no cache: see evaluator_openblas_table.c. */
enum { MOST_ASSETS_OF_PRODUCTS = 64 };

/* The evaluators of one name; table: NULL where there is none for shared draws. */
struct way {
    mxs_evaluator evaluator;
    const struct mxsi_block_evaluator_kind *blocks;
    const struct mxsi_table_evaluator_kind *table;
};

static const struct way ways[] = {
    {MXS_EVALUATOR_FUSED, &mxsi_evaluator_fused, &mxsi_evaluator_fused_table}, /* the first one is auto's choice */
    {MXS_EVALUATOR_OPENBLAS, &mxsi_evaluator_openblas, &mxsi_evaluator_openblas_table},
    {MXS_EVALUATOR_FUSED_FULL, &mxsi_evaluator_fused_full, &mxsi_evaluator_fused_full_table},
    {MXS_EVALUATOR_FULL_PRODUCT, &mxsi_evaluator_full_product, NULL},
    {MXS_EVALUATOR_ROW_WISE, &mxsi_evaluator_row_wise, NULL},
    {MXS_EVALUATOR_MEAN_FIRST, &mxsi_evaluator_mean_first, NULL},
    {MXS_EVALUATOR_SINGLE, &mxsi_evaluator_single, NULL},
};
enum { WAYS = sizeof ways / sizeof *ways };

/* The place of an evaluator in the table; WAYS where the CPU has no such one. */
static uint32_t way_of(mxs_evaluator evaluator) {
    uint32_t way = 0;
    while (evaluator != MXS_EVALUATOR_AUTO && way < WAYS && ways[way].evaluator != evaluator) {
        ++way;
    }
    return way;
}

/* Shared draws: a tile's weights, once in a table, serve all portfolios of a chunk, and the next chunks where there is
 * no other tile. Drawing them into a table and using it costs what two or three portfolios cost without. */
static int is_table_worth_it(const struct mxsi_task *task, const struct mxsi_engine_plan *plan) {
    enum { FEWEST_PORTFOLIOS = 3 };
    const uint64_t tiles = task->sampling->tiles_per_portfolio;
    const struct way *way = &ways[plan->way];
    return task->sampling->shared_draws && (tiles == 1 || plan->work.chunk_units / tiles >= FEWEST_PORTFOLIOS) &&
           way->table != NULL &&
           (!way->table->base.by_openblas || task->problem->assets_per_portfolio <= MOST_ASSETS_OF_PRODUCTS);
}

static mxs_status plan(const struct mxsi_task *task, const struct mxsi_run_request *request,
                       const struct mxsi_span *spans, uint64_t span_count, struct mxsi_engine_plan *made,
                       mxs_error *error) {
    const uint32_t workers = request->workers == 0 ? mxsi_cores_available() : request->workers;
    *made = (struct mxsi_engine_plan){
        .backend = MXS_BACKEND_CPU,
        .work = mxsi_plan_make(task, spans, span_count, request->chunk_tiles, workers),
        .start_limit_ns = START_LIMIT_NS,
        .way = way_of(request->evaluator),
    };
    made->workers = workers < made->work.chunks ? workers : (uint32_t)made->work.chunks;
    if (made->way == WAYS) {
        return mxsi_fail(error, MXS_ERROR_BACKEND, "the %s evaluator is the GPU's; on the CPU use fused or openblas",
                         mxs_evaluator_name(request->evaluator));
    }
    made->start_limit_is_failure = (uint32_t)ways[made->way].blocks->base.by_openblas;
    return MXS_OK;
}

static void work(const struct mxsi_task_image *image, const struct mxsi_run_state *state, uint32_t worker) {
    const struct mxsi_task task = mxsi_task_image_read(image);
    const struct way *way = &ways[state->plan.way];
    if (is_table_worth_it(&task, &state->plan)) {
        mxsi_cpu_table_worker_run(&task, state, worker, way->table);
    } else {
        mxsi_cpu_block_worker_run(&task, state, worker, way->blocks);
    }
}

static const char *evaluator_name(const struct mxsi_engine_plan *made) {
    return ways[made->way].blocks->base.name;
}

const struct mxsi_engine mxsi_cpu_engine = {
    .backend = MXS_BACKEND_CPU,
    .plan = plan,
    .work = work,
    .evaluator_name = evaluator_name,
};
