/* What becomes of a search when a GPU fails; the devices of emulated_plugin.cpp fail each in its way. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "support/built_problem.h"
#include "support/conformance_runs.h"
#include "support/made_market.h"
#include "support/process_watch.h"
#include "support/seeded_random.h"

enum { GOOD_DEVICE = 0, OLD_DEVICE = 1, FULL_DEVICE = 2, BREAKING_DEVICE = 3, SEED = 20240801 };

static mxs_market *small_market(void) {
    struct seeded_random random = {.state = SEED};
    return random_market(&random, 12, 3);
}

static asked options_on(const int *devices, size_t count) {
    asked options = conformance_options();
    options.problem.assets_per_portfolio = 4;
    options.sampling.simulations = 200;
    options.run.chunk_tiles = 20;
    options.run.devices = devices;
    options.run.device_count = count;
    return options;
}

static void assert_fails_with(const int *devices, size_t count, const char *says) {
    mxs_market *market = small_market();
    const asked options = options_on(devices, count);
    trial made;
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    assert_int_equal(trial_create(market, &options, &made, &error), MXS_OK);
    assert_int_equal(trial_run(&made, &result, &error), MXS_ERROR_BACKEND);
    print_message("%s\n", error.message);
    assert_non_null(strstr(error.message, says));
    assert_null(result);
    trial_release(&made);
    mxs_market_destroy(market);
}

static void every_device_is_surveyed_with_its_reason(void **state) {
    (void)state;
    mxs_devices *devices = NULL;
    assert_int_equal(mxs_devices_survey(&devices, NULL), MXS_OK);
    assert_string_equal(mxs_devices_describe(devices)->cuda_reason, "");
    assert_int_equal(mxs_devices_describe(devices)->gpu_count, 4);
    assert_string_equal(mxs_devices_gpu(devices, GOOD_DEVICE)->reason, "");
    assert_non_null(strstr(mxs_devices_gpu(devices, OLD_DEVICE)->reason, "compute capability"));
    assert_null(mxs_devices_gpu(devices, 4));
    mxs_devices_destroy(devices);
}

static void a_device_that_is_too_old_is_refused_with_the_reason(void **state) {
    (void)state;
    const int devices[] = {OLD_DEVICE};
    assert_fails_with(devices, 1, "compute capability 5.2 is below 7.5");
}

static void a_device_that_does_not_exist_is_refused(void **state) {
    (void)state;
    const int devices[] = {4};
    assert_fails_with(devices, 1, "there is no GPU 4");
}

static void a_device_without_memory_is_an_error(void **state) {
    (void)state;
    const int devices[] = {FULL_DEVICE};
    assert_fails_with(devices, 1, "out of memory");
}

static void a_device_that_breaks_down_is_an_error_that_names_the_range(void **state) {
    (void)state;
    const int devices[] = {BREAKING_DEVICE};
    assert_fails_with(devices, 1, "GPU 3, portfolios ");
    assert_fails_with(devices, 1, "an illegal memory access");
}

/* As `auto` runs it: what the GPU had not finished is planned again for all of the CPU's workers, and the answer is the
 * same. */
static void the_cpu_does_what_a_failing_device_leaves(void **state) {
    (void)state;
    static const int failing[] = {FULL_DEVICE, BREAKING_DEVICE};
    mxs_market *market = small_market();
    for (size_t i = 0; i < sizeof failing / sizeof failing[0]; ++i) {
        asked options = options_on(&failing[i], 1);
        options.problem.top = 5;
        options.run.workers = 2;
        options.run.backend = MXS_BACKEND_AUTO;
        mxs_result *const result = run_to_the_end(market, &options);
        const mxs_result_info *info = mxs_result_describe(result);
        assert_int_equal(info->warning_count, 1);
        print_message("%s\n", info->warnings[0]);
        assert_non_null(strstr(info->warnings[0], "; the CPU does the rest"));

        assert_int_equal(info->engine_count, 2);
        const mxs_engine_stats *gpu = mxs_result_engine(result, 0);
        const mxs_engine_stats *cpu = mxs_result_engine(result, 1);
        assert_int_equal(gpu->backend, MXS_BACKEND_CUDA);
        assert_int_equal(cpu->backend, MXS_BACKEND_CPU);
        assert_string_equal(cpu->evaluator, "fused");
        assert_int_equal(cpu->worker_count, 2);
        assert_int_equal(cpu->first_worker, gpu->worker_count);
        assert_int_equal(info->worker_count, gpu->worker_count + cpu->worker_count);
        assert_int_equal(gpu->simulations_done + cpu->simulations_done, info->simulations_done);
        assert_true(cpu->simulations_done > 0);
        assert_int_equal(gpu->simulations_done > 0, failing[i] == BREAKING_DEVICE); /* whose two batches count */
        assert_null(mxs_result_engine(result, 2));
        assert_null(mxs_result_worker(result, info->worker_count));

        options.run.backend = MXS_BACKEND_CPU;
        options.run.device_count = 0;
        mxs_result *const expected = run_to_the_end(market, &options);
        assert_same_leaders(result, expected);
        mxs_result_destroy(expected);
        mxs_result_destroy(result);
    }
    mxs_market_destroy(market);
}

struct clock {
    double slept; /* seconds of the run */
    unsigned behind;
};

static int sleep_within_the_run(const mxs_progress *progress, void *user) {
    struct clock *clock = user;
    clock->behind += progress->seconds < clock->slept ? 1U : 0U;
    sleep_microseconds(20000);
    clock->slept += 0.02;
    return 0;
}

/* It is one run, whoever does it. */
static void progress_counts_on_when_the_cpu_takes_over(void **state) {
    (void)state;
    static const int devices[] = {BREAKING_DEVICE};
    struct clock clock = {.slept = 0.0};
    mxs_market *market = small_market();
    asked options = options_on(devices, 1);
    options.run.backend = MXS_BACKEND_AUTO;
    options.run.progress = sleep_within_the_run;
    options.run.progress_user = &clock;
    mxs_result *const result = run_to_the_end(market, &options);
    assert_int_equal(mxs_result_describe(result)->engine_count, 2);
    assert_true(clock.slept > 0.03); /* both have shown some */
    assert_int_equal(clock.behind, 0);
    mxs_result_destroy(result);
    mxs_market_destroy(market);
}

/* Chunks of the GPU are large; the CPU's plan for the rest is its own. */
static void the_rest_is_cut_anew_for_the_cpu(void **state) {
    (void)state;
    static const int devices[] = {FULL_DEVICE};
    mxs_market *market = small_market();
    asked options = options_on(devices, 1);
    options.run.backend = MXS_BACKEND_AUTO;
    options.run.workers = 3;
    options.run.chunk_tiles = UINT64_C(1000000000); /* one chunk, as a small search is on one GPU */
    mxs_result *const result = run_to_the_end(market, &options);
    assert_int_equal(mxs_result_engine(result, 0)->worker_count, 1);
    assert_int_equal(mxs_result_engine(result, 1)->worker_count, 3);
    mxs_result_destroy(result);
    mxs_market_destroy(market);
}

static void a_device_that_fails_is_no_reason_to_compute_elsewhere_where_it_was_asked_for(void **state) {
    (void)state;
    const int devices[] = {GOOD_DEVICE, FULL_DEVICE};
    assert_fails_with(devices, 2, "out of memory");
}

static mxs_status measure(int device, mxs_peak *peak, mxs_error *error) {
    memset(peak, 0xa5, sizeof *peak);
    error->message[0] = '\0';
    const mxs_status status = mxs_peak_measure_gpu(device, peak, sizeof *peak, error);
    print_message("%s\n", error->message);
    return status;
}

/* The same code as on a GPU, its answers checked; the rates are this CPU's, emulating. */
static void a_device_is_measured_by_a_copy_and_a_product(void **state) {
    (void)state;
    mxs_peak peak;
    mxs_error error;
    assert_int_equal(measure(GOOD_DEVICE, &peak, &error), MXS_OK);
    print_message("%g flops, %g bytes a second\n", peak.sgemm_flops, peak.memory_bandwidth);
    assert_true(peak.sgemm_flops > 1e6 && peak.sgemm_flops < 1e14);
    assert_true(peak.memory_bandwidth > 1e4 && peak.memory_bandwidth < 1e12);
}

static void a_device_that_cannot_be_measured_is_an_error_with_the_reason(void **state) {
    (void)state;
    static const struct {
        int device;
        const char *says;
    } cases[] = {
        {OLD_DEVICE, "GPU 1 cannot be measured: compute capability 5.2 is below 7.5"},
        {FULL_DEVICE, "GPU 2 cannot be measured: out of memory"},
        {BREAKING_DEVICE, "GPU 3: CUDA ended the process that measured it"},
        {4, "GPU 4 cannot be measured: there are 4 GPUs, counted from 0"},
        {-1, "GPU -1 cannot be measured: there are 4 GPUs, counted from 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        mxs_peak peak;
        mxs_error error;
        assert_int_equal(measure(cases[i].device, &peak, &error), MXS_ERROR_BACKEND);
        assert_string_equal(error.message, cases[i].says);
        assert_int_equal(((unsigned char *)&peak)[0], 0xa5); /* untouched */
    }
}

static void a_caller_of_peaks_with_an_older_header_gets_the_members_that_it_knows(void **state) {
    (void)state;
    mxs_peak peak;
    memset(&peak, 0xa5, sizeof peak);
    mxs_error error;
    assert_int_equal(mxs_peak_measure_gpu(GOOD_DEVICE, &peak, sizeof peak.sgemm_flops, &error), MXS_OK);
    assert_true(peak.sgemm_flops > 0.0);
    for (size_t i = sizeof peak.sgemm_flops; i < sizeof peak; ++i) {
        assert_int_equal(((unsigned char *)&peak)[i], 0xa5);
    }
}

/* Cancels once there is something to give. */
static int stop_when_something_is_found(const mxs_progress *progress, void *user) {
    int *calls = user;
    *calls += 1;
    return progress->simulations_done > 0 && progress->best_sharpe > -HUGE_VAL;
}

static void a_cancelled_search_on_a_device_gives_the_best_so_far(void **state) {
    (void)state;
    mxs_market *market = small_market();
    const int devices[] = {GOOD_DEVICE};
    int calls = 0;
    asked options = options_on(devices, 1);
    options.sampling.simulations = 1000000;
    options.run.progress = stop_when_something_is_found;
    options.run.progress_user = &calls;
    trial made;
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    assert_int_equal(trial_create(market, &options, &made, &error), MXS_OK);
    assert_int_equal(trial_run(&made, &result, &error), MXS_INTERRUPTED);
    assert_true(calls > 0);
    assert_non_null(result);
    const mxs_result_info *info = mxs_result_describe(result);
    assert_false(info->complete);
    assert_true(info->simulations_done < mxs_search_describe(made.search)->simulations_total);
    const mxs_portfolio *best = mxs_result_portfolio(result, 0);
    size_t assets[4];
    double weights[4];
    assert_int_equal(mxs_search_simulation(made.search, best->rank, best->tile, best->attempt, assets, weights, &error),
                     MXS_OK);
    assert_memory_equal(weights, best->weights, sizeof weights);
    mxs_result_destroy(result);
    trial_release(&made);
    mxs_market_destroy(market);
}

static void a_search_that_was_cancelled_before_it_ran_gives_nothing(void **state) {
    (void)state;
    mxs_market *market = small_market();
    const int devices[] = {GOOD_DEVICE};
    const asked options = options_on(devices, 1);
    trial made;
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    assert_int_equal(trial_create(market, &options, &made, &error), MXS_OK);
    mxs_search_cancel(made.search);
    assert_int_equal(trial_run(&made, &result, &error), MXS_INTERRUPTED);
    assert_null(result);
    trial_release(&made);
    mxs_market_destroy(market);
}

int main(void) {
    print_message("seed %d\n", SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_device_is_surveyed_with_its_reason),
        cmocka_unit_test(a_device_that_is_too_old_is_refused_with_the_reason),
        cmocka_unit_test(a_device_that_does_not_exist_is_refused),
        cmocka_unit_test(a_device_without_memory_is_an_error),
        cmocka_unit_test(a_device_that_breaks_down_is_an_error_that_names_the_range),
        cmocka_unit_test(the_cpu_does_what_a_failing_device_leaves),
        cmocka_unit_test(progress_counts_on_when_the_cpu_takes_over),
        cmocka_unit_test(the_rest_is_cut_anew_for_the_cpu),
        cmocka_unit_test(a_device_that_fails_is_no_reason_to_compute_elsewhere_where_it_was_asked_for),
        cmocka_unit_test(a_device_is_measured_by_a_copy_and_a_product),
        cmocka_unit_test(a_device_that_cannot_be_measured_is_an_error_with_the_reason),
        cmocka_unit_test(a_caller_of_peaks_with_an_older_header_gets_the_members_that_it_knows),
        cmocka_unit_test(a_cancelled_search_on_a_device_gives_the_best_so_far),
        cmocka_unit_test(a_search_that_was_cancelled_before_it_ran_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
