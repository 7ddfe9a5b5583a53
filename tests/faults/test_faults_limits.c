/* Limits of the machine: too little memory, no further process, files that may not grow. */
#include <pthread.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "support/made_market.h"
#include "support/process_watch.h"
#include "support/search_trial.h"

/* The address space of a process under the address sanitizer is no measure of its memory. */
#if defined(__SANITIZE_ADDRESS__)
enum { CAN_LIMIT_MEMORY = 0 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { CAN_LIMIT_MEMORY = 0 };
#else
enum { CAN_LIMIT_MEMORY = 1 };
#endif
#else
enum { CAN_LIMIT_MEMORY = 1 };
#endif

enum { MEGABYTE = 1 << 20, SECONDS_TO_FAIL = 20 };

static size_t address_space(void) {
    FILE *file = fopen("/proc/self/statm", "re");
    char text[128] = "";
    if (file != NULL) {
        if (fgets(text, sizeof text, file) == NULL) {
            text[0] = '\0';
        }
        (void)fclose(file);
    }
    return strtoul(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

/* From here on this process, and what it forks, may grow by so many bytes. */
static int limit_growth(size_t bytes) {
    const rlim_t size = (rlim_t)(address_space() + bytes);
    const struct rlimit limit = {size, size};
    return setrlimit(RLIMIT_AS, &limit);
}

struct limited_search {
    const mxs_market *market;
    trial made; /* no search: it is created under the limit */
    asked options;
    size_t growth;
    int has_threads;
    int is_cancelled; /* before it runs */
};

static mxs_status search_within_limit(const void *argument, mxs_error *error) {
    const struct limited_search *limited = argument;
    trial made = limited->made;
    mxs_result *result = NULL;
    if (limit_growth(limited->growth) != 0) {
        return (mxs_status)-1;
    }
    mxs_status status = MXS_OK;
    if (made.search == NULL) {
        status = trial_create(limited->market, &limited->options, &made, error);
    }
    return status == MXS_OK ? trial_run(&made, &result, error) : status;
}

/* One line that says something, from a process that came to its end by itself. */
static void assert_clean_failure(const child_answer *answer, mxs_status status) {
    assert_true(answer->ended);
    assert_true(WIFEXITED(answer->wait_status));
    assert_int_equal(WEXITSTATUS(answer->wait_status), 0);
    if (answer->status != status) {
        fail_msg("status %d instead of %d: %s", (int)answer->status, (int)status, answer->message);
    }
    assert_true(strlen(answer->message) > 10);
    assert_null(strchr(answer->message, '\n'));
}

static mxs_status measure_within_limit(const void *argument, mxs_error *error) {
    mxs_peak peak;
    if (limit_growth(*(const size_t *)argument) != 0) {
        return (mxs_status)-1;
    }
    return mxs_peak_measure_cpu(2, 0.1, &peak, sizeof peak, error);
}

static void too_little_memory_to_measure_the_cpu_is_an_error(void **state) {
    (void)state;
    if (!CAN_LIMIT_MEMORY) {
        print_message("skipped: the sanitizer needs the address space\n");
        skip();
    }
    const size_t not_for_the_arrays = 64 * (size_t)MEGABYTE;
    child_answer answer = ask_in_child(measure_within_limit, &not_for_the_arrays, SECONDS_TO_FAIL);
    assert_clean_failure(&answer, MXS_ERROR_MEMORY);
    const size_t not_for_openblas = 200 * (size_t)MEGABYTE;
    answer = ask_in_child(measure_within_limit, &not_for_openblas, SECONDS_TO_FAIL);
    assert_clean_failure(&answer, MXS_ERROR_BACKEND);
    assert_non_null(strstr(answer.message, "OpenBLAS"));
}

static void too_little_memory_for_the_problem_is_an_error(void **state) {
    (void)state;
    if (!CAN_LIMIT_MEMORY) {
        print_message("skipped: the sanitizer needs the address space\n");
        skip();
    }
    mxs_market *market = make_market_of_moments(3000, 5);
    struct limited_search limited = {.market = market, .options = trial_options(5, 10, 2)};
    limited.options.sampling.end_portfolio = 1000;
    limited.made = require_search(market, &limited.options);
    limited.growth = 64 * (size_t)MEGABYTE; /* the covariances alone are 72 MB */
    child_answer answer = ask_in_child(search_within_limit, &limited, SECONDS_TO_FAIL);
    assert_clean_failure(&answer, MXS_ERROR_MEMORY);
    assert_non_null(strstr(answer.message, "MB that the problem takes"));

    trial_release(&limited.made); /* what a search makes of the covariances */
    limited.growth = 16 * (size_t)MEGABYTE;
    answer = ask_in_child(search_within_limit, &limited, SECONDS_TO_FAIL);
    assert_clean_failure(&answer, MXS_ERROR_MEMORY);
    mxs_market_destroy(market);
}

/* From limits under which nothing can be had to one that is enough: the shared memory, the worker's memory, OpenBLAS's
 * code and OpenBLAS's own buffer fail one after the other. */
static void any_limit_of_memory_ends_in_a_result_or_an_error(void **state) {
    (void)state;
    if (!CAN_LIMIT_MEMORY) {
        print_message("skipped: the sanitizer needs the address space\n");
        skip();
    }
    mxs_market *market = make_market_of_moments(160, 5);
    /* Products so large that no kernel of OpenBLAS does without its buffer. */
    struct limited_search limited = {.options = trial_options(150, 300, 2)};
    limited.options.run.evaluator = MXS_EVALUATOR_OPENBLAS;
    limited.options.sampling.end_portfolio = 2;
    limited.made = require_search(market, &limited.options);
    unsigned failures = 0;
    unsigned successes = 0;
    for (size_t growth = 0; growth <= 400; growth += growth < 64 ? 4 : 16) {
        limited.growth = growth * MEGABYTE;
        const child_answer answer = ask_in_child(search_within_limit, &limited, SECONDS_TO_FAIL);
        if (!answer.ended) {
            fail_msg("a run that may grow by %zu MB hangs", growth);
        }
        if (answer.status != MXS_OK) {
            assert_clean_failure(&answer, answer.status);
            ++failures;
        } else {
            assert_int_equal(answer.wait_status, 0);
            ++successes;
        }
    }
    assert_true(failures > 0);
    assert_true(successes > 0);
    trial_release(&limited.made);
    mxs_market_destroy(market);
}

static void *live(void *user) {
    for (;;) {
        (void)pause();
    }
    return user;
}

static mxs_status search_without_processes(const void *argument, mxs_error *error) {
    const struct limited_search *limited = argument;
    const struct rlimit none = {0, 0};
    const struct passwd *nobody = getpwnam("nobody");
    pthread_t thread; /* before the limit, which holds for threads, too */
    if (limited->has_threads && pthread_create(&thread, NULL, live, NULL) != 0) {
        return (mxs_status)-1;
    }
    if (getuid() == 0 && (nobody == NULL || setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0)) {
        return (mxs_status)-1;
    }
    if (setrlimit(RLIMIT_NPROC, &none) != 0) {
        return (mxs_status)-1;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    if (pid > 0) {
        (void)waitpid(pid, NULL, 0);
        return (mxs_status)-1; /* the limit does not hold for this user */
    }
    if (limited->is_cancelled) {
        mxs_search_cancel(limited->made.search);
    }
    mxs_result *result = NULL;
    return trial_run(&limited->made, &result, error);
}

static child_answer ask_without_processes(int has_threads, int is_cancelled) {
    mxs_market *market = make_market(60, 12, 5);
    struct limited_search limited = {
        .options = trial_options(6, 200, 2), .has_threads = has_threads, .is_cancelled = is_cancelled};
    limited.made = require_search(market, &limited.options);
    const child_answer answer = ask_in_child(search_without_processes, &limited, SECONDS_TO_FAIL);
    trial_release(&limited.made);
    mxs_market_destroy(market);
    if ((int)answer.status == -1) {
        print_message("skipped: processes cannot be limited here\n");
        skip();
    }
    return answer;
}

static void no_further_process_is_an_error(void **state) {
    (void)state;
    child_answer answer = ask_without_processes(0, 0);
    assert_clean_failure(&answer, MXS_ERROR_RUN);
    assert_non_null(strstr(answer.message, "cannot start a worker"));
    answer = ask_without_processes(1, 0);
    assert_clean_failure(&answer, MXS_ERROR_RUN);
    assert_non_null(strstr(answer.message, "cannot start maxsharpe-launcher"));
}

static void a_run_that_was_cancelled_before_needs_no_process(void **state) {
    (void)state;
    for (int has_threads = 0; has_threads <= 1; ++has_threads) {
        const child_answer answer = ask_without_processes(has_threads, 1);
        assert_clean_failure(&answer, MXS_INTERRUPTED);
    }
}

static mxs_status search_without_files(const void *argument, mxs_error *error) {
    const struct rlimit tiny = {4096, 4096};
    (void)signal(SIGXFSZ, SIG_DFL);
    if (setrlimit(RLIMIT_FSIZE, &tiny) != 0) {
        return (mxs_status)-1;
    }
    const struct limited_search *limited = argument;
    mxs_result *result = NULL;
    return trial_run(&limited->made, &result, error);
}

/* Shared memory is a file to the kernel, one without a name: it must not bring a signal that ends the program. */
static void a_limit_of_file_sizes_is_an_error_and_no_signal(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 12, 5);
    struct limited_search limited = {.options = trial_options(6, 200, 2)};
    limited.made = require_search(market, &limited.options);
    const child_answer answer = ask_in_child(search_without_files, &limited, SECONDS_TO_FAIL);
    assert_clean_failure(&answer, MXS_ERROR_MEMORY);
    trial_release(&limited.made);
    mxs_market_destroy(market);
}

/* A market of two assets that mirror each other: half of each is worth the same in every period. */
static mxs_market *make_mirror_market(void) {
    enum { ROWS = 40 };
    double returns[ROWS * 2];
    struct seeded_random random = {6};
    for (size_t row = 0; row < ROWS; ++row) {
        const double value = (double)((int64_t)random_below(&random, 2049) - 1024) * 0x1p-16;
        returns[2 * row] = value;
        returns[2 * row + 1] = -value;
    }
    static const char *const tickers[] = {"FORTH", "BACK"};
    mxs_market_options options;
    mxs_market_options_init(&options, sizeof options);
    options.input = MXS_INPUT_RETURNS;
    mxs_market *market = NULL;
    mxs_error error;
    assert_int_equal(mxs_market_create(returns, ROWS, 2, tickers, &options, &market, &error), MXS_OK);
    return market;
}

static void a_portfolio_of_zero_variance_is_an_error_that_names_its_assets(void **state) {
    (void)state;
    mxs_market *market = make_mirror_market();
    asked options = trial_options(2, 1000, 2);
    options.problem.min_weight = 0.5;
    options.problem.max_weight = 0.5;
    trial made = require_search(market, &options);
    for (unsigned run = 0; run < 3; ++run) {
        mxs_result *result = NULL;
        mxs_error error = {.status = MXS_OK};
        const mxs_status status = trial_run(&made, &result, &error);
        assert_int_equal(status, MXS_ERROR_DATA);
        assert_int_equal(error.status, MXS_ERROR_DATA);
        assert_null(result);
        assert_non_null(strstr(error.message, "zero variance"));
        assert_non_null(strstr(error.message, "FORTH"));
        assert_non_null(strstr(error.message, "BACK"));
    }
    trial_release(&made);
    mxs_market_destroy(market);
}

/* The same mirror among other assets: only one portfolio of 66 has no Sharpe ratio. It is found whether its excess
 * return is positive or negative, however many are reported and however the work is divided. */
static void a_zero_variance_among_many_portfolios_is_found(void **state) {
    (void)state;
    enum { ASSETS = 12 };
    double mean[ASSETS];
    double covariance[ASSETS * ASSETS] = {0};
    for (size_t i = 0; i < ASSETS; ++i) {
        mean[i] = 0.0001 * (double)(i + 1);
        covariance[i * ASSETS + i] = 0x1p-12;
    }
    covariance[7 * ASSETS + 9] = covariance[9 * ASSETS + 7] = -0x1p-12;
    mxs_market *market = NULL;
    mxs_error error;
    assert_int_equal(mxs_market_create_from_moments(mean, covariance, ASSETS, NULL, &market, &error), MXS_OK);
    for (unsigned i = 0; i < 12; ++i) {
        asked options = trial_options(2, 100, 1 + i % 3);
        options.problem.min_weight = 0.5;
        options.problem.max_weight = 0.5;
        options.run.chunk_tiles = 1;
        options.problem.risk_free = i % 2 == 0 ? 0.0 : 3.0;
        options.problem.top = i < 6 ? 1 : 40;
        trial made = require_search(market, &options);
        mxs_result *result = NULL;
        assert_int_equal(trial_run(&made, &result, &error), MXS_ERROR_DATA);
        assert_null(result);
        assert_non_null(strstr(error.message, "(A8 A10)"));
        trial_release(&made);
    }
    mxs_market_destroy(market);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(too_little_memory_to_measure_the_cpu_is_an_error, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(too_little_memory_for_the_problem_is_an_error, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(any_limit_of_memory_ends_in_a_result_or_an_error, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(no_further_process_is_an_error, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_run_that_was_cancelled_before_needs_no_process, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_limit_of_file_sizes_is_an_error_and_no_signal, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_portfolio_of_zero_variance_is_an_error_that_names_its_assets, watch_begin,
                                        watch_end),
        cmocka_unit_test_setup_teardown(a_zero_variance_among_many_portfolios_is_found, watch_begin, watch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
