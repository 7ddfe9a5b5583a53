#include "launch/supervisor.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/errors.h"
#include "base/monotonic_clock.h"
#include "process/child_process.h"

/* How often the parent looks round when nothing happens. A worker that ends wakes it at once; one that is killed is
 * noticed at the next look. */
static const long LOOK_NS = 20 * 1000000L;
/* How long workers may take to see that the run is to stop. One that cannot, because it is stopped itself or in the
 * midst of a huge block, is killed: what it has published stays valid. */
static const uint64_t GRACE_NS = 500 * 1000000u;

struct crew {
    const struct mxsi_engine *engine;
    const struct mxsi_task_image *image;
    const struct mxsi_run_state *state;
    struct mxsi_launch_end *end;
    mxs_error failure; /* what a worker ended with */
    pid_t *pids;       /* [workers] 0: no process */
    uint32_t workers;
    uint32_t alive;
    uint32_t lost_in_row; /* workers that died since a chunk was last finished */
    uint64_t chunks_done; /* when a worker last died */
    uint64_t stop_ns;     /* when the run was found to be stopping; 0: it is not */
};

/* Which worker a process is to be. */
struct role {
    const struct crew *crew;
    uint32_t worker;
};

static void be_worker(const void *context) {
    const struct role *role = context;
    const struct crew *crew = role->crew;
    crew->engine->work(crew->image, crew->state, role->worker);
    (void)sem_post(&crew->state->board->wakeup);
}

static int start_worker(struct crew *crew, uint32_t worker) {
    struct mxsi_slot *slot = mxsi_run_state_slot(crew->state, worker);
    atomic_store(&slot->state, MXSI_SLOT_RUNNING);
    atomic_store(&slot->is_ready, 0);
    slot->start_ns = mxsi_now_ns();
    if (slot->begin_ns == 0) {
        slot->begin_ns = slot->start_ns;
    }
    const struct role role = {crew, worker};
    const pid_t pid = mxsi_child_start(be_worker, &role);
    if (pid < 0) {
        atomic_store(&slot->state, MXSI_SLOT_IDLE);
        return -1;
    }
    crew->pids[worker] = pid;
    ++crew->alive;
    return 0;
}

/* Starts as many workers as the chunks that are left can use. Some must start; that not all do is no failure. */
static mxs_status start_workers(struct crew *crew, mxs_error *error) {
    const uint64_t left = crew->state->plan.work.chunks - mxsi_run_state_chunks_done(crew->state);
    atomic_store(&crew->state->board->next_chunk, 0);
    for (uint32_t worker = 0; worker < crew->workers && worker < left; ++worker) {
        if (start_worker(crew, worker) != 0 && crew->alive == 0) {
            return mxsi_fail(error, MXS_ERROR_RUN, "cannot start a worker process: %s", strerror(errno));
        }
    }
    return MXS_OK;
}

/* What a worker that is gone had counted in a chunk that it did not finish is lost. */
static void forget_unfinished(struct mxsi_slot *slot) {
    atomic_store(&slot->simulations, atomic_load(&slot->simulations_kept));
}

static mxs_status heed_death(struct crew *crew, struct mxsi_slot *slot, int wait_status, mxs_error *error) {
    atomic_store(&slot->state, MXSI_SLOT_IDLE);
    forget_unfinished(slot);
    ++crew->end->workers_lost;
    const uint64_t done = mxsi_run_state_chunks_done(crew->state);
    crew->lost_in_row = done == crew->chunks_done ? crew->lost_in_row + 1 : 1;
    crew->chunks_done = done;
    if (crew->lost_in_row > 8 + 2 * crew->workers) {
        return mxsi_fail(error, MXS_ERROR_RUN,
                         "%u workers died one after the other without finishing any work, the last by %s %d; is "
                         "memory short?",
                         crew->lost_in_row, WIFSIGNALED(wait_status) ? "signal" : "status",
                         WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status));
    }
    return MXS_OK;
}

/* The slot says what a worker that is gone had to say; a state of RUNNING means that it was killed. */
static mxs_status heed_slot(struct crew *crew, uint32_t worker, int wait_status, mxs_error *error) {
    struct mxsi_slot *slot = mxsi_run_state_slot(crew->state, worker);
    switch ((enum mxsi_slot_state)atomic_load(&slot->state)) {
    case MXSI_SLOT_FAILED:
        forget_unfinished(slot);
        return mxsi_fail(error, slot->status == MXS_OK ? MXS_ERROR_RUN : (mxs_status)slot->status, "%.250s",
                         slot->message);
    case MXSI_SLOT_ZERO_VARIANCE:
        crew->end->fault = slot->fault;
        return MXS_ERROR_DATA;
    case MXSI_SLOT_RUNNING:
        return heed_death(crew, slot, wait_status, error);
    case MXSI_SLOT_IDLE:
    case MXSI_SLOT_FINISHED:
        break;
    }
    return MXS_OK;
}

static int is_all_done(const struct crew *crew) {
    return mxsi_run_state_chunks_done(crew->state) == crew->state->plan.work.chunks;
}

/* Ends a worker that is not needed any more; it is not lost. */
static void dismiss(struct crew *crew, uint32_t worker) {
    mxsi_child_end(crew->pids[worker]);
    crew->pids[worker] = 0;
    --crew->alive;
    atomic_store(&mxsi_run_state_slot(crew->state, worker)->state, MXSI_SLOT_IDLE);
}

/* A worker that is not ready. Where the others have done everything, it is not waited for: a GPU may take seconds to
 * start. Where it is late, a library or a driver may hang: what is killed here is collected, and replaced, like a
 * worker that died, unless the plan takes it for a failure of the engine. */
static mxs_status heed_late_start(struct crew *crew, uint32_t worker, mxs_error *error) {
    const struct mxsi_engine_plan *plan = &crew->state->plan;
    const struct mxsi_slot *slot = mxsi_run_state_slot(crew->state, worker);
    if (atomic_load(&slot->is_ready)) {
        return MXS_OK;
    }
    if (is_all_done(crew)) {
        dismiss(crew, worker);
        return MXS_OK;
    }
    if (plan->start_limit_ns == 0 || mxsi_now_ns() - slot->start_ns <= plan->start_limit_ns) {
        return MXS_OK;
    }
    (void)kill(crew->pids[worker], SIGKILL);
    return plan->start_limit_is_failure
               ? mxsi_fail(error, MXS_ERROR_BACKEND, "worker %u of %s was not ready after %.3g seconds", worker,
                           mxs_backend_name((mxs_backend)plan->backend), 1e-9 * (double)plan->start_limit_ns)
               : MXS_OK;
}

/* As waitpid without waiting. One that has said its last word is about to exit: it gets some milliseconds, instead of
 * being looked at again later; no more, because it may have been stopped by a signal on its last step. */
static pid_t collect_worker(const struct crew *crew, uint32_t worker, int *wait_status) {
    enum { TRIES = 100 };
    const struct timespec pause = {.tv_nsec = 100000};
    const struct mxsi_slot *slot = mxsi_run_state_slot(crew->state, worker);
    pid_t pid = waitpid(crew->pids[worker], wait_status, WNOHANG);
    for (int i = 0; i < TRIES && pid == 0 && atomic_load(&slot->state) != (uint32_t)MXSI_SLOT_RUNNING; ++i) {
        (void)nanosleep(&pause, NULL);
        pid = waitpid(crew->pids[worker], wait_status, WNOHANG);
    }
    return pid;
}

/* Looks at one worker; where it has died while there is work to take, another takes its place. */
static mxs_status look_at_worker(struct crew *crew, uint32_t worker, mxs_error *error) {
    int wait_status = 0;
    const pid_t pid = collect_worker(crew, worker, &wait_status);
    if (pid == 0) {
        return heed_late_start(crew, worker, error);
    }
    if (pid < 0 && errno != ECHILD) { /* ECHILD: the program ignores SIGCHLD, so it is gone */
        return MXS_OK;
    }
    crew->pids[worker] = 0;
    --crew->alive;
    const size_t lost_before = crew->end->workers_lost;
    const mxs_status status = heed_slot(crew, worker, wait_status, error);
    const struct mxsi_run_board *board = crew->state->board;
    if (status == MXS_OK && crew->end->workers_lost > lost_before && !atomic_load(&board->stop) &&
        atomic_load(&board->next_chunk) < crew->state->plan.work.chunks) {
        (void)start_worker(crew, worker); /* where it fails, the others take its work */
    }
    return status;
}

static mxs_status look_at_workers(struct crew *crew, mxs_error *error) {
    mxs_status status = MXS_OK;
    for (uint32_t worker = 0; worker < crew->workers && status == MXS_OK; ++worker) {
        if (crew->pids[worker] != 0) {
            status = look_at_worker(crew, worker, error);
        }
    }
    return status;
}

/* Sleeps until a worker ends, a signal comes, or it is time to look round. */
static void wait_for_event(const struct crew *crew) {
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_NS;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        ++until.tv_sec;
    }
    (void)sem_clockwait(&crew->state->board->wakeup, CLOCK_MONOTONIC, &until);
}

static int is_grace_over(struct crew *crew) {
    if (!atomic_load(&crew->state->board->stop)) {
        return 0;
    }
    if (crew->stop_ns == 0) {
        crew->stop_ns = mxsi_now_ns();
    }
    return mxsi_now_ns() - crew->stop_ns > GRACE_NS;
}

/* After a failure, or when the grace is over: nobody is left behind. */
static void end_workers(struct crew *crew) {
    for (uint32_t worker = 0; worker < crew->workers; ++worker) {
        if (crew->pids[worker] != 0) {
            mxsi_child_end(crew->pids[worker]);
            crew->pids[worker] = 0;
            struct mxsi_slot *slot = mxsi_run_state_slot(crew->state, worker);
            if (atomic_load(&slot->state) == (uint32_t)MXSI_SLOT_RUNNING) {
                forget_unfinished(slot);
            }
        }
    }
}

/* Rounds of workers until every chunk is done: the chunks of workers that died are left for the next round. */
static mxs_status run_rounds(struct crew *crew, const struct mxsi_watch *watch, mxs_error *error) {
    const struct mxsi_run_state *state = crew->state;
    mxs_status status = MXS_OK;
    while (status == MXS_OK && !atomic_load(&state->board->stop) && !is_all_done(crew)) {
        status = start_workers(crew, error);
        while (status == MXS_OK && crew->alive > 0 && !is_grace_over(crew)) {
            wait_for_event(crew);
            status = look_at_workers(crew, &crew->failure);
            watch->look(watch->context, state);
        }
    }
    /* What fails when nothing is left of its work, or when nobody wants it any more, fails nobody. */
    if (status == MXS_ERROR_BACKEND && (atomic_load(&state->board->stop) || is_all_done(crew))) {
        return MXS_OK;
    }
    if (status != MXS_OK && crew->failure.status == status && error != NULL) {
        *error = crew->failure;
    }
    return status;
}

mxs_status mxsi_supervise(const struct mxsi_engine *engine, const struct mxsi_task_image *image,
                          const struct mxsi_run_state *state, const struct mxsi_watch *watch,
                          struct mxsi_launch_end *end, mxs_error *error) {
    *end = (struct mxsi_launch_end){0};
    struct crew crew = {
        .engine = engine,
        .image = image,
        .state = state,
        .end = end,
        .pids = calloc(state->plan.workers, sizeof *crew.pids),
        .workers = state->plan.workers,
    };
    if (crew.pids == NULL) {
        return mxsi_fail_memory(error, "the workers");
    }
    watch->look(watch->context, state);
    const mxs_status status = run_rounds(&crew, watch, error);
    end_workers(&crew);
    watch->look(watch->context, state);
    free(crew.pids);
    return status;
}
