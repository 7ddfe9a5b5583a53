#include "launch/launch.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/errors.h"
#include "base/monotonic_clock.h"
#include "launch/supervisor.h"
#include "process/child_process.h"
#include "process/launcher.h"
#include "process/process_threads.h"

static const uint64_t PROGRESS_NS = 100 * 1000000u;
/* How long the launcher may take to stop its workers; it gives them half a second itself. */
static const uint64_t LAUNCHER_GRACE_NS = 800 * 1000000u;

/* What the caller of a run wants to see of it, and to say to it. */
struct audience {
    const struct mxsi_run_request *request;
    uint64_t simulations_before;
    uint64_t *told_ns; /* when progress was last told; 0: never */
};

static mxs_progress progress_of(const struct audience *audience, const struct mxsi_run_state *state, uint64_t now) {
    mxs_progress progress = {
        .simulations_done = audience->simulations_before,
        .simulations_total = audience->request->simulations_total,
        .seconds = 1e-9 * (double)(now - audience->request->begin_ns),
        .best_sharpe = -HUGE_VAL,
    };
    for (uint32_t worker = 0; worker < state->plan.workers; ++worker) {
        const struct mxsi_slot *slot = mxsi_run_state_slot(state, worker);
        const uint64_t bits = atomic_load_explicit(&slot->best_bits, memory_order_relaxed);
        double best = 0.0;
        memcpy(&best, &bits, sizeof best);
        progress.simulations_done += atomic_load_explicit(&slot->simulations, memory_order_relaxed);
        progress.best_sharpe = best > progress.best_sharpe ? best : progress.best_sharpe;
    }
    return progress;
}

static void tell_progress(const struct audience *audience, const struct mxsi_run_state *state) {
    const struct mxsi_run_request *request = audience->request;
    const uint64_t now = mxsi_now_ns();
    const mxs_progress progress = progress_of(audience, state, now);
    *audience->told_ns = now;
    if (request->progress(&progress, request->progress_user) != 0) {
        atomic_store(&state->board->stop, 1);
    }
}

static void look(const struct audience *audience, const struct mxsi_run_state *state) {
    if (atomic_load(audience->request->cancelled)) {
        atomic_store(&state->board->stop, 1);
    }
    if (audience->request->progress != NULL && mxsi_now_ns() - *audience->told_ns >= PROGRESS_NS) {
        tell_progress(audience, state);
    }
}

static void look_at(const void *context, const struct mxsi_run_state *state) {
    look(context, state);
}

/* ---- in the launcher ---- */

static void look_away(const void *context, const struct mxsi_run_state *state) {
    (void)context;
    (void)state;
}

static void give_verdict(struct mxsi_verdict *verdict, mxs_status status, const struct mxsi_launch_end *end,
                         const mxs_error *error) {
    verdict->status = (uint32_t)status;
    verdict->workers_lost = end->workers_lost;
    verdict->fault = end->fault;
    (void)snprintf(verdict->message, sizeof verdict->message, "%s", error->message);
    atomic_store(&verdict->is_given, 1);
}

int mxsi_launch_serve(const int *descriptors, int count, const struct mxsi_engine *const *engines,
                      size_t engine_count) {
    struct mxsi_task_image image;
    struct mxsi_run_state state;
    if (count != 2 || mxsi_task_image_map(descriptors[0], &image) != 0 ||
        mxsi_run_state_map(descriptors[1], &state) != 0) {
        return 1;
    }
    const struct mxsi_engine *engine = state.plan.backend < engine_count ? engines[state.plan.backend] : NULL;
    if (engine == NULL) {
        return 1;
    }
    const struct mxsi_watch watch = {look_away, NULL};
    struct mxsi_launch_end end;
    mxs_error error = {.message = ""};
    const mxs_status status = mxsi_supervise(engine, &image, &state, &watch, &end, &error);
    give_verdict(&state.board->verdict, status, &end, &error);
    return 0;
}

/* ---- in the process that waits for it ---- */

/* What the launcher has left. Where it died, so did its workers, and what they had finished is kept. */
static mxs_status take_verdict(const struct mxsi_verdict *verdict, int wait_status, struct mxsi_launch_end *end,
                               mxs_error *error) {
    if (!atomic_load(&verdict->is_given)) {
        const char *refusal = mxsi_launcher_refusal(wait_status);
        return refusal != NULL ? mxsi_fail(error, MXS_ERROR_RUN, "the launcher of workers did not begin: %s", refusal)
                               : mxsi_fail(error, MXS_ERROR_RUN, "the launcher of workers died; is memory short?");
    }
    *end = (struct mxsi_launch_end){.fault = verdict->fault, .workers_lost = verdict->workers_lost};
    const mxs_status status = (mxs_status)verdict->status;
    return status == MXS_OK ? MXS_OK : mxsi_fail(error, status, "%.900s", verdict->message);
}

/* Waits for the launcher; where it does not obey a stop, it is ended, and its workers with it. */
static int wait_for_launcher(pid_t pid, const struct audience *audience, const struct mxsi_run_state *state) {
    const struct timespec pause = {.tv_nsec = 2000000};
    uint64_t stop_ns = 0;
    int wait_status = 0;
    pid_t gone = 0;
    while ((gone = waitpid(pid, &wait_status, WNOHANG)) == 0 || (gone < 0 && errno == EINTR)) {
        look(audience, state);
        if (atomic_load(&state->board->stop)) {
            stop_ns = stop_ns == 0 ? mxsi_now_ns() : stop_ns;
            if (mxsi_now_ns() - stop_ns > LAUNCHER_GRACE_NS) {
                mxsi_child_end(pid);
                return 0;
            }
        }
        (void)nanosleep(&pause, NULL);
    }
    return wait_status;
}

static mxs_status supervise_elsewhere(const struct mxsi_task_image *image, const struct mxsi_run_state *state,
                                      const struct audience *audience, struct mxsi_launch_end *end, mxs_error *error) {
    if (atomic_load(&state->board->stop)) {
        return MXS_OK; /* a short run would be over before it is looked at again */
    }
    const int descriptors[] = {image->shared.descriptor, state->shared.descriptor};
    pid_t pid = 0;
    const mxs_status status = mxsi_launcher_start(MXSI_SUPERVISION_JOB, descriptors, 2, &pid, error);
    if (status != MXS_OK) {
        return status;
    }
    const int wait_status = wait_for_launcher(pid, audience, state);
    if (atomic_load(&state->board->stop) && !atomic_load(&state->board->verdict.is_given)) {
        return MXS_OK; /* ended by force; what was published stays valid */
    }
    return take_verdict(&state->board->verdict, wait_status, end, error);
}

mxs_status mxsi_launch(const struct mxsi_engine *engine, const struct mxsi_task_image *image,
                       const struct mxsi_run_state *state, const struct mxsi_run_request *request,
                       uint64_t simulations_before, struct mxsi_launch_end *end, mxs_error *error) {
    uint64_t told_ns = 0;
    const struct audience audience = {
        .request = request,
        .simulations_before = simulations_before,
        .told_ns = &told_ns,
    };
    const struct mxsi_watch watch = {look_at, &audience};
    *end = (struct mxsi_launch_end){0};
    look(&audience, state);
    const mxs_status status = mxsi_process_has_threads() ? supervise_elsewhere(image, state, &audience, end, error)
                                                         : mxsi_supervise(engine, image, state, &watch, end, error);
    if (status == MXS_OK && request->progress != NULL) {
        tell_progress(&audience, state); /* how it ended */
    }
    return status;
}
