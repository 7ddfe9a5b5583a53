#include "support/conformance_runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#ifndef MXS_TEST_BACKEND
#define MXS_TEST_BACKEND MXS_BACKEND_CPU
#endif

asked conformance_options(void) {
    asked options = asked_defaults();
    options.run.backend = MXS_TEST_BACKEND;
#ifdef MXS_TEST_DEVICE
    static const int devices[] = {MXS_TEST_DEVICE};
    options.run.devices = devices;
    options.run.device_count = 1;
#endif
    return options;
}

mxs_result *run_to_the_end(const mxs_market *market, const asked *options) {
    trial made;
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    if (trial_create(market, options, &made, &error) != MXS_OK || trial_run(&made, &result, &error) != MXS_OK) {
        trial_release(&made);
        fail_msg("%s", error.message);
    }
    const mxs_result_info *info = mxs_result_describe(result);
    assert_true(info->complete);
    assert_int_equal(info->simulations_done, mxs_search_describe(made.search)->simulations_total);
    trial_release(&made);
    return result;
}

void assert_same_portfolio(size_t place, const mxs_portfolio *left, const mxs_portfolio *right) {
    if (left->rank != right->rank || left->tile != right->tile || left->attempt != right->attempt) {
        fail_msg("place %zu: rank %lu, tile %u, attempt %u on the left, rank %lu, tile %u, attempt %u on the right",
                 place + 1, (unsigned long)left->rank, left->tile, left->attempt, (unsigned long)right->rank,
                 right->tile, right->attempt);
    }
    assert_int_equal(left->origin, right->origin);
    assert_int_equal(left->asset_count, right->asset_count);
    assert_memory_equal(&left->sharpe, &right->sharpe, sizeof left->sharpe);
    assert_memory_equal(&left->expected_return, &right->expected_return, sizeof left->expected_return);
    assert_memory_equal(&left->volatility, &right->volatility, sizeof left->volatility);
    assert_memory_equal(left->assets, right->assets, left->asset_count * sizeof *left->assets);
    assert_memory_equal(left->weights, right->weights, left->asset_count * sizeof *left->weights);
}

void assert_same_leaders(const mxs_result *left, const mxs_result *right) {
    const size_t count = mxs_result_describe(left)->portfolio_count;
    assert_int_equal(count, mxs_result_describe(right)->portfolio_count);
    for (size_t i = 0; i < count; ++i) {
        assert_same_portfolio(i, mxs_result_portfolio(left, i), mxs_result_portfolio(right, i));
    }
}
