/* Workers that are killed: the run goes on, and its answer is the same to the last bit. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "support/made_market.h"
#include "support/process_watch.h"
#include "support/search_trial.h"

enum { ASSETS = 20, ROWS = 120 };

/* One run of a search whose workers are tormented. Adds to the signals sent and the workers lost. */
static void torment_run(const trial *made, const mxs_result *expected, tormentor *killer, unsigned *sent,
                        size_t *lost) {
    tormentor_begin(killer);
    mxs_result *result = NULL;
    mxs_error error = {.status = MXS_OK};
    const mxs_status status = trial_run(made, &result, &error);
    *sent += tormentor_end(killer);
    if (status != MXS_OK) {
        fail_msg("seed %llu: %s", (unsigned long long)killer->seed, error.message);
    }
    assert_same_answer(made, result, expected);
    *lost += mxs_result_describe(result)->workers_lost;
    mxs_result_destroy(result);
    ++killer->seed;
}

/* The same search again and again, each time with other workers killed at other moments; first those that this program
 * has forked, then its launcher's. */
static void torment_runs(const asked *options, tormentor *killer, unsigned runs) {
    mxs_market *market = make_market(ROWS, ASSETS, 1);
    asked quiet = *options;
    quiet.run.workers = 1;
    trial calm = require_search(market, &quiet);
    mxs_result *expected = require_result(&calm);
    trial made = require_search(market, options);
    static const enum forker forkers[] = {THE_PROGRAM, ITS_LAUNCHER};
    for (size_t i = 0; i < sizeof forkers / sizeof forkers[0]; ++i) {
        killer->forker = forkers[i];
        size_t lost = 0;
        unsigned sent = 0;
        for (unsigned run = 0; run < runs; ++run) {
            torment_run(&made, expected, killer, &sent, &lost);
        }
        print_message("%u signals sent, %zu workers lost; last seed %llu\n", sent, lost,
                      (unsigned long long)killer->seed - 1);
        if (killer->signal == SIGKILL) {
            assert_true(lost >= 1);
        } else {
            assert_true(sent >= 1);
            assert_int_equal(lost, 0);
        }
    }
    mxs_result_destroy(expected);
    trial_release(&made);
    trial_release(&calm);
    mxs_market_destroy(market);
}

static void killed_workers_of_long_chunks_change_no_bit(void **state) {
    (void)state;
    asked options = trial_options(10, 2048, 3);
    options.sampling.end_portfolio = 4000;
    options.run.chunk_tiles = 1000; /* 8 chunks */
    options.problem.top = 25;
    tormentor killer = {.seed = 100, .longest_pause_us = 20000, .budget = 8, .signal = SIGKILL};
    torment_runs(&options, &killer, 6);
}

static void killed_workers_of_short_chunks_change_no_bit(void **state) {
    (void)state;
    asked options = trial_options(10, 1, 3); /* a microsecond a chunk */
    options.run.chunk_tiles = 1;
    options.problem.top = 40;
    /* However slow a worker's start is here: no more than the deaths in a row that do not end a run of three. */
    tormentor killer = {.seed = 200, .longest_pause_us = 4000, .budget = 14, .signal = SIGKILL};
    torment_runs(&options, &killer, 25);
}

static void killed_workers_of_the_exact_sampler_change_no_bit(void **state) {
    (void)state;
    asked options = trial_options(8, 3000, 2);
    options.sampling.end_portfolio = 1000;
    options.problem.max_weight = 0.15;
    options.problem.min_weight = 0.01;
    options.run.chunk_tiles = 40;
    options.problem.top = 7;
    tormentor killer = {.seed = 300, .longest_pause_us = 30000, .budget = 30, .signal = SIGKILL};
    torment_runs(&options, &killer, 5);
}

/* Chunks that begin and end within a portfolio; a newborn has no table of weights. */
static void killed_workers_of_shared_draws_change_no_bit(void **state) {
    (void)state;
    asked options = trial_options(10, 2500, 3);
    options.sampling.draws = MXS_DRAWS_SHARED;
    options.run.chunk_tiles = 30001; /* 19 chunks */
    options.problem.top = 25;
    tormentor killer = {.seed = 350, .longest_pause_us = 60000, .budget = 8, .signal = SIGKILL};
    torment_runs(&options, &killer, 6);
}

/* Newborns: the killer is faster than a worker's start. */
static void workers_killed_while_they_start_change_no_bit(void **state) {
    (void)state;
    asked options = trial_options(10, 1024, 2);
    options.sampling.end_portfolio = 200;
    options.run.chunk_tiles = 10;
    tormentor killer = {.seed = 400, .longest_pause_us = 2000, .budget = 8, .signal = SIGKILL};
    torment_runs(&options, &killer, 10);
}

static void the_only_worker_may_be_killed(void **state) {
    (void)state;
    asked options = trial_options(10, 1024, 1);
    options.sampling.end_portfolio = 4000;
    options.run.chunk_tiles = 200;
    tormentor killer = {.seed = 500, .longest_pause_us = 20000, .budget = 6, .signal = SIGKILL};
    torment_runs(&options, &killer, 5);
}

static void workers_that_pause_and_go_on_change_no_bit(void **state) {
    (void)state;
    asked options = trial_options(10, 1024, 2);
    options.sampling.end_portfolio = 4000;
    tormentor pauser = {
        .seed = 600, .longest_pause_us = 5000, .budget = 1000, .signal = SIGSTOP, .second_signal = SIGCONT};
    torment_runs(&options, &pauser, 3);
}

static void the_signals_of_a_terminal_do_not_end_a_worker(void **state) {
    (void)state;
    asked options = trial_options(10, 1024, 2);
    options.sampling.end_portfolio = 4000;
    const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; ++i) {
        /* A newborn has the default action for a moment but blocks every signal: from its first one on it is safe. */
        tormentor sender = {.seed = 700, .longest_pause_us = 2000, .budget = 1000, .signal = signals[i]};
        torment_runs(&options, &sender, 1);
    }
}

static void workers_killed_again_and_again_end_the_run_with_an_error(void **state) {
    (void)state;
    mxs_market *market = make_market(ROWS, ASSETS, 1);
    for (unsigned i = 0; i < 4; ++i) {
        asked options = endless_options(i % 2 == 0 ? 1 : 4);
        options.run.chunk_tiles = UINT64_MAX; /* no chunk is ever finished */
        trial made = require_search(market, &options);
        tormentor killer = {.seed = 800,
                            .longest_pause_us = 1000,
                            .budget = UINT32_MAX,
                            .signal = SIGKILL,
                            .forker = i < 2 ? THE_PROGRAM : ITS_LAUNCHER};
        tormentor_begin(&killer);
        mxs_result *result = NULL;
        mxs_error error = {.status = MXS_OK};
        const mxs_status status = trial_run(&made, &result, &error);
        (void)tormentor_end(&killer);
        assert_int_equal(status, MXS_ERROR_RUN);
        assert_int_equal(error.status, MXS_ERROR_RUN);
        assert_null(result);
        assert_non_null(strstr(error.message, "workers died"));
        assert_non_null(strstr(error.message, "signal 9"));
        assert_int_equal(count_children(), 0);
        trial_release(&made);
    }
    mxs_market_destroy(market);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_workers_of_long_chunks_change_no_bit, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(killed_workers_of_short_chunks_change_no_bit, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(killed_workers_of_the_exact_sampler_change_no_bit, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(killed_workers_of_shared_draws_change_no_bit, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(workers_killed_while_they_start_change_no_bit, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(the_only_worker_may_be_killed, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(workers_that_pause_and_go_on_change_no_bit, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(the_signals_of_a_terminal_do_not_end_a_worker, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(workers_killed_again_and_again_end_the_run_with_an_error, watch_begin,
                                        watch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
