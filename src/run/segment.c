#include "run/segment.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/errors.h"
#include "maxsharpe/search.h"
#include "process/shared_memory.h"

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_CHAR_LOCK_FREE == 2,
               "atomics in shared memory must be lock-free");

/* Adds count * size bytes to the layout. 0 where it overflows. */
static int place(uint64_t *end, uint64_t *at, uint64_t count, uint64_t size) {
    uint64_t bytes = 0;
    *at = *end;
    if (__builtin_mul_overflow(count, size, &bytes) || __builtin_add_overflow(*end, bytes, end) ||
        __builtin_add_overflow(*end, MXSI_CACHE_LINE - 1, end)) {
        return 0;
    }
    *end -= *end % MXSI_CACHE_LINE;
    return 1;
}

static int lay_out(struct mxsi_segment *layout) {
    const struct mxsi_problem *problem = &layout->problem;
    const uint64_t n = problem->assets;
    const uint64_t k = problem->assets_per_portfolio;
    const uint64_t chances = problem->sampler == MXS_SAMPLER_FIXED_SUM ? (k - 1) * k : 0;
    uint64_t end = sizeof *layout;
    uint64_t list = 0;
    uint64_t unused = 0;
    if (!place(&list, &unused, 1, mxsi_leaders_size(problem->top))) {
        return 0;
    }
    layout->leaders_size = list;
    layout->slot_size = sizeof(struct mxsi_slot) + 2 * list;
    const int fits = place(&end, &layout->returns_at, layout->periods, n * sizeof(double)) &&
                     place(&end, &layout->mean_at, n, sizeof(double)) &&
                     place(&end, &layout->covariance_at, n * n, sizeof(double)) &&
                     place(&end, &layout->excess_at, n, sizeof(float)) &&
                     place(&end, &layout->risk_at, n * n, sizeof(float)) &&
                     place(&end, &layout->forced_at, problem->forced_count, sizeof(uint32_t)) &&
                     place(&end, &layout->free_assets_at, problem->free_count, sizeof(uint32_t)) &&
                     place(&end, &layout->fixed_sum_chance_at, chances, sizeof(uint32_t)) &&
                     place(&end, &layout->done_at, layout->plan.chunks, 1) &&
                     place(&end, &layout->slots_at, layout->worker_count, layout->slot_size);
    layout->size = fits ? end : UINT64_MAX;
    return layout->size <= INT64_MAX;
}

static void *at(const struct mxsi_segment *segment, uint64_t offset) {
    return (char *)(uintptr_t)segment + offset;
}

static void copy_in(struct mxsi_segment *segment, uint64_t offset, const void *from, uint64_t bytes) {
    if (from != NULL && bytes > 0) {
        memcpy(at(segment, offset), from, bytes);
    }
}

static void fill(struct mxsi_segment *segment, const struct mxsi_inputs *inputs) {
    const uint64_t n = segment->problem.assets;
    const uint64_t k = segment->problem.assets_per_portfolio;
    copy_in(segment, segment->returns_at, inputs->returns, segment->periods * n * sizeof(double));
    copy_in(segment, segment->mean_at, inputs->mean, n * sizeof(double));
    copy_in(segment, segment->covariance_at, inputs->covariance, n * n * sizeof(double));
    copy_in(segment, segment->excess_at, inputs->excess, n * sizeof(float));
    copy_in(segment, segment->risk_at, inputs->risk, n * n * sizeof(float));
    copy_in(segment, segment->forced_at, inputs->forced, segment->problem.forced_count * sizeof(uint32_t));
    copy_in(segment, segment->free_assets_at, inputs->free_assets, segment->problem.free_count * sizeof(uint32_t));
    if (segment->problem.sampler == MXS_SAMPLER_FIXED_SUM) {
        copy_in(segment, segment->fixed_sum_chance_at, inputs->fixed_sum_chance, (k - 1) * k * sizeof(uint32_t));
    }
    const double nothing = -HUGE_VAL;
    uint64_t nothing_bits = 0;
    memcpy(&nothing_bits, &nothing, sizeof nothing_bits);
    for (uint32_t worker = 0; worker < segment->worker_count; ++worker) {
        struct mxsi_slot *slot = mxsi_segment_slot(segment, worker);
        atomic_store(&slot->best_sharpe_bits, nothing_bits);
        mxsi_leaders_init(mxsi_slot_leaders(segment, slot, 0), segment->problem.top);
        mxsi_leaders_init(mxsi_slot_leaders(segment, slot, 1), segment->problem.top);
    }
}

mxs_status mxsi_segment_create(const struct mxsi_inputs *inputs, uint64_t periods, const struct mxsi_plan *plan,
                               uint32_t workers, struct mxsi_segment **segment, mxs_error *error) {
    *segment = NULL;
    struct mxsi_segment layout = {
        .magic = MXSI_SEGMENT_MAGIC,
        .version = MXSI_SEGMENT_VERSION,
        .worker_count = workers,
        .periods = inputs->returns == NULL ? 0 : periods,
        .problem = *inputs->problem,
        .plan = *plan,
    };
    if (!lay_out(&layout) || mxsi_shared_memory_is_beyond_machine(layout.size)) {
        return mxsi_fail(error, MXS_ERROR_MEMORY,
                         "the shared segment would need %.1f GB, more than this machine has; use fewer assets or "
                         "rows",
                         (double)layout.size * 1e-9);
    }
    struct mxsi_shared_memory memory;
    if (mxsi_shared_memory_create(layout.size, &memory) != 0) {
        return mxsi_fail(error, MXS_ERROR_MEMORY, "not enough memory for the shared segment of %.1f MB: %s",
                         (double)layout.size * 1e-6, strerror(errno));
    }
    (void)close(memory.descriptor); /* its workers are forked */
    struct mxsi_segment *mapped = memory.bytes;
    memcpy(mapped, &layout, sizeof layout);
    if (sem_init(&mapped->wakeup, 1, 0) != 0) {
        (void)munmap(mapped, layout.size);
        return mxsi_fail(error, MXS_ERROR_RUN, "no semaphore in shared memory: %s", strerror(errno));
    }
    fill(mapped, inputs);
    *segment = mapped;
    return MXS_OK;
}

void mxsi_segment_destroy(struct mxsi_segment *segment) {
    if (segment != NULL) {
        (void)sem_destroy(&segment->wakeup);
        (void)munmap(segment, segment->size);
    }
}

struct mxsi_inputs mxsi_segment_inputs(const struct mxsi_segment *segment) {
    const struct mxsi_inputs inputs = {
        .problem = &segment->problem,
        .returns = segment->periods == 0 ? NULL : at(segment, segment->returns_at),
        .mean = at(segment, segment->mean_at),
        .covariance = at(segment, segment->covariance_at),
        .excess = at(segment, segment->excess_at),
        .risk = at(segment, segment->risk_at),
        .forced = at(segment, segment->forced_at),
        .free_assets = at(segment, segment->free_assets_at),
        .fixed_sum_chance = at(segment, segment->fixed_sum_chance_at),
    };
    return inputs;
}

struct mxsi_slot *mxsi_segment_slot(struct mxsi_segment *segment, uint32_t worker) {
    return at(segment, segment->slots_at + worker * segment->slot_size);
}

struct mxsi_leaders *mxsi_slot_leaders(const struct mxsi_segment *segment, struct mxsi_slot *slot, uint32_t which) {
    return (void *)((char *)slot + sizeof *slot + which * segment->leaders_size);
}

_Atomic uint8_t *mxsi_segment_done(struct mxsi_segment *segment) {
    return at(segment, segment->done_at);
}
