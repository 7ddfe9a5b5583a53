/* Several searches on one GPU at once, in one process: each gives its own answer, whoever else computes, ends or is
 * cancelled beside it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "support/conformance_runs.h"
#include "support/made_market.h"
#include "support/search_trial.h"

enum { SEARCHES = 3, ASSETS = 16, TIMES = 3 };

/* A search on the GPU with the CPU's answer to it. */
struct known_search {
    mxs_market *market;
    trial made;
    mxs_result *expected;
};

static asked options_of(unsigned number) {
    static const mxs_evaluator evaluators[SEARCHES] = {MXS_EVALUATOR_AUTO, MXS_EVALUATOR_STAGED, MXS_EVALUATOR_AUTO};
    asked options = conformance_options();
    options.problem.assets_per_portfolio = 6 + number;
    options.sampling.simulations = 1500 + 500 * number;
    options.run.evaluator = evaluators[number];
    options.sampling.draws = number == 2 ? MXS_DRAWS_SHARED : MXS_DRAWS_FRESH;
    options.sampling.seed = 40 + number;
    options.problem.top = 3;
    return options;
}

static struct known_search make_known(unsigned number) {
    struct known_search known = {.market = make_market(80, ASSETS, number + 1)};
    asked options = options_of(number);
    known.made = require_search(known.market, &options);
    options.run.backend = MXS_BACKEND_CPU;
    options.run.evaluator = MXS_EVALUATOR_AUTO;
    known.expected = run_to_the_end(known.market, &options);
    return known;
}

static void destroy_known(struct known_search *known) {
    mxs_result_destroy(known->expected);
    trial_release(&known->made);
    mxs_market_destroy(known->market);
}

struct thread_run {
    const struct known_search *known;
    mxs_status status;
    mxs_result *results[TIMES];
    pthread_t thread;
};

/* No assertion may fail outside the main thread: results are compared there. */
static void *run_in_thread(void *user) {
    struct thread_run *self = user;
    for (unsigned i = 0; i < TIMES && self->status == MXS_OK; ++i) {
        self->status = trial_run(&self->known->made, &self->results[i], NULL);
    }
    return NULL;
}

static void begin_run(struct thread_run *run, const struct known_search *known) {
    *run = (struct thread_run){.known = known};
    assert_int_equal(pthread_create(&run->thread, NULL, run_in_thread, run), 0);
}

static void end_run(struct thread_run *run) {
    assert_int_equal(pthread_join(run->thread, NULL), 0);
    assert_int_equal(run->status, MXS_OK);
    for (unsigned i = 0; i < TIMES; ++i) {
        assert_int_equal(mxs_result_describe(run->results[i])->engine_count, 1);
        assert_int_equal(mxs_result_engine(run->results[i], 0)->backend, MXS_BACKEND_CUDA);
        assert_same_answer(&run->known->made, run->results[i], run->known->expected);
        mxs_result_destroy(run->results[i]);
    }
}

static void searches_at_once_each_give_the_cpus_answer(void **state) {
    (void)state;
    struct known_search known[SEARCHES];
    struct thread_run runs[SEARCHES];
    for (unsigned i = 0; i < SEARCHES; ++i) {
        known[i] = make_known(i);
    }
    for (unsigned i = 0; i < SEARCHES; ++i) {
        begin_run(&runs[i], &known[i]);
    }
    for (unsigned i = 0; i < SEARCHES; ++i) {
        end_run(&runs[i]);
        destroy_known(&known[i]);
    }
}

static void a_search_may_be_destroyed_while_another_computes(void **state) {
    (void)state;
    struct known_search stays = make_known(1);
    struct thread_run run;
    begin_run(&run, &stays);
    for (unsigned i = 0; i < 2; ++i) {
        struct known_search goes = make_known(0);
        mxs_result *result = require_result(&goes.made);
        assert_same_answer(&goes.made, result, goes.expected);
        mxs_result_destroy(result);
        destroy_known(&goes);
    }
    end_run(&run);
    destroy_known(&stays);
}

static int cancel_at_once(const mxs_progress *progress, void *user) {
    (void)user;
    return progress->simulations_done > 0;
}

static void a_cancelled_search_leaves_the_other_alone(void **state) {
    (void)state;
    struct known_search stays = make_known(1);
    asked options = options_of(0);
    options.sampling.simulations = UINT64_C(1000000000);
    options.run.progress = cancel_at_once;
    trial cancelled = require_search(stays.market, &options);
    struct thread_run run;
    begin_run(&run, &stays);
    require_interrupted(&cancelled);
    end_run(&run);
    trial_release(&cancelled);
    destroy_known(&stays);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_at_once_each_give_the_cpus_answer),
        cmocka_unit_test(a_search_may_be_destroyed_while_another_computes),
        cmocka_unit_test(a_cancelled_search_leaves_the_other_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
