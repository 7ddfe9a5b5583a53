#include "launch/worker_pool.h"

#include <errno.h>
#include <math.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/errors.h"
#include "base/monotonic_clock.h"
#include "process/child_process.h"

/* How often the parent looks round when nothing happens. A worker that ends wakes it at once; one that is killed is
 * noticed at the next look. */
static const long LOOK_NS = 20 * 1000000L;
static const uint64_t PROGRESS_NS = 100 * 1000000u;
/* How long workers may take to see that the run is to stop. One that cannot, because it is stopped itself or in the
 * midst of a huge block, is killed: what it has published stays valid. */
static const uint64_t GRACE_NS = 500 * 1000000u;

struct pool {
    const struct mxsi_backend_job *job;
    const struct mxsi_pool_work *work;
    struct mxsi_backend_outcome *outcome;
    mxs_error failure; /* what a worker ended with */
    struct mxsi_segment *segment;
    pid_t *pids; /* [worker_count] 0: no process */
    uint32_t workers;
    uint32_t alive;
    size_t lost;          /* workers that died */
    uint32_t lost_in_row; /* since a chunk was last finished */
    uint64_t chunks_done; /* when a worker last died */
    uint64_t begin_ns;
    uint64_t progress_ns; /* when progress was last told */
    uint64_t stop_ns;     /* when the run was found to be stopping; 0: it is not */
};

static uint64_t count_done(struct mxsi_segment *segment) {
    const _Atomic uint8_t *done = mxsi_segment_done(segment);
    uint64_t count = 0;
    for (uint64_t chunk = 0; chunk < segment->plan.chunks; ++chunk) {
        count += atomic_load_explicit(&done[chunk], memory_order_relaxed);
    }
    return count;
}

/* Which worker a process is to be. */
struct role {
    const struct pool *pool;
    uint32_t worker;
};

static void be_worker(const void *context) {
    const struct role *role = context;
    const struct pool *pool = role->pool;
    pool->work->run(pool->segment, role->worker, pool->work->context);
    (void)sem_post(&pool->segment->wakeup);
}

static int start_worker(struct pool *pool, uint32_t worker) {
    struct mxsi_slot *slot = mxsi_segment_slot(pool->segment, worker);
    atomic_store(&slot->state, MXSI_SLOT_RUNNING);
    atomic_store(&slot->is_ready, 0);
    slot->start_ns = mxsi_now_ns();
    if (slot->begin_ns == 0) {
        slot->begin_ns = mxsi_now_ns();
    }
    const struct role role = {pool, worker};
    const pid_t pid = mxsi_child_start(be_worker, &role);
    if (pid < 0) {
        atomic_store(&slot->state, MXSI_SLOT_IDLE);
        return -1;
    }
    pool->pids[worker] = pid;
    ++pool->alive;
    return 0;
}

/* Starts as many workers as the chunks that are left can use. Some must start; that not all do is no failure. */
static mxs_status start_workers(struct pool *pool, mxs_error *error) {
    const uint64_t left = pool->segment->plan.chunks - count_done(pool->segment);
    atomic_store(&pool->segment->next_chunk, 0);
    for (uint32_t worker = 0; worker < pool->work->workers && worker < pool->workers && worker < left; ++worker) {
        if (start_worker(pool, worker) != 0 && pool->alive == 0) {
            return mxsi_fail(error, MXS_ERROR_RUN, "cannot start a worker process: %s", strerror(errno));
        }
    }
    return MXS_OK;
}

/* What a worker that is gone had counted in a chunk that it did not finish is lost. */
static void forget_unfinished(struct mxsi_slot *slot) {
    atomic_store(&slot->simulations, atomic_load(&slot->simulations_kept));
}

/* The slot says what a worker that is gone had to say; a state of RUNNING means that it was killed. */
static mxs_status heed_slot(struct pool *pool, uint32_t worker, int wait_status, struct mxsi_identity *fault,
                            mxs_error *error) {
    struct mxsi_slot *slot = mxsi_segment_slot(pool->segment, worker);
    switch ((enum mxsi_slot_state)atomic_load(&slot->state)) {
    case MXSI_SLOT_FAILED:
        forget_unfinished(slot);
        return mxsi_fail(error, (mxs_status)slot->status, "%.250s", slot->message);
    case MXSI_SLOT_ZERO_VARIANCE:
        *fault = slot->fault;
        return MXS_ERROR_DATA;
    case MXSI_SLOT_RUNNING:
        break;
    case MXSI_SLOT_IDLE:
    case MXSI_SLOT_FINISHED:
        return MXS_OK;
    }
    atomic_store(&slot->state, MXSI_SLOT_IDLE);
    forget_unfinished(slot);
    ++pool->lost;
    const uint64_t done = count_done(pool->segment);
    pool->lost_in_row = done == pool->chunks_done ? pool->lost_in_row + 1 : 1;
    pool->chunks_done = done;
    if (pool->lost_in_row > 8 + 2 * pool->workers) {
        return mxsi_fail(error, MXS_ERROR_RUN,
                         "%u workers died one after the other without finishing any work, the last by %s %d; is "
                         "memory short?",
                         pool->lost_in_row, WIFSIGNALED(wait_status) ? "signal" : "status",
                         WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status));
    }
    return MXS_OK;
}

/* See start_limit_ns. What is killed here is collected, and replaced, like a worker that died. */
static void kill_late_starter(const struct pool *pool, uint32_t worker) {
    const struct mxsi_slot *slot = mxsi_segment_slot(pool->segment, worker);
    if (pool->work->start_limit_ns > 0 && !atomic_load(&slot->is_ready) &&
        mxsi_now_ns() - slot->start_ns > pool->work->start_limit_ns) {
        (void)kill(pool->pids[worker], SIGKILL);
    }
}

/* As waitpid without waiting. One that has said its last word is about to exit: it gets some milliseconds, instead of
 * being looked at again later; no more, because it may have been stopped by a signal on its last step. */
static pid_t collect_worker(const struct pool *pool, uint32_t worker, int *wait_status) {
    enum { TRIES = 100 };
    const struct timespec pause = {.tv_nsec = 100000};
    const struct mxsi_slot *slot = mxsi_segment_slot(pool->segment, worker);
    pid_t pid = waitpid(pool->pids[worker], wait_status, WNOHANG);
    for (int i = 0; i < TRIES && pid == 0 && atomic_load(&slot->state) != (uint32_t)MXSI_SLOT_RUNNING; ++i) {
        (void)nanosleep(&pause, NULL);
        pid = waitpid(pool->pids[worker], wait_status, WNOHANG);
    }
    return pid;
}

/* Collects the workers that have ended and replaces those that died while there is work to take. */
static mxs_status reap(struct pool *pool, struct mxsi_identity *fault, mxs_error *error) {
    for (uint32_t worker = 0; worker < pool->workers; ++worker) {
        int wait_status = 0;
        if (pool->pids[worker] == 0) {
            continue;
        }
        const pid_t pid = collect_worker(pool, worker, &wait_status);
        if (pid == 0) {
            kill_late_starter(pool, worker);
        }
        if (pid == 0 || (pid < 0 && errno != ECHILD)) { /* ECHILD: the program ignores SIGCHLD, so it is gone */
            continue;
        }
        pool->pids[worker] = 0;
        --pool->alive;
        const size_t lost_before = pool->lost;
        const mxs_status status = heed_slot(pool, worker, wait_status, fault, error);
        if (status != MXS_OK) {
            return status;
        }
        if (pool->lost > lost_before && !atomic_load(&pool->segment->stop) &&
            atomic_load(&pool->segment->next_chunk) < pool->segment->plan.chunks) {
            (void)start_worker(pool, worker); /* where it fails, the others take its work */
        }
    }
    return MXS_OK;
}

static void tell_progress(struct pool *pool, int last) {
    const struct mxsi_backend_job *job = pool->job;
    const uint64_t now = mxsi_now_ns();
    if (job->progress == NULL || (!last && now - pool->progress_ns < PROGRESS_NS)) {
        return;
    }
    pool->progress_ns = now;
    mxs_progress progress = {
        .simulations_total = job->simulations_total,
        .seconds = 1e-9 * (double)(now - pool->begin_ns),
        .best_sharpe = -HUGE_VAL,
    };
    for (uint32_t worker = 0; worker < pool->workers; ++worker) {
        const struct mxsi_slot *slot = mxsi_segment_slot(pool->segment, worker);
        const uint64_t bits = atomic_load_explicit(&slot->best_sharpe_bits, memory_order_relaxed);
        double best = 0.0;
        memcpy(&best, &bits, sizeof best);
        progress.simulations_done += atomic_load_explicit(&slot->simulations, memory_order_relaxed);
        progress.best_sharpe = best > progress.best_sharpe ? best : progress.best_sharpe;
    }
    if (job->progress(&progress, job->progress_user) != 0) {
        atomic_store(&pool->segment->stop, 1);
    }
}

/* Sleeps until a worker ends, a signal comes, or it is time to look round. */
static void wait_for_event(struct pool *pool) {
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_NS;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        ++until.tv_sec;
    }
    (void)sem_clockwait(&pool->segment->wakeup, CLOCK_MONOTONIC, &until);
}

static int is_grace_over(struct pool *pool) {
    if (!atomic_load(&pool->segment->stop)) {
        return 0;
    }
    if (pool->stop_ns == 0) {
        pool->stop_ns = mxsi_now_ns();
    }
    return mxsi_now_ns() - pool->stop_ns > GRACE_NS;
}

/* After a failure, or when the grace is over: nobody is left behind. */
static void end_workers(struct pool *pool) {
    for (uint32_t worker = 0; worker < pool->workers; ++worker) {
        if (pool->pids[worker] != 0) {
            mxsi_child_end(pool->pids[worker]);
            pool->pids[worker] = 0;
            struct mxsi_slot *slot = mxsi_segment_slot(pool->segment, worker);
            if (atomic_load(&slot->state) == (uint32_t)MXSI_SLOT_RUNNING) {
                forget_unfinished(slot);
            }
        }
    }
}

/* After a worker's MXS_ERROR_BACKEND, told in pool->failure: what was planned for this case takes over the chunks that
 * are left. MXS_OK, or the failure where nothing was planned. */
static mxs_status fall_back(struct pool *pool, mxs_error *error) {
    if (pool->work->fallback == NULL) {
        return MXS_ERROR_BACKEND;
    }
    end_workers(pool);
    pool->alive = 0;
    pool->work = pool->work->fallback;
    const char *line = mxsi_arena_format(pool->outcome->arena, "%s; the %s evaluator does the rest",
                                         pool->failure.message, pool->work->evaluator);
    if (line == NULL || mxsi_lines_append(pool->outcome->arena, &pool->outcome->warnings, line) != 0) {
        return mxsi_fail_memory(error, "a warning");
    }
    return MXS_OK;
}

/* Rounds of workers until every chunk is done: the chunks of workers that died are left for the next round. */
static mxs_status run_rounds(struct pool *pool, struct mxsi_identity *fault, mxs_error *error) {
    mxs_status status = MXS_OK;
    while (status == MXS_OK && !atomic_load(&pool->segment->stop) &&
           count_done(pool->segment) < pool->segment->plan.chunks) {
        status = start_workers(pool, error);
        while (status == MXS_OK && pool->alive > 0 && !is_grace_over(pool)) {
            wait_for_event(pool);
            if (atomic_load(pool->job->cancelled)) {
                atomic_store(&pool->segment->stop, 1);
            }
            status = reap(pool, fault, &pool->failure);
            tell_progress(pool, 0);
        }
        if (status == MXS_ERROR_BACKEND) {
            status = fall_back(pool, error);
        }
    }
    if (status != MXS_OK && pool->failure.status == status && error != NULL) {
        *error = pool->failure;
    }
    return status;
}

static mxs_status collect(struct pool *pool, struct mxsi_backend_outcome *outcome, mxs_error *error) {
    struct mxsi_segment *segment = pool->segment;
    const uint64_t end_ns = mxsi_now_ns();
    outcome->workers = mxsi_arena_allocate(outcome->arena, pool->workers, sizeof *outcome->workers);
    outcome->kernel = mxsi_arena_copy_string(outcome->arena, mxsi_segment_slot(segment, 0)->kernel);
    if (outcome->workers == NULL || outcome->kernel == NULL) {
        return mxsi_fail_memory(error, "the result");
    }
    outcome->worker_count = pool->workers;
    outcome->workers_lost = pool->lost;
    outcome->evaluator = pool->work->evaluator;
    outcome->complete = count_done(segment) == segment->plan.chunks;
    for (uint32_t worker = 0; worker < pool->workers; ++worker) {
        struct mxsi_slot *slot = mxsi_segment_slot(segment, worker);
        const struct mxsi_leaders *leaders = mxsi_slot_leaders(segment, slot, atomic_load(&slot->published));
        for (uint32_t i = 0; i < leaders->count; ++i) {
            (void)mxsi_leaders_offer(outcome->leaders, &leaders->items[i]);
        }
        const uint64_t busy_ns = slot->end_ns > slot->begin_ns ? slot->end_ns - slot->begin_ns : 0;
        outcome->workers[worker] = (mxs_worker_stats){
            .simulations = atomic_load(&slot->simulations),
            .seconds = 1e-9 * (double)busy_ns,
            .sampling_seconds = 1e-9 * (double)slot->sampling_ns,
            .return_seconds = 1e-9 * (double)slot->return_ns,
            .variance_seconds = 1e-9 * (double)slot->variance_ns,
            .waiting_seconds = 1e-9 * (double)(end_ns - pool->begin_ns - busy_ns),
        };
        outcome->simulations_done += outcome->workers[worker].simulations;
    }
    if (outcome->complete) {
        /* A worker killed between counting a chunk and marking it done leaves it to be counted twice. */
        outcome->simulations_done = pool->job->simulations_total;
    }
    return MXS_OK;
}

mxs_status mxsi_pool_run(const struct mxsi_backend_job *job, const struct mxsi_pool_work *work,
                         struct mxsi_backend_outcome *outcome, struct mxsi_identity *fault, mxs_error *error) {
    struct pool pool = {.job = job, .work = work, .outcome = outcome, .begin_ns = mxsi_now_ns()};
    const uint32_t with_fallback = work->fallback == NULL ? 0 : work->fallback->workers;
    const uint32_t most = work->workers > with_fallback ? work->workers : with_fallback;
    pool.workers = work->plan.chunks < most ? (uint32_t)work->plan.chunks : most;
    pool.pids = mxsi_arena_allocate(outcome->arena, pool.workers, sizeof *pool.pids);
    if (pool.pids == NULL) {
        return mxsi_fail_memory(error, "the workers");
    }
    mxs_status status = mxsi_segment_create(job->inputs, job->periods, &work->plan, pool.workers, &pool.segment, error);
    if (status != MXS_OK) {
        return status;
    }
    tell_progress(&pool, 1);
    status = run_rounds(&pool, fault, error);
    end_workers(&pool);
    if (status == MXS_OK) {
        tell_progress(&pool, 1);
        status = collect(&pool, outcome, error);
    }
    mxsi_segment_destroy(pool.segment);
    return status;
}
