/* Every pipeline of the CUDA backend, its kernels run on the CPU, names the simulations that the CPU backend names: at
 * the sizes where kernels go wrong, with both samplers, and where candidates overflow their room. A barrier that part
 * of a block misses, a read of unwritten shared memory or a race ends the worker, and so fails the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "engines/gpu/cuda_engine.h"
#include "maxsharpe/maxsharpe.h"
#include "support/built_problem.h"
#include "support/conformance_runs.h"
#include "support/made_market.h"
#include "support/seeded_random.h"

enum { SEED = 20240801 };

struct size {
    uint32_t k;
    uint32_t assets;
    uint64_t simulations;
};

static const struct size sizes[] = {
    {1, 4, 1},      {1, 3, 1025},   {2, 5, 31},     {3, 5, 1000},   {3, 4, 5000},   {25, 26, 31},
    {25, 27, 1},    {25, 26, 1025}, {31, 32, 31},   {32, 33, 1000}, {33, 34, 1024}, {64, 65, 31},
    {65, 66, 1025}, {200, 201, 31}, {40, 40, 1500}, {57, 58, 40},
};

/* The same search on both backends. Two devices share the work where there are enough chunks. */
static void assert_same_on_both(const mxs_market *market, asked *options, const char *what) {
    static const int devices[] = {0, 0};
    options->run.devices = devices;
    options->run.device_count = options->run.chunk_tiles == 1 ? 2 : 1;
    mxs_result *const gpu = run_to_the_end(market, options);
    asked cpu_options = *options;
    cpu_options.run.backend = MXS_BACKEND_CPU;
    cpu_options.run.evaluator = MXS_EVALUATOR_AUTO;
    mxs_result *const cpu = run_to_the_end(market, &cpu_options);
    const mxs_engine_stats *engine = mxs_result_engine(gpu, 0);
    print_message("%s: K %zu, S %llu: %s\n", what, options->problem.assets_per_portfolio,
                  (unsigned long long)options->sampling.simulations, engine->evaluator);
    assert_int_equal(mxs_result_describe(gpu)->engine_count, 1);
    assert_int_equal(engine->backend, MXS_BACKEND_CUDA);
    assert_same_leaders(gpu, cpu);
    mxs_result_destroy(cpu);
    mxs_result_destroy(gpu);
}

/* Every step-th size up to largest_k. */
static void run_sizes(mxs_evaluator evaluator, mxs_draws draws, double cap_of_equal, double min_of_equal,
                      uint32_t largest_k, size_t step, const char *what) {
    struct seeded_random random = {.state = SEED};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i += step) {
        const struct size *size = &sizes[i];
        if (size->k > largest_k) {
            continue;
        }
        mxs_market *market = random_market(&random, size->assets, 3);
        asked options = conformance_options();
        const double cap = cap_of_equal / (double)size->k;
        options.problem.assets_per_portfolio = size->k;
        options.sampling.simulations = size->simulations;
        options.problem.max_weight = cap < 1.0 ? cap : 1.0;
        options.problem.min_weight = size->k == 1 ? 0.0 : min_of_equal / (double)size->k;
        options.run.evaluator = evaluator;
        options.sampling.draws = draws;
        options.sampling.seed = SEED + i;
        options.problem.top = 1 + i % 3;
        options.run.chunk_tiles = i % 2;
        assert_same_on_both(market, &options, what);
        mxs_market_destroy(market);
    }
}

static void the_fused_kernel_names_the_cpus_winners(void **state) {
    (void)state;
    run_sizes(MXS_EVALUATOR_AUTO, MXS_DRAWS_FRESH, 100.0, 0.0, 64, 1, "fused, no cap");
}

static void the_fused_kernel_rejects_what_the_cpu_rejects(void **state) {
    (void)state;
    run_sizes(MXS_EVALUATOR_AUTO, MXS_DRAWS_FRESH, 5.0, 0.3, 64, 1, "fused, cap and minimum");
}

static void the_staged_kernels_name_the_cpus_winners(void **state) {
    (void)state;
    run_sizes(MXS_EVALUATOR_STAGED, MXS_DRAWS_FRESH, 6.0, 0.1, 200, 1, "staged");
}

static void the_fixed_sum_sampler_draws_what_the_cpu_draws(void **state) {
    (void)state;
    run_sizes(MXS_EVALUATOR_AUTO, MXS_DRAWS_FRESH, 1.3, 0.2, 65, 1, "staged, tight cap");
}

static void shared_draws_by_products_name_the_cpus_winners(void **state) {
    (void)state;
    run_sizes(MXS_EVALUATOR_AUTO, MXS_DRAWS_SHARED, 5.0, 0.0, 65, 1, "shared");
}

static void shared_draws_of_a_tight_cap_name_the_cpus_winners(void **state) {
    (void)state;
    run_sizes(MXS_EVALUATOR_AUTO, MXS_DRAWS_SHARED, 1.4, 0.0, 33, 2, "shared, tight cap");
}

static void equal_weights_are_evaluated_once_a_portfolio(void **state) {
    (void)state;
    run_sizes(MXS_EVALUATOR_AUTO, MXS_DRAWS_FRESH, 1.0, 0.0, 65, 4, "equal weights");
}

/* All assets alike: every simulation ties with every other, so that whole tiles are candidates. */
static void ties_without_end_overflow_nothing(void **state) {
    (void)state;
    enum { ASSETS = 3 };
    const double mean[ASSETS] = {0.001, 0.001, 0.001};
    const double covariance[ASSETS * ASSETS] = {4e-4, 4e-4, 4e-4, 4e-4, 4e-4, 4e-4, 4e-4, 4e-4, 4e-4};
    mxs_market *market = NULL;
    mxs_error error;
    assert_int_equal(mxs_market_create_from_moments(mean, covariance, ASSETS, NULL, &market, &error), MXS_OK);
    asked options = conformance_options();
    options.problem.assets_per_portfolio = 2;
    options.sampling.simulations = 70000;
    assert_same_on_both(market, &options, "ties");
    mxs_market_destroy(market);
}

static void included_assets_and_ranges_are_kept(void **state) {
    (void)state;
    struct seeded_random random = {.state = SEED + 99};
    mxs_market *market = random_market(&random, 14, 3);
    const char *include[] = {"A9", "A2"};
    asked options = conformance_options();
    options.problem.assets_per_portfolio = 5;
    options.sampling.simulations = 300;
    options.problem.include = include;
    options.problem.include_count = 2;
    options.sampling.first_portfolio = 17;
    options.sampling.end_portfolio = 180;
    options.problem.top = 10;
    assert_same_on_both(market, &options, "included");
    options.run.evaluator = MXS_EVALUATOR_STAGED;
    assert_same_on_both(market, &options, "included, staged");
    mxs_market_destroy(market);
}

/* As it is by default, nobody says how large a chunk is. Every device has a worker, and chunks to take. */
static void by_default_several_devices_share_the_work(void **state) {
    (void)state;
    static const int devices[] = {0, 0, 0, 0};
    enum { DEVICES = sizeof devices / sizeof devices[0] };
    struct seeded_random random = {.state = SEED + 1};
    mxs_market *market = random_market(&random, 16, 3);
    static const mxs_draws draws[] = {MXS_DRAWS_FRESH, MXS_DRAWS_SHARED};
    for (size_t i = 0; i < sizeof draws / sizeof draws[0]; ++i) {
        asked options = conformance_options();
        options.problem.assets_per_portfolio = 3;
        options.problem.top = 7;
        options.sampling.simulations = 150;
        options.sampling.draws = draws[i];
        options.run.devices = devices;
        options.run.device_count = DEVICES;
        mxs_result *const gpu = run_to_the_end(market, &options);
        options.run.backend = MXS_BACKEND_CPU;
        mxs_result *const cpu = run_to_the_end(market, &options);
        assert_int_equal(mxs_result_engine(gpu, 0)->worker_count, DEVICES);
        assert_same_leaders(gpu, cpu);
        mxs_result_destroy(cpu);
        mxs_result_destroy(gpu);
    }
    mxs_market_destroy(market);
}

/* The plan behind it: chunks enough for every device, whatever the task's size. */
static void the_default_plan_of_several_devices_has_chunks_for_each(void **state) {
    (void)state;
    static const int devices[] = {0, 0, 0, 0, 0, 0, 0, 0};
    const _Atomic int cancelled = 0;
    struct seeded_random random = {.state = SEED + 2};
    for (uint32_t count = 1; count <= 8; ++count) {
        struct built_problem built;
        asked options = conformance_options();
        options.problem.assets_per_portfolio = 25;
        options.problem.max_weight = 0.2;
        build_problem(&built, random_market(&random, 30, 3), &options);
        const struct mxsi_run_request request = {.devices = devices, .device_count = count, .cancelled = &cancelled};
        const struct mxsi_span whole = mxsi_plan_whole(&built.task);
        struct mxsi_engine_plan plan;
        mxs_error error = {.message = ""};
        assert_int_equal(mxsi_cuda_engine.plan(&built.task, &request, &whole, 1, &plan, &error), MXS_OK);
        assert_int_equal(plan.workers, count);
        assert_true(plan.work.chunks >= (count == 1 ? 1 : 3 * (uint64_t)count));
        destroy_problem(&built);
    }
}

int main(void) {
    print_message("seed %d\n", SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fused_kernel_names_the_cpus_winners),
        cmocka_unit_test(the_fused_kernel_rejects_what_the_cpu_rejects),
        cmocka_unit_test(the_staged_kernels_name_the_cpus_winners),
        cmocka_unit_test(the_fixed_sum_sampler_draws_what_the_cpu_draws),
        cmocka_unit_test(shared_draws_by_products_name_the_cpus_winners),
        cmocka_unit_test(shared_draws_of_a_tight_cap_name_the_cpus_winners),
        cmocka_unit_test(equal_weights_are_evaluated_once_a_portfolio),
        cmocka_unit_test(ties_without_end_overflow_nothing),
        cmocka_unit_test(included_assets_and_ranges_are_kept),
        cmocka_unit_test(by_default_several_devices_share_the_work),
        cmocka_unit_test(the_default_plan_of_several_devices_has_chunks_for_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
