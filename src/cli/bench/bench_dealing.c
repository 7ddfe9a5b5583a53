#include "cli/bench/bench_dealing.h"

#include <math.h>
#include <stdio.h>

static search_request options_of(const bench_session *session, const dealing_row *row, unsigned workers) {
    search_request options = session->request;
    options.run.backend = MXS_BACKEND_CPU;
    options.run.workers = workers;
    options.problem.assets_per_portfolio = row->assets_per_portfolio;
    options.sampling.end_portfolio = row->portfolios;
    options.sampling.simulations = row->simulations / row->portfolios;
    return options;
}

/* How many simulations fit the time: the rate of a short run on one worker, which is what takes longest. */
static double affordable(bench_session *session, double wanted) {
    const double runs = 1.0 + 1.0 / (double)session->workers;
    const double seconds = session_left(session) / (DEALING_ROWS * runs * (double)session->repeats + 1.0);
    search_request options = session->request;
    options.run.backend = MXS_BACKEND_CPU;
    options.run.workers = 1;
    bench_run run;
    session_step(session, "dealing: a first run");
    (void)session_run(session, &options, seconds, &run);
    return fmin(wanted, run.rate * seconds);
}

/* Whole tiles, and no more portfolios than the problem has. */
static void begin(bench_session *session, double simulations, bench_dealing *dealing) {
    const size_t assets = mxs_market_describe(session->market)->assets;
    const double tiles = fmax(1, floor(affordable(session, simulations) / DEALING_TILE));
    const uint64_t portfolios = tiles < (double)session->portfolios ? (uint64_t)tiles : session->portfolios;
    const double each = floor(tiles / (double)portfolios);
    /* A simulation of more assets takes more, as the square of their number. */
    const double ratio = (double)session->request.problem.assets_per_portfolio / (double)assets;
    const double larger = fmax(1, floor((double)portfolios * each * fmin(1, 2 * ratio * ratio)));
    dealing->rows[0] = (dealing_row){.name = "many portfolios",
                                     .assets_per_portfolio = session->request.problem.assets_per_portfolio,
                                     .portfolios = portfolios,
                                     .simulations = portfolios * (uint64_t)each * DEALING_TILE};
    dealing->rows[1] = dealing->rows[0];
    dealing->rows[1].name = "one portfolio";
    dealing->rows[1].portfolios = 1;
    dealing->rows[2] = (dealing_row){.name = "one, all assets",
                                     .assets_per_portfolio = assets,
                                     .portfolios = 1,
                                     .simulations = (uint64_t)larger * DEALING_TILE};
}

static double time_row(bench_session *session, dealing_row *row, unsigned workers, bench_sample *rate) {
    const search_request options = options_of(session, row, workers);
    bench_run run;
    if (session_run(session, &options, HUGE_VAL, &run) == RUN_COMPLETE) {
        (void)snprintf(row->evaluator, sizeof row->evaluator, "%s", run.evaluator);
        sample_add(rate, (double)run.simulations / run.seconds);
    } else if (rate->count == 0) {
        (void)snprintf(row->reason, sizeof row->reason, "%s", run.reason);
    }
    return run.seconds;
}

void bench_dealing_measure(bench_session *session, double simulations, bench_dealing *dealing) {
    *dealing = (bench_dealing){.asked = true, .workers = session->workers};
    begin(session, simulations, dealing);
    double round = 0;
    for (size_t made = 0; session_repeats(session, made, round); ++made) {
        round = 0;
        for (size_t i = 0; i < DEALING_ROWS; ++i) {
            dealing_row *const row = &dealing->rows[i];
            for (int all = 0; all < 2 && row->reason[0] == '\0' && !session_interrupted(session); ++all) {
                session_step(session, "dealing: %s, %s, run %zu of %zu", row->name, all ? "all workers" : "one worker",
                             made + 1, session->repeats);
                round += time_row(session, row, all ? session->workers : 1, all ? &row->all : &row->one);
            }
        }
    }
}
