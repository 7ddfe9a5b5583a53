#include "cli/bench/bench_scaling.h"

#include <math.h>
#include <stdio.h>

double scaling_speed_up(const scaling_table *table, const scaling_row *row) {
    return sample_median(&table->rows[0].seconds) / sample_median(&row->seconds);
}

double scaling_efficiency(const bench_scaling *scaling, const scaling_table *table, const scaling_row *row) {
    const unsigned possible = row->workers < scaling->cores ? row->workers : scaling->cores;
    return scaling_speed_up(table, row) / (double)possible;
}

double scaling_nanoseconds(const scaling_table *table, const scaling_row *row) {
    return 1e9 * sample_median(&row->worker) * (double)row->workers / (double)table->simulations;
}

/* The powers of two below twice `workers`, with `workers` and twice as many among them. */
static void choose_rows(scaling_table *table, unsigned workers) {
    const unsigned most = 2 * workers;
    for (unsigned count = 1; table->count < SCALING_ROWS - 2; count *= 2) {
        if (count > workers && count / 2 < workers) {
            table->rows[table->count++].workers = workers;
        }
        if (count >= most) {
            break;
        }
        table->rows[table->count++].workers = count;
    }
    table->rows[table->count++].workers = most;
}

/* How long all rows take where one worker takes a second. */
static double cost_of_rows(const scaling_table *table, unsigned cores) {
    double sum = 0;
    for (size_t i = 0; i < table->count; ++i) {
        const unsigned workers = table->rows[i].workers;
        sum += 1.0 / (double)(workers < cores ? workers : cores);
    }
    return sum;
}

static search_request options_of(const bench_session *session, const scaling_table *table, unsigned workers) {
    search_request options = session->request;
    options.run.backend = MXS_BACKEND_CPU;
    options.run.evaluator = table->evaluator;
    options.run.workers = workers;
    options.sampling.end_portfolio = table->portfolios > 0 ? table->portfolios : UINT64_MAX;
    return options;
}

static void begin(bench_session *session, bench_scaling *scaling) {
    static const mxs_evaluator evaluators[SCALING_TABLES] = {MXS_EVALUATOR_OPENBLAS, MXS_EVALUATOR_FUSED};
    for (size_t i = 0; i < SCALING_TABLES; ++i) {
        scaling_table *const table = &scaling->tables[i];
        table->evaluator = evaluators[i];
        choose_rows(table, session->workers);
    }
    /* Of the time one part for each repeat, one for the run that finds the size, and a third to spare: a range is a
     * power of two, and takes up to 1.41 times what was asked for. */
    const double left = session_left(session) / SCALING_TABLES;
    const double rows = cost_of_rows(&scaling->tables[0], scaling->cores);
    const double alone = left / (1.33 * (double)session->repeats * rows + 1.0);
    for (size_t i = 0; i < SCALING_TABLES; ++i) {
        scaling_table *const table = &scaling->tables[i];
        session_step(session, "scaling: %s, a first run", mxs_evaluator_name(table->evaluator));
        search_request options = options_of(session, table, 1);
        bench_run run;
        (void)session_run(session, &options, alone, &run);
        (void)session_size(session, &options, alone, &run);
        if (run_has_rate(&run)) {
            table->portfolios = portfolios_in(&options, run.portfolios);
            table->simulations = table->portfolios * run.simulations_per_portfolio;
        } else {
            (void)snprintf(table->reason, sizeof table->reason, "%s", run.reason);
        }
    }
}

static double time_row(bench_session *session, scaling_table *table, scaling_row *row) {
    const search_request options = options_of(session, table, row->workers);
    bench_run run;
    const run_outcome outcome = session_run(session, &options, HUGE_VAL, &run);
    if (outcome != RUN_COMPLETE) {
        if (row->seconds.count == 0) {
            (void)snprintf(table->reason, sizeof table->reason, "%s", run.reason);
        }
        return run.seconds;
    }
    sample_add(&row->seconds, run.seconds);
    sample_add(&row->worker, run.mean.seconds);
    sample_add(&row->sampling, run.mean.sampling_seconds);
    sample_add(&row->returns, run.mean.return_seconds);
    sample_add(&row->variances, run.mean.variance_seconds);
    return run.seconds;
}

void bench_scaling_measure(bench_session *session, unsigned cores, bench_scaling *scaling) {
    *scaling = (bench_scaling){.asked = true, .cores = cores};
    begin(session, scaling);
    double round = 0;
    /* In turn, so that a machine that slows down does so for every number of workers. */
    for (size_t made = 0; session_repeats(session, made, round); ++made) {
        round = 0;
        for (size_t i = 0; i < SCALING_ROWS * SCALING_TABLES; ++i) {
            scaling_table *const table = &scaling->tables[i % SCALING_TABLES];
            const size_t at = i / SCALING_TABLES;
            if (at < table->count && table->reason[0] == '\0' && !session_interrupted(session)) {
                session_step(session, "scaling: %s, %u worker%s, run %zu of %zu", mxs_evaluator_name(table->evaluator),
                             table->rows[at].workers, table->rows[at].workers == 1 ? "" : "s", made + 1,
                             session->repeats);
                round += time_row(session, table, &table->rows[at]);
            }
        }
    }
}
