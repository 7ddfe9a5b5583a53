#include "engines/gpu/gpu_worker.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/monotonic_clock.h"
#include "run/worker.h"

/* A batch is sized to some tens of milliseconds: long enough to hide the launch, short enough that a stop is obeyed
 * at once and no display's watchdog (about two seconds) is ever near. The first ones are small, because nothing is
 * known yet: every tile sends a candidate. */
static const uint64_t BATCH_NS = 40 * 1000000u;
enum { FIRST_BATCH_UNITS = 64, BATCH_GROWTH = 4 };

struct queue {
    struct mxsi_gpu_batch batch;
    int is_busy;
    uint64_t begin_ns;
};

struct gpu_worker {
    struct mxsi_worker base;
    const struct mxsi_gpu_engine_ops *ops;
    struct mxsi_gpu_engine *engine;
    struct queue queues[MXSI_GPU_QUEUES];
    uint32_t batch_units;
    uint64_t next_unit; /* of the chunk, not submitted yet */
    uint64_t end_unit;
    char reason[MXSI_GPU_REASON_SIZE];
};

enum step { STEP_OK, STEP_STOPPED, STEP_ZERO_VARIANCE, STEP_FAILED };

/* No portfolio's own bar is below the last leader's: that one holds for a whole batch. */
static float batch_bar(const struct gpu_worker *w) {
    return mxsi_worker_bar(&w->base, UINT64_MAX);
}

static enum step submit(struct gpu_worker *w, int index, uint64_t first_unit, uint32_t units) {
    struct queue *queue = &w->queues[index];
    queue->batch = (struct mxsi_gpu_batch){
        .first_unit = first_unit,
        .units = units,
        .bar = batch_bar(w),
        .only_best = mxsi_task_top(&w->base.task) == 1,
    };
    queue->begin_ns = mxsi_now_ns();
    if (w->ops->submit(w->engine, index, &queue->batch, w->reason) != 0) {
        return STEP_FAILED;
    }
    queue->is_busy = 1;
    return STEP_OK;
}

static enum step submit_next(struct gpu_worker *w, int index) {
    const uint64_t left = w->end_unit - w->next_unit;
    const uint32_t units = left < w->batch_units ? (uint32_t)left : w->batch_units;
    const enum step step = submit(w, index, w->next_unit, units);
    w->next_unit += units;
    return step;
}

static int is_more_promising(const void *a, const void *b) {
    const float left = ((const struct mxsi_gpu_candidate *)a)->upper;
    const float right = ((const struct mxsi_gpu_candidate *)b)->upper;
    return (left < right) - (left > right);
}

/* The most promising first, because they raise the bar for the others. */
static enum step consider(struct gpu_worker *w, struct mxsi_gpu_candidate *candidates, uint32_t count) {
    const struct mxsi_sampling *sampling = w->base.task.sampling;
    qsort(candidates, count, sizeof *candidates, is_more_promising);
    for (uint32_t i = 0; i < count; ++i) {
        const struct mxsi_identity identity = {
            .rank = sampling->first_portfolio + candidates[i].unit / sampling->tiles_per_portfolio,
            .tile = (uint32_t)(candidates[i].unit % sampling->tiles_per_portfolio),
            .attempt = candidates[i].attempt,
        };
        if (candidates[i].upper >= mxsi_worker_bar(&w->base, identity.rank) &&
            mxsi_worker_consider(&w->base, &identity) != MXSI_GO_ON) {
            return STEP_ZERO_VARIANCE;
        }
    }
    return STEP_OK;
}

/* Batches grow until they take the time that they should. */
static void adapt_batch(struct gpu_worker *w, const struct queue *queue) {
    const uint64_t elapsed = mxsi_now_ns() - queue->begin_ns;
    const uint32_t most = w->ops->max_units(w->engine);
    if (queue->batch.units < w->batch_units) {
        return; /* the end of a chunk says little */
    }
    if (elapsed < BATCH_NS / 2) {
        w->batch_units = most / BATCH_GROWTH < w->batch_units ? most : w->batch_units * BATCH_GROWTH;
    } else if (elapsed > 2 * BATCH_NS && w->batch_units > 1) {
        w->batch_units /= 2;
    }
}

static enum step finish_batch(struct gpu_worker *w, int index);

/* A batch with more candidates than there was room for is done again, in halves: the ones that came raise the bar, and
 * a batch of one unit has room. */
static enum step repeat_batch(struct gpu_worker *w, int index, struct mxsi_gpu_batch batch) {
    const uint32_t first_half = (batch.units + 1) / 2;
    enum step step = submit(w, index, batch.first_unit, first_half);
    if (step == STEP_OK) {
        step = finish_batch(w, index);
    }
    if (step == STEP_OK && batch.units > first_half) {
        step = submit(w, index, batch.first_unit + first_half, batch.units - first_half);
        if (step == STEP_OK) {
            step = finish_batch(w, index);
        }
    }
    return step;
}

static enum step finish_batch(struct gpu_worker *w, int index) {
    struct queue *queue = &w->queues[index];
    struct mxsi_gpu_outcome outcome;
    const struct mxsi_gpu_batch batch = queue->batch;
    queue->is_busy = 0;
    if (w->ops->collect(w->engine, index, &outcome, w->reason) != 0) {
        return STEP_FAILED;
    }
    adapt_batch(w, queue);
    const size_t bytes = (outcome.stored + 1) * sizeof(struct mxsi_gpu_candidate);
    struct mxsi_gpu_candidate *candidates = malloc(bytes);
    if (candidates == NULL) {
        (void)snprintf(w->reason, sizeof w->reason, "not enough memory for %u candidates", outcome.stored);
        return STEP_FAILED;
    }
    memcpy(candidates, outcome.candidates, outcome.stored * sizeof *candidates);
    const enum step step = consider(w, candidates, outcome.stored);
    free(candidates);
    w->base.times.sampling += (uint64_t)(1e9 * (double)outcome.sampling_seconds);
    w->base.times.returns += (uint64_t)(1e9 * (double)outcome.return_seconds);
    w->base.times.variances += (uint64_t)(1e9 * (double)outcome.variance_seconds);
    if (step != STEP_OK) {
        return step;
    }
    if (outcome.found > outcome.stored) {
        if (batch.units == 1 && batch.bar == batch_bar(w)) {
            (void)snprintf(w->reason, sizeof w->reason, "a tile has more candidates than there is room for");
            return STEP_FAILED;
        }
        return repeat_batch(w, index, batch);
    }
    const struct mxsi_sampling *sampling = w->base.task.sampling;
    mxsi_worker_count(&w->base, mxsi_plan_simulations(sampling, batch.first_unit, batch.first_unit + batch.units));
    return STEP_OK;
}

/* One queue computes while the other's candidates are decided. */
static enum step run_chunk(struct gpu_worker *w) {
    enum step step = STEP_OK;
    int queue = 0;
    while (step == STEP_OK && (w->next_unit < w->end_unit || w->queues[queue].is_busy)) {
        if (w->queues[queue].is_busy) {
            step = finish_batch(w, queue);
        }
        if (step == STEP_OK && mxsi_worker_should_stop(&w->base)) {
            step = STEP_STOPPED;
        }
        if (step == STEP_OK && w->next_unit < w->end_unit) {
            step = submit_next(w, queue);
        }
        queue = (queue + 1) % MXSI_GPU_QUEUES;
        if (step == STEP_OK && !w->queues[queue].is_busy && w->next_unit >= w->end_unit) {
            queue = (queue + 1) % MXSI_GPU_QUEUES; /* the last batches */
        }
    }
    for (int i = 0; i < MXSI_GPU_QUEUES; ++i) { /* after a stop or a failure: nothing may run on under our feet */
        struct mxsi_gpu_outcome ignored;
        char unread[MXSI_GPU_REASON_SIZE];
        if (w->queues[i].is_busy) {
            (void)w->ops->collect(w->engine, i, &ignored, unread);
            w->queues[i].is_busy = 0;
        }
    }
    return step;
}

static void fail(struct gpu_worker *w, uint32_t index, int device) {
    char message[MXSI_GPU_REASON_SIZE];
    const uint64_t tiles = w->base.task.sampling->tiles_per_portfolio;
    const uint64_t first = w->base.task.sampling->first_portfolio;
    (void)snprintf(message, sizeof message, "GPU %d, portfolios %" PRIu64 ":%" PRIu64 ": %.150s", device,
                   first + w->queues[0].batch.first_unit / tiles, first + (w->end_unit - 1) / tiles + 1, w->reason);
    mxsi_worker_fail(w->base.state, index, MXS_ERROR_BACKEND, message);
}

/* 0; -1: the worker has failed, and said why. */
static int open_engine(struct gpu_worker *w, const struct mxsi_task_image *image, uint32_t index,
                       const struct mxsi_gpu_worker_setup *setup) {
    const struct mxsi_gpu_setup engine_setup = {
        .problem = w->base.task.problem,
        .sampling = w->base.task.sampling,
        .screening = w->base.task.screening,
        .image = image->shared.bytes,
        .image_size = image->shared.size,
        .device = setup->device,
        .pipeline = setup->pipeline,
    };
    if (w->ops->create(&engine_setup, &w->engine, w->reason) != 0) {
        char message[MXSI_GPU_REASON_SIZE + 16];
        (void)snprintf(message, sizeof message, "GPU %d: %s", setup->device, w->reason);
        mxsi_worker_fail(w->base.state, index, MXS_ERROR_BACKEND, message);
        return -1;
    }
    w->ops->describe(w->engine, w->base.slot->kernel, sizeof w->base.slot->kernel);
    const uint32_t most = w->ops->max_units(w->engine);
    w->batch_units = w->batch_units < most ? w->batch_units : most;
    mxsi_worker_is_ready(w->base.state, index);
    return 0;
}

static enum step take_chunks(struct gpu_worker *w) {
    enum step step = STEP_OK;
    while (step == STEP_OK && mxsi_worker_take_chunk(&w->base, &w->next_unit, &w->end_unit)) {
        step = run_chunk(w);
        if (step == STEP_OK) {
            mxsi_worker_finish_chunk(&w->base);
        }
    }
    return step;
}

void mxsi_gpu_worker_run(const struct mxsi_task_image *image, const struct mxsi_run_state *state, uint32_t index,
                         const struct mxsi_gpu_worker_setup *setup) {
    const struct mxsi_task task = mxsi_task_image_read(image);
    struct gpu_worker w = {.ops = setup->ops, .batch_units = FIRST_BATCH_UNITS};
    const size_t size = mxsi_whole_cache_lines(mxsi_worker_memory(&task));
    void *memory = aligned_alloc(64, size);
    if (memory == NULL) {
        mxsi_worker_fail(state, index, MXS_ERROR_MEMORY, "not enough memory for a worker");
        return;
    }
    memset(memory, 0, size);
    mxsi_worker_begin(&w.base, &task, state, index, memory);
    if (open_engine(&w, image, index, setup) == 0) {
        const enum step step = take_chunks(&w);
        if (step == STEP_FAILED) {
            fail(&w, index, setup->device);
        } else {
            mxsi_worker_end(&w.base, step == STEP_ZERO_VARIANCE ? MXSI_ZERO_VARIANCE : MXSI_GO_ON);
        }
        w.ops->destroy(w.engine);
    }
    free(memory);
}
