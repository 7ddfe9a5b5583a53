#include "launch/launch.h"

#include <math.h>
#include <string.h>

#include "base/monotonic_clock.h"
#include "launch/supervisor.h"

static const uint64_t PROGRESS_NS = 100 * 1000000u;

/* What the caller of a run wants to see of it, and to say to it. */
struct audience {
    const struct mxsi_run_request *request;
    uint64_t simulations_before;
    uint64_t begin_ns;
    uint64_t *told_ns; /* when progress was last told; 0: never */
};

static mxs_progress progress_of(const struct audience *audience, const struct mxsi_run_state *state, uint64_t now) {
    mxs_progress progress = {
        .simulations_done = audience->simulations_before,
        .simulations_total = audience->request->simulations_total,
        .seconds = 1e-9 * (double)(now - audience->begin_ns),
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

static void look(const void *context, const struct mxsi_run_state *state) {
    const struct audience *audience = context;
    if (atomic_load(audience->request->cancelled)) {
        atomic_store(&state->board->stop, 1);
    }
    if (audience->request->progress != NULL && mxsi_now_ns() - *audience->told_ns >= PROGRESS_NS) {
        tell_progress(audience, state);
    }
}

mxs_status mxsi_launch(const struct mxsi_engine *engine, const struct mxsi_task_image *image,
                       const struct mxsi_run_state *state, const struct mxsi_run_request *request,
                       uint64_t simulations_before, struct mxsi_launch_end *end, mxs_error *error) {
    uint64_t told_ns = 0;
    const struct audience audience = {
        .request = request,
        .simulations_before = simulations_before,
        .begin_ns = mxsi_now_ns(),
        .told_ns = &told_ns,
    };
    const struct mxsi_watch watch = {look, &audience};
    const mxs_status status = mxsi_supervise(engine, image, state, &watch, end, error);
    if (status == MXS_OK && request->progress != NULL) {
        tell_progress(&audience, state); /* how it ended */
    }
    return status;
}
