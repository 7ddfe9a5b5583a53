/* What the GPU benchmark measures, and how each of it is checked. */
#ifndef MAXSHARPE_BENCH_CASES_CUH
#define MAXSHARPE_BENCH_CASES_CUH

#include "bench_device.cuh"
#include "program_time.h"

static const double SHOWCASE_PORTFOLIOS = 30045015.0; /* C(30, 20) */
static const uint64_t SHOWCASE_SLICE = 400;

enum bench_kind { BENCH_SEARCH, BENCH_STAGED, BENCH_LARGE, BENCH_SHOWCASE, BENCH_PROGRAM, BENCH_EXERCISE };

/* One thing to measure. The answer is checked on `checked` portfolios of `checked_simulations`. */
struct bench_case {
    const char *name;
    const char *title;
    bench_kind kind;
    mxsi_gpu_pipeline pipeline;
    size_t assets; /* 0: the market's file; else a made-up market of so many */
    size_t k;
    double max_weight;
    mxs_draws draws;
    uint64_t simulations;
    uint64_t portfolios; /* 0: all */
    uint64_t checked_simulations;
    uint64_t checked;       /* 0: all */
    uint64_t quick_checked; /* with --quick */
    double target;
};

static const bench_case CASES[] = {
    {"program", "program: start to answer, reference task", BENCH_PROGRAM, MXSI_GPU_FUSED, 0, 25, 0.2, MXS_DRAWS_FRESH,
     1000, 0, 1000, 0, 0, 1.5},
    {"fresh", "reference task, fresh draws, fused", BENCH_SEARCH, MXSI_GPU_FUSED, 0, 25, 0.2, MXS_DRAWS_FRESH, 1000, 0,
     1000, 0, 3000, 5.0},
    {"shared", "reference task, shared draws", BENCH_SEARCH, MXSI_GPU_SHARED, 0, 25, 0.2, MXS_DRAWS_SHARED, 1000, 0,
     1000, 0, 3000, 2.0},
    {"staged", "reference task, fresh draws, staged", BENCH_STAGED, MXSI_GPU_STAGED, 0, 25, 0.2, MXS_DRAWS_FRESH, 1000,
     0, 1000, 0, 3000, 1.5},
    {"large", "variance kernel, K = N = 500, S = 1e6", BENCH_LARGE, MXSI_GPU_STAGED, 500, 500, 1.0, MXS_DRAWS_FRESH,
     1000000, 0, 5000, 0, 0, 70.0},
    {"showcase-fresh", "showcase, fresh draws", BENCH_SHOWCASE, MXSI_GPU_FUSED, 0, 20, 0.2, MXS_DRAWS_FRESH, 1000000,
     SHOWCASE_SLICE, 1000000, 10, 2, 15.0},
    {"showcase-shared", "showcase, shared draws", BENCH_SHOWCASE, MXSI_GPU_SHARED, 0, 20, 0.2, MXS_DRAWS_SHARED,
     1000000, SHOWCASE_SLICE, 1000000, 10, 2, 5.0},
    /* Small searches that use every kernel, for tools that make a program slow: two tiles, the second one short. */
    {"exercise-fused", "", BENCH_EXERCISE, MXSI_GPU_FUSED, 0, 25, 0.2, MXS_DRAWS_FRESH, 1100, 48, 1100, 48, 48, 0.0},
    {"exercise-padded", "", BENCH_EXERCISE, MXSI_GPU_FUSED, 39, 37, 1.0, MXS_DRAWS_FRESH, 1100, 48, 1100, 48, 48, 0.0},
    {"exercise-staged", "", BENCH_EXERCISE, MXSI_GPU_STAGED, 0, 25, 0.2, MXS_DRAWS_FRESH, 1100, 48, 1100, 48, 48, 0.0},
    {"exercise-fixed-sum", "", BENCH_EXERCISE, MXSI_GPU_STAGED, 0, 25, 0.05, MXS_DRAWS_FRESH, 1100, 48, 1100, 48, 48,
     0.0},
    {"exercise-equal", "", BENCH_EXERCISE, MXSI_GPU_STAGED, 0, 25, 0.04, MXS_DRAWS_FRESH, 1100, 48, 1100, 48, 48, 0.0},
    {"exercise-shared", "", BENCH_EXERCISE, MXSI_GPU_SHARED, 0, 25, 0.2, MXS_DRAWS_SHARED, 1100, 48, 1100, 48, 48, 0.0},
};

enum { CASE_COUNT = sizeof CASES / sizeof CASES[0], MAX_CHECKS = 128 };

/* What a case is measured with. All of it is made before CUDA begins, because the CPU backend forks. */
struct bench_trial {
    bench_problem *timed;
    bench_problem *checked;
    bench_winner expected; /* of `checked`, by the CPU backend */
};

struct bench_setup {
    const char *market_file;
    const char *program;
    const char *out;
    const char *results; /* a folder: the file there is named after the day and the device */
    const char *record;  /* only add checks to this file */
    const char *commit;
    const char *driver;
    const char *checks[MAX_CHECKS];
    int check_count;
    int is_chosen[CASE_COUNT];
    int is_quick;
    int runs;
    mxs_market *market;
    mxs_market *made_markets[CASE_COUNT];
    bench_trial trials[CASE_COUNT];
    double bandwidth; /* bytes a second of a plain copy; 0: not measured yet */
    double clock;     /* MHz under load */
    json_t *report;
};

static bench_request options_of(const bench_case *what, uint64_t simulations, uint64_t portfolios) {
    bench_request options = {MXS_PROBLEM_OPTIONS, MXS_SAMPLING_OPTIONS, MXS_RUN_OPTIONS};
    options.problem.assets_per_portfolio = what->k;
    options.problem.max_weight = what->max_weight;
    options.sampling.draws = what->draws;
    options.sampling.simulations = simulations;
    options.sampling.end_portfolio = portfolios == 0 ? UINT64_MAX : portfolios;
    return options;
}

static int prepare(bench_setup *setup, int at) {
    const bench_case *what = &CASES[at];
    bench_trial *trial = &setup->trials[at];
    const mxs_market *market = setup->market;
    if (what->assets != 0) {
        market = setup->made_markets[at] = bench_made_market(what->assets);
    }
    if (market == NULL) {
        return -1;
    }
    const bench_request timed = options_of(what, what->simulations, what->portfolios);
    const bench_request checked =
        options_of(what, what->checked_simulations, setup->is_quick ? what->quick_checked : what->checked);
    trial->timed = bench_problem_create(market, &timed);
    trial->checked = bench_problem_create(market, &checked);
    if (trial->timed == NULL || trial->checked == NULL) {
        return -1;
    }
    const mxsi_sampling *sampling = bench_problem_task(trial->checked).sampling;
    return bench_cpu_winner(trial->checked, sampling->end_portfolio - sampling->first_portfolio, &trial->expected);
}

static void add_figure(bench_setup *setup, bench_figure figure, double target, int is_higher_better, double simulations,
                       const char *note) {
    figure.target = target;
    figure.is_higher_better = is_higher_better;
    figure.simulations_per_second = simulations;
    figure.note = note;
    bench_report_add(setup->report, &figure);
}

static const double NO_TARGET = NAN;

static int measure_program(bench_setup *setup, int at) {
    static const char *const words[] = {NULL, "-k", "25", "-w", "0.2", "-n", "1000", "--backend", "cuda", NULL};
    const char *with_market[sizeof words / sizeof words[0]];
    memcpy(with_market, words, sizeof words);
    with_market[0] = setup->market_file;
    bench_sample sample;
    sample.runs = 0;
    for (int i = -1; i < 5; ++i) { /* the first one warms the files */
        double seconds = 0.0;
        bench_winner found;
        if (bench_run_program(setup->program, with_market, &seconds, &found) != 0) {
            return -1;
        }
        if (!bench_same_winner(&found, &setup->trials[at].expected)) {
            (void)fprintf(stderr, "bench_gpu: the program's answer is not the CPU backend's\n");
            return -1;
        }
        if (i >= 0) {
            sample.values[sample.runs++] = seconds;
        }
    }
    add_figure(setup, bench_figure_of(CASES[at].title, "s", &sample, 1.0), CASES[at].target, 0, 0.0,
               "by the wall clock");
    return 0;
}

/* What the engine finds is what the CPU finds. */
static int check_answer(bench_setup *setup, int at) {
    bench_run run;
    bench_winner found;
    memset(&found, 0, sizeof found);
    double seconds = 0.0;
    bench_trial *trial = &setup->trials[at];
    int failed = bench_open(&run, trial->checked, CASES[at].pipeline) != 0 ||
                 bench_search(&run, bench_units(trial->checked), &found, &seconds) != 0;
    if (!failed && !bench_same_winner(&found, &trial->expected)) {
        (void)snprintf(run.reason, sizeof run.reason, "found %llu, %u, %u: %.17g; the CPU finds %llu, %u, %u: %.17g",
                       (unsigned long long)found.identity.rank, found.identity.tile, found.identity.attempt,
                       found.sharpe, (unsigned long long)trial->expected.identity.rank, trial->expected.identity.tile,
                       trial->expected.identity.attempt, trial->expected.sharpe);
        failed = 1;
    }
    if (failed) {
        (void)fprintf(stderr, "bench_gpu: %s: %s\n", CASES[at].name, run.reason);
    }
    bench_close(&run);
    return failed ? -1 : 0;
}

static int measure_bandwidth(bench_setup *setup, bench_run *run) {
    bench_sample sample;
    if (bench_time_copy(run, setup->runs, &sample) != 0) {
        return -1;
    }
    const bench_figure figure = bench_figure_of("copy kernel, read and written", "GB/s", &sample, 1e-9);
    setup->bandwidth = 1e9 * figure.median;
    add_figure(setup, figure, NO_TARGET, 1, 0.0, NULL);
    return 0;
}

/* Bytes that the staged pipeline must move for a simulation: weights written once and read twice, by the expected
 * returns and by the variances; sum and attempt written, the sum read; expected return and variance written and read.
 * The attempts of what does not matter are not read, nor are the spacings of the first of two drawings written. */
static double staged_bytes_of_simulation(size_t k) {
    return 4.0 * (3.0 * (double)k + 2.0 + 1.0 + 4.0);
}

static int measure_search(bench_setup *setup, int at, bench_run *run) {
    const bench_case *what = &CASES[at];
    bench_sample sample;
    bench_winner found;
    memset(&found, 0, sizeof found);
    if (bench_time_search(run, setup->runs, &sample, &found) != 0) {
        return -1;
    }
    const double simulations = bench_simulations(run->problem);
    const bench_figure figure = bench_figure_of(what->title, "ms", &sample, 1e3);
    const double rate = simulations / (1e-3 * figure.median);
    if (what->kind == BENCH_SEARCH) {
        add_figure(setup, figure, what->target, 0, rate, NULL);
    } else if (what->kind == BENCH_STAGED) {
        if (setup->bandwidth == 0.0 && measure_bandwidth(setup, run) != 0) {
            return -1;
        }
        const double floor_seconds = simulations * staged_bytes_of_simulation(what->k) / setup->bandwidth;
        add_figure(setup, figure, NO_TARGET, 0, rate, NULL);
        bench_sample only = {1, {floor_seconds}};
        add_figure(setup, bench_figure_of("reference task, staged: memory floor", "ms", &only, 1e3), NO_TARGET, 0, 0.0,
                   "computed: bytes that must be moved, by the copy kernel's rate");
        add_figure(setup, bench_figure_of("reference task, staged over its floor", "x", &sample, 1.0 / floor_seconds),
                   what->target, 0, 0.0, NULL);
    } else {
        char title[96];
        (void)snprintf(title, sizeof title, "%s: slice of %llu portfolios", what->title,
                       (unsigned long long)what->portfolios);
        bench_figure slice = figure;
        slice.name = title;
        add_figure(setup, slice, NO_TARGET, 0, rate, NULL);
        (void)snprintf(title, sizeof title, "%s: whole, ESTIMATED", what->title);
        const double scale = SHOWCASE_PORTFOLIOS / (double)what->portfolios / 60.0;
        add_figure(setup, bench_figure_of(title, "min", &sample, scale), what->target, 0, rate,
                   "estimated: the slice's time by 30,045,015 portfolios over the slice's");
    }
    return 0;
}

/* The quadratic form alone, on weights that the pipeline drew, against a cuBLAS product of as many multiply-adds: all
 * weights times a K x K matrix. */
static int measure_large(bench_setup *setup, int at, bench_run *run) {
    const bench_case *what = &CASES[at];
    const uint64_t all = bench_units(run->problem);
    const uint32_t most = mxsi_engine_max_units(run->engine);
    const uint32_t units = all < most ? (uint32_t)all : most;
    const int k = (int)what->k;
    const int rows = (int)units * MXSI_COLUMNS;
    bench_winner none;
    memset(&none, 0, sizeof none);
    if (bench_submit(run, 0, 0, units, &none) != 0 || bench_collect(run, 0, &none) != 0) {
        return -1; /* the weights and the assets are in the queue's arrays now */
    }
    const mxsi_engine_queue *queue = &run->engine->queues[0];
    bench_sample ours;
    int failed = bench_time_launches(run, setup->runs, &ours, [&](cudaStream_t) {
        return MXSI_LAUNCH(run->engine->device, 0, run->reason, mxsi_variance_kernel, units * MXSI_VARIANCE_BLOCKS,
                           MXSI_VARIANCE_THREADS, run->engine->problem, queue->arrays);
    });
    void *product = NULL;
    bench_sample theirs;
    failed = failed || mxsi_device_allocate(run->engine->device, sizeof(float) * (size_t)rows * (size_t)k, &product,
                                            run->reason) != 0;
    mxsi_device_product sgemm = {
        rows, k, k, queue->arrays.weights, run->engine->problem.risk, (float *)product, rows, k, rows, 0, 0, 0, 1};
    failed = failed || bench_time_launches(run, setup->runs, &theirs, [&](cudaStream_t) {
                           return mxsi_device_multiply(run->engine->device, 0, &sgemm, run->reason);
                       }) != 0;
    mxsi_device_release(run->engine->device, product);
    if (failed) {
        return -1;
    }
    const double flops = 2.0 * (double)rows * k * k;
    const bench_figure peer = bench_figure_of("cuBLAS SGEMM of as many multiply-adds", "ms", &theirs, 1e3);
    bench_figure form = bench_figure_of(what->title, "ms", &ours, 1e3);
    bench_sample share;
    share.runs = ours.runs;
    for (int i = 0; i < ours.runs; ++i) {
        share.values[i] = 100.0 * 1e-3 * peer.median / ours.values[i];
    }
    char note[2][64];
    (void)snprintf(note[0], sizeof note[0], "%.3g TFLOP/s", 1e-9 * flops / form.median);
    (void)snprintf(note[1], sizeof note[1], "%.3g TFLOP/s", 1e-9 * flops / peer.median);
    add_figure(setup, form, NO_TARGET, 0, (double)rows / (1e-3 * form.median), note[0]);
    add_figure(setup, peer, NO_TARGET, 0, 0.0, note[1]);
    add_figure(setup, bench_figure_of("variance kernel's rate over SGEMM's", "%", &share, 1.0), what->target, 1, 0.0,
               NULL);
    return 0;
}

static int measure(bench_setup *setup, int at) {
    bench_run run;
    int failed =
        bench_open(&run, setup->trials[at].timed, CASES[at].pipeline) != 0 ||
        (CASES[at].kind == BENCH_LARGE ? measure_large(setup, at, &run) : measure_search(setup, at, &run)) != 0;
    if (!failed && setup->clock == 0.0) {
        failed = bench_clock(&run, &setup->clock) != 0;
    }
    if (failed) {
        (void)fprintf(stderr, "bench_gpu: %s: %s\n", CASES[at].name, run.reason);
    }
    bench_close(&run);
    return failed ? -1 : 0;
}

static void run_case(bench_setup *setup, int at) {
    const bench_case *what = &CASES[at];
    (void)fprintf(stderr, "bench_gpu: %s\n", what->name);
    int failed = 0;
    if (what->kind != BENCH_PROGRAM) {
        failed = check_answer(setup, at);
        char name[64];
        (void)snprintf(name, sizeof name, "bench %s: the CPU's answer", what->name);
        bench_report_check(setup->report, name, failed ? "fail" : "pass");
        if (what->kind == BENCH_EXERCISE || failed) {
            return; /* the time of a wrong answer is no figure */
        }
    }
    failed = what->kind == BENCH_PROGRAM ? measure_program(setup, at) : measure(setup, at);
    bench_report_check(setup->report, what->name, failed ? "fail" : "pass");
}

static void run_cases(bench_setup *setup) {
    for (int i = 0; i < CASE_COUNT; ++i) { /* whatever forks comes first */
        if (setup->is_chosen[i] && prepare(setup, i) != 0) {
            bench_report_check(setup->report, CASES[i].name, "fail");
            setup->is_chosen[i] = 0;
        }
    }
    for (int i = 0; i < CASE_COUNT; ++i) {
        if (setup->is_chosen[i]) {
            run_case(setup, i);
        }
    }
    for (int i = 0; i < CASE_COUNT; ++i) {
        bench_problem_destroy(setup->trials[i].timed);
        bench_problem_destroy(setup->trials[i].checked);
        mxs_market_destroy(setup->made_markets[i]);
    }
}

#endif
