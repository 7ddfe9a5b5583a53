#include "cli/bench/bench_sizes.h"

#include <math.h>
#include <stdio.h>

enum { GROWTH = 4, FIRST_PORTFOLIOS = 4, ASSET_STEPS = 6 };

static const char NO_TIME[] = "larger ones take more time than there is";

/* ---- one row ---- */

static search_request options_of(const bench_session *session, const size_row *row, mxs_backend backend) {
    search_request options = session->request;
    options.run.backend = backend;
    options.run.evaluator = MXS_EVALUATOR_AUTO;
    options.sampling.simulations = row->simulations_per_portfolio;
    options.sampling.end_portfolio = row->portfolios;
    if (row->assets_per_portfolio != options.problem.assets_per_portfolio) {
        /* The cap as a multiple of the equal weight stays what it is, so that the same sampler draws. */
        const double multiple = options.problem.max_weight * (double)options.problem.assets_per_portfolio;
        options.problem.assets_per_portfolio = row->assets_per_portfolio;
        options.problem.max_weight = fmin(1, multiple / (double)row->assets_per_portfolio);
        options.problem.min_weight = 0;
    }
    if (backend == MXS_BACKEND_CUDA) {
        options.run.devices = &session->gpu;
        options.run.device_count = 1;
    }
    return options;
}

static double time_once(bench_session *session, size_series *series, size_row *row, mxs_backend backend,
                        bench_sample *seconds) {
    const search_request options = options_of(session, row, backend);
    bench_run run;
    if (session_run(session, &options, HUGE_VAL, &run) != RUN_COMPLETE) {
        (void)snprintf(series->reason, sizeof series->reason, "%s", run.reason);
        return run.seconds;
    }
    row->simulations = (double)run.simulations;
    sample_add(seconds, run.seconds);
    return run.seconds;
}

/* Both backends in turn. Returns the seconds of a round; its figures are dropped where a run has failed. */
static double time_row(bench_session *session, size_series *series, size_row *row, double until) {
    const char *const name = series->name;
    double round = 0;
    for (size_t made = 0; made < session->repeats && !session_interrupted(session); ++made) {
        if (made > 0 && session_elapsed(session) + round > until) {
            break;
        }
        session_step(session, "sizes: %s, %.3g simulations, run %zu of %zu", name,
                     (double)row->portfolios * (double)row->simulations_per_portfolio, made + 1, session->repeats);
        round = time_once(session, series, row, MXS_BACKEND_CPU, &row->cpu);
        if (session->gpu >= 0 && series->reason[0] == '\0') {
            round += time_once(session, series, row, MXS_BACKEND_CUDA, &row->gpu);
        }
        if (series->reason[0] != '\0') {
            break;
        }
    }
    return round;
}

static bool row_is_complete(const bench_session *session, const size_row *row) {
    return row->cpu.count > 0 && (session->gpu < 0 || row->gpu.count > 0);
}

/* ---- series ---- */

/* The seconds of the next row by those of the last two: a start, and GROWTH times as many simulations. */
static double next_seconds(size_t at, double before, double last) {
    return at < 2 ? last : last + GROWTH * fmax(0, last - before);
}

/* Times rows that grow until the time is up; `next` makes row number `at` and says whether there is one. */
static void time_series(bench_session *session, size_series *series, double until,
                        bool (*next)(const bench_session *session, size_t at, size_row *row)) {
    double before = 0;
    double last = 0;
    for (size_t at = 0; at < SIZE_ROWS && series->reason[0] == '\0' && !session_interrupted(session); ++at) {
        size_row *const row = &series->rows[at];
        if (!next(session, at, row)) {
            return;
        }
        if (at > 0 && session_elapsed(session) + next_seconds(at, before, last) > until) {
            (void)snprintf(series->reason, sizeof series->reason, "%s", NO_TIME);
            return;
        }
        before = last;
        last = time_row(session, series, row, until);
        /* Bounds that leave one point have one simulation, however many are asked for. */
        const bool grows = at == 0 || row->simulations > series->rows[at - 1].simulations;
        if (!row_is_complete(session, row) || !grows) {
            return;
        }
        series->count = at + 1;
    }
}

static uint64_t grown(uint64_t first, size_t at) {
    return first << (2 * at);
}
_Static_assert(GROWTH == 4, "grown() shifts by two bits");

/* More portfolios of K and S as asked; the last row is all of them. */
static bool next_portfolios(const bench_session *session, size_t at, size_row *row) {
    if (at > 0 && grown(FIRST_PORTFOLIOS, at - 1) >= session->portfolios) {
        return false;
    }
    const uint64_t portfolios = grown(FIRST_PORTFOLIOS, at);
    *row = (size_row){.assets_per_portfolio = session->request.problem.assets_per_portfolio,
                      .simulations_per_portfolio = session->request.sampling.simulations,
                      .portfolios = portfolios < session->portfolios ? portfolios : session->portfolios};
    return true;
}

/* More simulations of one portfolio. */
static bool next_simulations(const bench_session *session, size_t at, size_row *row) {
    *row = (size_row){.assets_per_portfolio = session->request.problem.assets_per_portfolio,
                      .simulations_per_portfolio = grown(UINT64_C(4096), at),
                      .portfolios = 1};
    return true;
}

static double binomial(double n, double k) {
    return round(exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)));
}

/* What the library can count, less what the rounding of a binomial may be off. */
static const double COUNTABLE = 0x1p63;

/* More assets in a portfolio, about as many simulations each, in so many portfolios as there are or as are wanted. */
static void time_assets(bench_session *session, size_series *series, double simulations, double until) {
    const size_t assets = mxs_market_describe(session->market)->assets;
    const size_t steps = assets < ASSET_STEPS ? assets : ASSET_STEPS;
    double last = 0;
    for (size_t at = 0; at < steps && series->reason[0] == '\0' && !session_interrupted(session); ++at) {
        if (at > 0 && session_elapsed(session) + last > until) {
            (void)snprintf(series->reason, sizeof series->reason, "%s", NO_TIME);
            return;
        }
        const size_t k = assets * (at + 1) / steps;
        const double each = (double)session->request.sampling.simulations;
        const double all = fmax(1, binomial((double)assets, (double)k));
        if (all * each > COUNTABLE) {
            continue;
        }
        /* A simulation of more assets takes more, as the square of their number. */
        const double ratio = (double)session->request.problem.assets_per_portfolio / (double)k;
        const double wanted = fmax(1, floor(simulations * fmin(1, 2 * ratio * ratio) / each));
        const double portfolios = fmin(wanted, all);
        size_row *const row = &series->rows[series->count];
        *row = (size_row){.assets_per_portfolio = k,
                          .simulations_per_portfolio = (uint64_t)(each * floor(wanted / portfolios)),
                          .portfolios = (uint64_t)portfolios};
        last = time_row(session, series, row, until);
        series->count += row_is_complete(session, row);
    }
}

static void conclude(const bench_session *session, size_series *series) {
    double simulations[SIZE_ROWS];
    double cpu[SIZE_ROWS];
    double gpu[SIZE_ROWS];
    for (size_t i = 0; i < series->count; ++i) {
        simulations[i] = series->rows[i].simulations;
        cpu[i] = sample_median(&series->rows[i].cpu);
        gpu[i] = sample_median(&series->rows[i].gpu);
    }
    series->crossover = (double)NAN;
    if (!series->fitted) {
        return;
    }
    series->cpu = fit_times(simulations, cpu, series->count);
    if (session->gpu >= 0 && series->count > 0) {
        series->gpu = fit_times(simulations, gpu, series->count);
        series->crossover = crossing(simulations, cpu, gpu, series->count);
    }
}

void bench_sizes_measure(bench_session *session, bench_sizes *sizes) {
    *sizes = (bench_sizes){.asked = true};
    (void)snprintf(sizes->gpu_reason, sizeof sizes->gpu_reason, "%s", session->gpu_reason);
    size_series *const portfolios = &sizes->series[0];
    size_series *const simulations = &sizes->series[1];
    size_series *const assets = &sizes->series[2];
    *portfolios = (size_series){.name = "portfolios", .fitted = true};
    *simulations = (size_series){.name = "simulations of one portfolio", .fitted = true};
    *assets = (size_series){.name = "assets per portfolio"};
    const double now = session_elapsed(session);
    const double left = session_left(session);
    time_series(session, portfolios, now + 0.45 * left, next_portfolios);
    time_series(session, simulations, now + 0.75 * left, next_simulations);
    if (portfolios->count > 0) {
        /* So many that a row takes its share of the time. */
        const size_row *const largest = &portfolios->rows[portfolios->count - 1];
        const double gpu = largest->gpu.count > 0 ? sample_median(&largest->gpu) : 0;
        const double rate = largest->simulations / (sample_median(&largest->cpu) + gpu);
        const double share = session_left(session) / (double)(ASSET_STEPS * session->repeats);
        time_assets(session, assets, rate * share, session->part_end);
    }
    for (size_t i = 0; i < SIZE_SERIES; ++i) {
        conclude(session, &sizes->series[i]);
    }
}
