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

/* The same search again and again, each time with other workers killed at other moments. */
static void torment_runs(const asked *options, tormentor *killer, unsigned runs) {
    mxs_market *market = make_market(ROWS, ASSETS, 1);
    asked quiet = *options;
    quiet.workers = 1;
    mxs_search *calm = require_search(market, &quiet);
    mxs_result *expected = require_result(calm);
    mxs_search *search = require_search(market, options);
    size_t lost = 0;
    unsigned sent = 0;
    for (unsigned run = 0; run < runs; ++run) {
        tormentor_begin(killer);
        mxs_result *result = NULL;
        mxs_error error = {.status = MXS_OK};
        const mxs_status status = mxs_search_run(search, &result, &error);
        tormentor_end(killer);
        if (status != MXS_OK) {
            fail_msg("seed %llu: %s", (unsigned long long)killer->seed, error.message);
        }
        assert_same_answer(search, result, expected);
        lost += mxs_result_describe(result)->workers_lost;
        sent += killer->sent;
        mxs_result_destroy(result);
        ++killer->seed;
    }
    print_message("%u signals sent, %zu workers lost; last seed %llu\n", sent, lost,
                  (unsigned long long)killer->seed - 1);
    if (killer->signal == SIGKILL) {
        assert_true(lost >= 1);
    } else {
        assert_true(sent >= 1);
        assert_int_equal(lost, 0);
    }
    mxs_result_destroy(expected);
    mxs_search_destroy(search);
    mxs_search_destroy(calm);
    mxs_market_destroy(market);
}

static void killed_workers_of_long_chunks_change_no_bit(void **state) {
    (void)state;
    asked options = trial_options(10, 2048, 3);
    options.sampling.end_portfolio = 4000;
    options.run.chunk_tiles = 1000; /* 8 chunks */
    options.problem.top = 25;
    tormentor killer = {.seed = 100, .longest_pause_us = 60000, .budget = 8, .signal = SIGKILL};
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
    tormentor killer = {.seed = 500, .longest_pause_us = 50000, .budget = 6, .signal = SIGKILL};
    torment_runs(&options, &killer, 5);
}

static void workers_that_pause_and_go_on_change_no_bit(void **state) {
    (void)state;
    asked options = trial_options(10, 1024, 2);
    options.sampling.end_portfolio = 4000;
    tormentor pauser = {
        .seed = 600, .longest_pause_us = 20000, .budget = 1000, .signal = SIGSTOP, .second_signal = SIGCONT};
    torment_runs(&options, &pauser, 3);
}

static void the_signals_of_a_terminal_do_not_end_a_worker(void **state) {
    (void)state;
    asked options = trial_options(10, 1024, 2);
    options.sampling.end_portfolio = 4000;
    const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; ++i) {
        /* A newborn has the default action for a moment but blocks every signal: from its first one on it is safe. */
        tormentor sender = {.seed = 700, .longest_pause_us = 20000, .budget = 1000, .signal = signals[i]};
        torment_runs(&options, &sender, 3);
    }
}

static void workers_killed_again_and_again_end_the_run_with_an_error(void **state) {
    (void)state;
    mxs_market *market = make_market(ROWS, ASSETS, 1);
    for (unsigned workers = 1; workers <= 4; workers += 3) {
        asked options = endless_options(workers);
        options.run.chunk_tiles = UINT64_MAX; /* no chunk is ever finished */
        mxs_search *search = require_search(market, &options);
        tormentor killer = {.seed = 800, .longest_pause_us = 1000, .budget = UINT32_MAX, .signal = SIGKILL};
        tormentor_begin(&killer);
        mxs_result *result = NULL;
        mxs_error error = {.status = MXS_OK};
        const mxs_status status = mxs_search_run(search, &result, &error);
        tormentor_end(&killer);
        assert_int_equal(status, MXS_ERROR_RUN);
        assert_int_equal(error.status, MXS_ERROR_RUN);
        assert_null(result);
        assert_non_null(strstr(error.message, "workers died"));
        assert_non_null(strstr(error.message, "signal 9"));
        assert_int_equal(count_children(), 0);
        mxs_search_destroy(search);
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
