/* What becomes of a search when a GPU fails; the devices of emulated_plugin.cpp fail each in its way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engines/gpu/gpu_plugin.h"
#include "maxsharpe/maxsharpe.h"
#include "run/backend.h"
#include "support/built_problem.h"
#include "support/conformance_runs.h"
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
    mxs_search *search = NULL;
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    assert_int_equal(mxs_search_create(market, &options, &search, &error), MXS_OK);
    assert_int_equal(mxs_search_run(search, &result, &error), MXS_ERROR_BACKEND);
    print_message("%s\n", error.message);
    assert_non_null(strstr(error.message, says));
    assert_null(result);
    mxs_search_destroy(search);
    mxs_market_destroy(market);
}

static void every_device_is_surveyed_with_its_reason(void **state) {
    (void)state;
    mxs_devices devices;
    mxs_devices_describe(&devices, sizeof devices);
    assert_string_equal(devices.cuda_reason, "");
    assert_int_equal(devices.gpu_count, 4);
    assert_string_equal(devices.gpus[GOOD_DEVICE].reason, "");
    assert_non_null(strstr(devices.gpus[OLD_DEVICE].reason, "compute capability"));
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

/* As `auto` runs it: the chunks that the GPU had not finished are the CPU's, and the answer is the same. */
static void the_cpu_does_what_a_failing_device_leaves(void **state) {
    (void)state;
    static const int failing[] = {FULL_DEVICE, BREAKING_DEVICE};
    for (size_t i = 0; i < sizeof failing / sizeof failing[0]; ++i) {
        struct built_problem built;
        mxs_market *market = small_market();
        asked options = options_on(&failing[i], 1);
        build_problem(&built, market, &options);
        mxsi_arena *arena = mxsi_arena_create();
        const _Atomic int cancelled = 0;
        struct mxsi_backend_job job = {
            .inputs = &built.inputs,
            .periods = mxs_market_describe(built.market)->periods,
            .chunk_tiles = options.run.chunk_tiles,
            .simulations_total = built.problem.portfolios * built.sampling.simulations,
            .cancelled = &cancelled,
            .devices = &failing[i],
            .device_count = 1,
            .may_fall_back = 1,
            .workers = 2,
        };
        struct mxsi_backend_outcome outcome = {.arena = arena};
        outcome.leaders = mxsi_arena_allocate(arena, 1, mxsi_leaders_size(1));
        mxsi_leaders_init(outcome.leaders, 1);
        struct mxsi_identity fault;
        mxs_error error = {.message = ""};
        assert_int_equal(mxsi_cuda_backend.run(&job, &outcome, &fault, &error), MXS_OK);
        assert_true(outcome.complete);
        assert_string_equal(outcome.evaluator, "fused");
        assert_int_equal(outcome.warnings.count, 1);
        print_message("%s\n", outcome.warnings.items[0]);
        assert_int_equal(outcome.simulations_done, job.simulations_total);

        struct mxsi_backend_outcome expected = {.arena = arena};
        expected.leaders = mxsi_arena_allocate(arena, 1, mxsi_leaders_size(1));
        mxsi_leaders_init(expected.leaders, 1);
        assert_int_equal(mxsi_cpu_backend.run(&job, &expected, &fault, &error), MXS_OK);
        assert_memory_equal(&outcome.leaders->items[0], &expected.leaders->items[0], sizeof(struct mxsi_leader));
        mxsi_arena_destroy(arena);
        destroy_problem(&built);
    }
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

static void a_cancelled_search_on_a_device_gives_the_best_so_far(void **state) {
    (void)state;
    mxs_market *market = small_market();
    const int devices[] = {GOOD_DEVICE};
    asked options = options_on(devices, 1);
    options.sampling.simulations = 1000000;
    mxs_search *search = NULL;
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    assert_int_equal(mxs_search_create(market, &options, &search, &error), MXS_OK);
    mxs_search_cancel(search);
    assert_int_equal(mxs_search_run(search, &result, &error), MXS_INTERRUPTED);
    mxs_result_destroy(result);
    mxs_search_destroy(search);
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
        cmocka_unit_test(a_device_is_measured_by_a_copy_and_a_product),
        cmocka_unit_test(a_device_that_cannot_be_measured_is_an_error_with_the_reason),
        cmocka_unit_test(a_caller_of_peaks_with_an_older_header_gets_the_members_that_it_knows),
        cmocka_unit_test(a_cancelled_search_on_a_device_gives_the_best_so_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
