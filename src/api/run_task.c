#include "api/run_task.h"

#include <string.h>

#include "base/errors.h"
#include "base/monotonic_clock.h"
#include "engines/cpu/cpu_engine.h"
#include "engines/gpu/cuda_engine.h"
#include "engines/gpu/gpu_plugin.h"
#include "launch/launch.h"

static const struct mxsi_engine *const engines[] = {
    [MXS_BACKEND_CPU] = &mxsi_cpu_engine,
    [MXS_BACKEND_CUDA] = &mxsi_cuda_engine,
};

const struct mxsi_engine *mxsi_engine_of(mxs_backend backend) {
    return (size_t)backend < sizeof engines / sizeof engines[0] ? engines[backend] : NULL;
}

/* Engines in the order in which they are tried. */
struct choice {
    const struct mxsi_engine *primary;
    const struct mxsi_engine *fallback; /* does what the primary one leaves; NULL: its failure is the run's */
    int may_fall_back_before;           /* 1: also where the primary one cannot even begin */
};

static struct choice choose(mxs_backend wanted, const struct mxsi_run_request *request) {
    const struct choice wish = {.primary = mxsi_engine_of(wanted)};
    if (wanted != MXS_BACKEND_AUTO) {
        return wish;
    }
    const mxs_evaluator evaluator = request->evaluator;
    const int is_of_the_cpu =
        evaluator != MXS_EVALUATOR_AUTO && evaluator != MXS_EVALUATOR_FUSED && evaluator != MXS_EVALUATOR_STAGED;
    /* staged goes on to the GPU even where there is none: its error says why. */
    const int is_of_the_gpu = evaluator == MXS_EVALUATOR_STAGED;
    if (is_of_the_cpu || (!is_of_the_gpu && request->device_count == 0 && !mxsi_gpu_is_likely())) {
        return (struct choice){.primary = &mxsi_cpu_engine};
    }
    return (struct choice){&mxsi_cuda_engine, &mxsi_cpu_engine, !is_of_the_gpu};
}

/* Spans of units that no engine has done. */
struct rest {
    struct mxsi_span *spans;
    uint64_t count;
};

static mxs_status collect(const struct mxsi_engine *engine, const struct mxsi_run_state *state, uint64_t begin_ns,
                          struct mxsi_run_record *record, mxs_error *error) {
    const size_t before = record->worker_count;
    const size_t workers = state->plan.workers;
    char kernel[sizeof((struct mxsi_slot *)0)->kernel];
    mxs_worker_stats *all = mxsi_arena_allocate(record->arena, before + workers, sizeof *all);
    if (all == NULL) {
        return mxsi_fail_memory(error, "the result");
    }
    if (before > 0) {
        memcpy(all, record->workers, before * sizeof *all);
    }
    mxs_engine_stats *stats = &record->engines[record->engine_count++];
    *stats = (mxs_engine_stats){
        .backend = engine->backend,
        .evaluator = engine->evaluator_name(&state->plan),
        .first_worker = before,
        .worker_count = workers,
    };
    stats->simulations_done =
        mxsi_run_state_collect(state, begin_ns, &record->leaders, all + before, kernel, sizeof kernel);
    stats->kernel = mxsi_arena_copy_string(record->arena, kernel);
    record->workers = all;
    record->worker_count += workers;
    record->simulations_done += stats->simulations_done;
    record->complete = mxsi_run_state_chunks_done(state) == state->plan.work.chunks;
    return stats->kernel == NULL ? mxsi_fail_memory(error, "the result") : MXS_OK;
}

static mxs_status note_rest(const struct mxsi_run_state *state, struct rest *rest, mxsi_arena *arena,
                            mxs_error *error) {
    struct mxsi_span *spans = mxsi_arena_allocate(arena, mxsi_run_state_most_rest(state), sizeof *spans);
    if (spans == NULL) {
        return mxsi_fail_memory(error, "what is left of a run");
    }
    rest->count = mxsi_run_state_rest(state, spans);
    rest->spans = spans;
    return MXS_OK;
}

/* What an engine does of the rest, and what it leaves of it. */
static mxs_status run_plan(const struct mxsi_engine *engine, const struct mxsi_engine_plan *plan,
                           const struct mxsi_task_image *image, const struct mxsi_run_request *request,
                           struct rest *rest, struct mxsi_run_record *record, mxs_error *error) {
    const struct mxsi_task task = mxsi_task_image_read(image);
    const uint64_t begin_ns = mxsi_now_ns();
    struct mxsi_run_state state;
    struct mxsi_launch_end end = {0};
    const mxs_status created = mxsi_run_state_create(
        plan, rest->spans, mxsi_task_top(&task), record->leaders.count > 0 ? &record->leaders : NULL, &state, error);
    if (created != MXS_OK) {
        return created;
    }
    mxs_status status = mxsi_launch(engine, image, &state, request, record->simulations_done, &end, error);
    record->workers_lost += end.workers_lost;
    record->fault = end.fault;
    if (status == MXS_OK || status == MXS_ERROR_BACKEND) {
        mxs_status next = collect(engine, &state, begin_ns, record, error);
        next = next == MXS_OK && status == MXS_ERROR_BACKEND ? note_rest(&state, rest, record->arena, error) : next;
        status = next == MXS_OK ? status : next;
    }
    mxsi_run_state_destroy(&state);
    return status;
}

static mxs_status warn(struct mxsi_run_record *record, const mxs_error *failure, const char *what, mxs_error *error) {
    const char *line = mxsi_arena_format(record->arena, "%s; the CPU does %s", failure->message, what);
    return line == NULL || mxsi_messages_append(record->arena, &record->warnings, line) != 0
               ? mxsi_fail_memory(error, "a warning")
               : MXS_OK;
}

static mxs_status run_engines(const struct choice *choice, const struct mxsi_task_image *image,
                              const struct mxsi_run_request *request, struct mxsi_run_record *record,
                              mxs_error *error) {
    const struct mxsi_task task = mxsi_task_image_read(image);
    struct mxsi_span whole = mxsi_plan_whole(&task);
    struct rest rest = {&whole, 1};
    struct mxsi_engine_plan plan;
    mxs_error failure = {.message = ""};
    mxs_status status = choice->primary->plan(&task, request, rest.spans, rest.count, &plan, &failure);
    const int has_begun = status == MXS_OK;
    if (has_begun) {
        status = run_plan(choice->primary, &plan, image, request, &rest, record, &failure);
    }
    const int falls_back =
        status == MXS_ERROR_BACKEND && choice->fallback != NULL && (has_begun || choice->may_fall_back_before);
    if (!falls_back) {
        if (status != MXS_OK && error != NULL) {
            *error = failure;
        }
        return status;
    }
    struct mxsi_run_request again = *request;
    again.evaluator = MXS_EVALUATOR_AUTO; /* whatever the primary engine was to use */
    again.chunk_tiles = has_begun ? 0 : request->chunk_tiles;
    if ((status = warn(record, &failure, has_begun ? "the rest" : "it", error)) != MXS_OK ||
        (status = choice->fallback->plan(&task, &again, rest.spans, rest.count, &plan, error)) != MXS_OK) {
        return status;
    }
    return run_plan(choice->fallback, &plan, image, &again, &rest, record, error);
}

mxs_status mxsi_run_task(mxs_backend wanted, const struct mxsi_task *task, const struct mxsi_run_request *request,
                         struct mxsi_run_record *record, mxs_error *error) {
    const struct choice choice = choose(wanted, request);
    if (choice.primary == NULL) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no backend %d", (int)wanted);
    }
    struct mxsi_task_image image;
    mxs_status status = mxsi_task_image_create(task, &image, error);
    if (status != MXS_OK) {
        return status;
    }
    status = run_engines(&choice, &image, request, record, error);
    mxsi_task_image_destroy(&image);
    if (status == MXS_OK && record->complete) {
        /* A worker killed between counting a chunk and marking it done leaves it to be counted twice. */
        record->simulations_done = request->simulations_total;
    }
    return status;
}
