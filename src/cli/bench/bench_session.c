#include "cli/bench/bench_session.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "cli/terminal/interrupt.h"
#include "cli/terminal/printable_text.h"

enum { TILE = 1024 };

/* Seconds that a run may take however little time there is. */
static const double PATIENCE = 1;

/* ---- time ---- */

static double monotonic_seconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void session_begin(bench_session *session, progress_mode progress) {
    session->began = monotonic_seconds();
    progress_bar_begin(&session->bar, progress);
}

double session_elapsed(const bench_session *session) {
    return monotonic_seconds() - session->began;
}

double session_left(const bench_session *session) {
    return fmax(0, session->part_end - session_elapsed(session));
}

static void show_progress(bench_session *session) {
    const double elapsed = session_elapsed(session);
    progress_bar_show(&session->bar, fmin(1, elapsed / session->seconds), elapsed, session->step);
}

void session_step(bench_session *session, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(session->step, sizeof session->step, format, arguments);
    va_end(arguments);
    show_progress(session);
}

void session_fail(bench_session *session, const char *format, ...) {
    if (session->failure[0] != '\0') {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(session->failure, sizeof session->failure, format, arguments);
    va_end(arguments);
}

bool session_interrupted(bench_session *session) {
    session->interrupted = session->interrupted || interrupt_requested();
    return session->interrupted;
}

bool session_repeats(bench_session *session, size_t made, double seconds) {
    if (session_interrupted(session)) {
        return false;
    }
    return made == 0 || (made < session->repeats && seconds <= session_left(session));
}

/* ---- one run ---- */

/* What a run's progress is held against. */
typedef struct run_watch {
    bench_session *session;
    double limit;
    double started; /* seconds of the run at which there was no simulation yet */
    double seconds; /* at the last call */
    uint64_t simulations;
    bool stopped;
} run_watch;

static int on_progress(const mxs_progress *progress, void *user) {
    run_watch *const watch = user;
    show_progress(watch->session);
    watch->seconds = progress->seconds;
    watch->simulations = progress->simulations_done;
    if (progress->simulations_done == 0) {
        watch->started = progress->seconds;
    } else if (progress->seconds - watch->started >= watch->limit) {
        watch->stopped = true;
    }
    return watch->stopped || interrupt_requested();
}

static void take_workers(const mxs_result *result, mxs_worker_stats *mean) {
    const size_t count = mxs_result_describe(result)->worker_count;
    const double share = count > 0 ? 1.0 / (double)count : 0;
    for (size_t i = 0; i < count; ++i) {
        const mxs_worker_stats *const worker = mxs_result_worker(result, i);
        mean->simulations += worker->simulations;
        mean->seconds += share * worker->seconds;
        mean->sampling_seconds += share * worker->sampling_seconds;
        mean->return_seconds += share * worker->return_seconds;
        mean->variance_seconds += share * worker->variance_seconds;
        mean->waiting_seconds += share * worker->waiting_seconds;
    }
}

static void take_result(const mxs_result *result, bench_run *run) {
    const mxs_portfolio *const best = mxs_result_portfolio(result, 0);
    const mxs_engine_stats *const engine = mxs_result_engine(result, 0);
    run->seconds = mxs_result_describe(result)->seconds;
    run->simulations = mxs_result_describe(result)->simulations_done;
    run->winner = (bench_winner){best->rank, best->tile, best->attempt, best->sharpe};
    (void)snprintf(run->evaluator, sizeof run->evaluator, "%s", engine->evaluator);
    (void)snprintf(run->kernel, sizeof run->kernel, "%s", engine->kernel);
    blank_control_characters(run->kernel);
    take_workers(result, &run->mean);
}

static run_outcome outcome_of(mxs_status status, const run_watch *watch) {
    switch (status) {
    case MXS_OK:
        return RUN_COMPLETE;
    case MXS_INTERRUPTED:
        return watch->stopped && !interrupt_requested() ? RUN_STOPPED : RUN_INTERRUPTED;
    case MXS_ERROR_BACKEND:
        return RUN_UNAVAILABLE;
    default:
        return RUN_FAILED;
    }
}

static run_outcome conclude(bench_session *session, bench_run *run, run_outcome outcome, const mxs_error *error) {
    run->outcome = outcome;
    session->interrupted = session->interrupted || outcome == RUN_INTERRUPTED;
    if (outcome == RUN_INTERRUPTED) {
        (void)snprintf(run->reason, sizeof run->reason, "interrupted");
    } else if (outcome == RUN_UNAVAILABLE || outcome == RUN_FAILED) {
        (void)snprintf(run->reason, sizeof run->reason, "%.*s", BENCH_REASON_SIZE - 1, error->message);
        blank_control_characters(run->reason);
    }
    if (outcome == RUN_FAILED) {
        session_fail(session, "%s", run->reason);
    }
    return outcome;
}

run_outcome session_run(bench_session *session, const search_request *options, double limit, bench_run *run) {
    run_watch watch = {.session = session, .limit = limit};
    search_request watched = *options;
    mxs_error error = {.status = MXS_OK};
    prepared_search prepared = {.problem = NULL};
    mxs_result *result = NULL;
    watched.run.progress = on_progress;
    watched.run.progress_user = &watch;
    *run = (bench_run){.rate = 0};
    if (session_interrupted(session)) {
        return conclude(session, run, RUN_INTERRUPTED, &error);
    }
    mxs_status status = search_prepare(session->market, &watched, &prepared, &error);
    if (status != MXS_OK) {
        search_release(&prepared);
        return conclude(session, run, RUN_UNAVAILABLE, &error);
    }
    const mxs_search_info *const info = mxs_search_describe(prepared.search);
    run->portfolios = mxs_problem_describe(prepared.problem)->portfolios;
    run->simulations_per_portfolio = info->simulations_total / (info->end_portfolio - info->first_portfolio);
    interrupt_begin(prepared.search);
    status = mxs_search_run(prepared.search, &watched.run, &result, &error);
    interrupt_end_search();
    run->seconds = watch.seconds;
    run->simulations = watch.simulations;
    if (result != NULL) {
        take_result(result, run);
    }
    run->rate = (double)run->simulations / fmax(1e-9, run->seconds - fmin(watch.started, 0.9 * run->seconds));
    mxs_result_destroy(result);
    search_release(&prepared);
    return conclude(session, run, outcome_of(status, &watch), &error);
}

bool winners_agree(const bench_winner *a, const bench_winner *b) {
    return a->rank == b->rank && a->tile == b->tile && a->attempt == b->attempt && a->sharpe == b->sharpe;
}

/* ---- sizes ---- */

uint64_t portfolios_in(const search_request *options, uint64_t all) {
    const uint64_t end = options->sampling.end_portfolio < all ? options->sampling.end_portfolio : all;
    return end - options->sampling.first_portfolio;
}

/* So few portfolios that every worker has a tile to work on. */
static uint64_t fewest_portfolios(const bench_session *session, const search_request *options, const bench_run *run) {
    const uint64_t workers = options->run.workers > 0 ? options->run.workers : session->workers;
    const uint64_t tiles = (run->simulations_per_portfolio + TILE - 1) / TILE;
    uint64_t fewest = 1;
    while (fewest * tiles < workers) {
        fewest *= 2;
    }
    return fewest;
}

bool run_has_rate(const bench_run *run) {
    return run->outcome == RUN_COMPLETE || run->outcome == RUN_STOPPED;
}

run_outcome session_size(const bench_session *session, search_request *options, double seconds, bench_run *probe) {
    const double most = fmax(PATIENCE, fmax(10 * seconds, session_left(session) / 4));
    options->sampling.first_portfolio = 0;
    options->sampling.end_portfolio = UINT64_MAX;
    if (probe->outcome != RUN_STOPPED) {
        return probe->outcome;
    }
    const double per_portfolio = (double)probe->simulations_per_portfolio / fmax(probe->rate, 1e-3);
    uint64_t count = fewest_portfolios(session, options, probe);
    if ((double)count * per_portfolio > most) {
        probe->outcome = RUN_UNAVAILABLE;
        (void)snprintf(probe->reason, sizeof probe->reason,
                       "%.3g simulations a second: a run of %llu portfolio%s would take %.3g s; --seconds gives more",
                       probe->rate, (unsigned long long)count, count == 1 ? "" : "s", (double)count * per_portfolio);
        return probe->outcome;
    }
    while (count < probe->portfolios && (double)count * per_portfolio * sqrt(2.0) <= seconds) {
        count *= 2;
    }
    options->sampling.end_portfolio = count < probe->portfolios ? count : probe->portfolios;
    return probe->outcome;
}
