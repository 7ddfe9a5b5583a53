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

mxs_search_options conformance_options(void) {
    mxs_search_options options;
    mxs_search_options_init(&options, sizeof options);
    options.backend = MXS_TEST_BACKEND;
#ifdef MXS_TEST_DEVICE
    static const int devices[] = {MXS_TEST_DEVICE};
    options.devices = devices;
    options.device_count = 1;
#endif
    return options;
}

mxs_result *run_to_the_end(const mxs_market *market, const mxs_search_options *options) {
    mxs_search *search = NULL;
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    if (mxs_search_create(market, options, &search, &error) != MXS_OK ||
        mxs_search_run(search, &result, &error) != MXS_OK) {
        mxs_search_destroy(search);
        fail_msg("%s", error.message);
    }
    const mxs_result_info *info = mxs_result_describe(result);
    assert_true(info->complete);
    assert_int_equal(info->simulations_done, mxs_search_problem(search)->simulations_total);
    mxs_search_destroy(search);
    return result;
}

void assert_same_leaders(const mxs_portfolio *left, size_t left_count, const mxs_portfolio *right, size_t right_count,
                         size_t k) {
    assert_int_equal(left_count, right_count);
    for (size_t i = 0; i < left_count; ++i) {
        if (left[i].rank != right[i].rank || left[i].tile != right[i].tile || left[i].attempt != right[i].attempt) {
            fail_msg("place %zu: rank %lu, tile %u, attempt %u on the left, rank %lu, tile %u, attempt %u on the right",
                     i + 1, (unsigned long)left[i].rank, left[i].tile, left[i].attempt, (unsigned long)right[i].rank,
                     right[i].tile, right[i].attempt);
        }
        assert_memory_equal(&left[i].sharpe, &right[i].sharpe, sizeof left[i].sharpe);
        assert_memory_equal(&left[i].expected_return, &right[i].expected_return, sizeof left[i].expected_return);
        assert_memory_equal(&left[i].volatility, &right[i].volatility, sizeof left[i].volatility);
        assert_memory_equal(left[i].assets, right[i].assets, k * sizeof left[i].assets[0]);
        assert_memory_equal(left[i].weights, right[i].weights, k * sizeof left[i].weights[0]);
    }
}
