/* Options of callers that were built with another version of the header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/options_struct.h"
#include "maxsharpe/market.h"
#include "support/asked.h"
#include "support/made_market.h"

/* As it was before `late` was appended, as it is, and as it will be. */
struct older {
    size_t struct_size;
    double early;
};

struct present {
    size_t struct_size;
    double early;
    double late;
};

struct newer {
    size_t struct_size;
    double early;
    double late;
    double future[2];
};

static const struct present DEFAULTS = {.struct_size = sizeof(struct present), .early = 1.0, .late = 2.0};

/* No struct ever grows by so much. */
enum { LONGEST = sizeof(struct present) + (1 << 16) };

static mxs_status read_options(const void *options, struct present *known, mxs_error *error) {
    *known = DEFAULTS;
    return mxsi_options_read(known, sizeof *known, options, "the trial options", error);
}

static void assert_read(const void *options, double early, double late) {
    struct present known;
    mxs_error error = {.message = ""};
    if (read_options(options, &known, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    assert_memory_equal(&known.early, &early, sizeof early);
    assert_memory_equal(&known.late, &late, sizeof late);
    assert_int_equal(known.struct_size, sizeof known); /* its own, whatever the caller's is */
}

static void assert_refused(const void *options, const char *message) {
    struct present known;
    mxs_error error = {.message = ""};
    assert_int_equal(read_options(options, &known, &error), MXS_ERROR_ARGUMENT);
    assert_int_equal(error.status, MXS_ERROR_ARGUMENT);
    assert_string_equal(error.message, message);
    assert_memory_equal(&known, &DEFAULTS, sizeof known);
    assert_int_equal(read_options(options, &known, NULL), MXS_ERROR_ARGUMENT);
}

static void no_options_are_the_defaults(void **state) {
    (void)state;
    assert_read(NULL, 1.0, 2.0);
}

static void a_struct_of_this_header_is_read_whole(void **state) {
    (void)state;
    const struct present options = {.struct_size = sizeof options, .early = 3.0, .late = 4.0};
    assert_read(&options, 3.0, 4.0);
}

static void what_a_shorter_struct_lacks_has_its_default(void **state) {
    (void)state;
    const struct older older = {.struct_size = sizeof older, .early = 3.0};
    assert_read(&older, 3.0, 2.0);
    const size_t size_alone = sizeof size_alone;
    assert_read(&size_alone, 1.0, 2.0);
}

static void a_longer_struct_is_read_where_its_tail_is_zero(void **state) {
    (void)state;
    const struct newer newer = {.struct_size = sizeof newer, .early = 3.0, .late = 4.0};
    assert_read(&newer, 3.0, 4.0);
    unsigned char *longest = calloc(1, LONGEST);
    assert_non_null(longest);
    const struct present options = {.struct_size = LONGEST, .early = 5.0, .late = 6.0};
    memcpy(longest, &options, sizeof options);
    assert_read(longest, 5.0, 6.0);
    free(longest);
}

static void a_wish_in_the_tail_of_a_longer_struct_is_refused_whichever_byte_says_it(void **state) {
    (void)state;
    for (size_t at = sizeof(struct present); at < sizeof(struct newer); ++at) {
        struct newer newer = {.struct_size = sizeof newer, .early = 3.0, .late = 4.0};
        ((unsigned char *)&newer)[at] = 1;
        assert_refused(&newer,
                       "the trial options ask for something that this version of the library does not know; "
                       "use a newer library");
    }
}

static void a_size_that_no_struct_has_is_refused_before_anything_else_is_read(void **state) {
    (void)state;
    static const struct {
        size_t size;
        const char *message;
    } CASES[] = {
        {0, "the trial options are not initialised: a struct of 0 bytes"},
        {sizeof(size_t) - 1, "the trial options are not initialised: a struct of 7 bytes"},
        /* Half of a member: of a pointer it would be an address that nobody gave. */
        {sizeof(struct present) - 4, "the trial options are not initialised: a struct of 20 bytes"},
        {sizeof(struct present) + 4, "the trial options are not initialised: a struct of 28 bytes"},
        {LONGEST + 8, "the trial options are not initialised: a struct of 65568 bytes"},
        {SIZE_MAX, "the trial options are not initialised: a struct of 18446744073709551615 bytes"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; ++i) {
        /* Nothing lies behind the size of what is refused by its size alone: a sanitizer sees a read of it. */
        size_t *options = malloc(sizeof *options);
        assert_non_null(options);
        *options = CASES[i].size;
        assert_refused(options, CASES[i].message);
        free(options);
    }
}

static void defaults_fill_what_a_caller_has_room_for_and_zeros_what_is_beyond(void **state) {
    (void)state;
    struct newer options;
    for (size_t size = 0; size <= sizeof options; ++size) {
        unsigned char expected[sizeof options];
        memset(expected, 0x55, sizeof expected);
        memset(expected, 0, size);
        memcpy(expected, &DEFAULTS, size < sizeof DEFAULTS ? size : sizeof DEFAULTS);
        if (size >= sizeof size) {
            memcpy(expected, &size, sizeof size);
        }
        memset(&options, 0x55, sizeof options);
        mxsi_options_init(&options, size, &DEFAULTS, sizeof DEFAULTS);
        assert_memory_equal(&options, expected, sizeof expected);
    }
}

/* ---- the options of a market ---- */

static const double PRICES[] = {1.0, 5.0, 2.0, 6.0, 3.0, 5.0, 4.0, 7.0};
static const char *const TICKERS[] = {"ANT", "BEE"};

static mxs_status create_with(const mxs_market_options *options, mxs_market **market, mxs_error *error) {
    return mxs_market_create(PRICES, 4, 2, TICKERS, options, market, error);
}

/* The bytes of options as the caller of a header that ends at size has them, and nothing behind them. */
static mxs_market_options *cut_at(size_t size, const mxs_market_options *options) {
    mxs_market_options *cut = malloc(size);
    assert_non_null(cut);
    memcpy(cut, options, size);
    memcpy(cut, &size, sizeof size);
    return cut;
}

static void an_older_header_s_market_options_are_read_without_what_they_lack(void **state) {
    (void)state;
    static const char *const EXCLUDED[] = {"ANT"};
    mxs_market_options options;
    mxs_market_options_init(&options, sizeof options);
    options.input = MXS_INPUT_RETURNS;
    options.exclude = EXCLUDED;
    options.exclude_count = 1;
    /* A header from before tickers could be excluded. */
    mxs_market_options *older = cut_at(offsetof(mxs_market_options, exclude), &options);
    mxs_market *market = NULL;
    assert_int_equal(create_with(older, &market, NULL), MXS_OK);
    assert_int_equal(mxs_market_describe(market)->input, MXS_INPUT_RETURNS);
    assert_int_equal(mxs_market_describe(market)->assets, 2);
    free(older);
    mxs_market_destroy(market);
    assert_int_equal(create_with(&options, &market, NULL), MXS_OK);
    assert_int_equal(mxs_market_describe(market)->assets, 1);
    mxs_market_destroy(market);
}

static void a_newer_header_s_market_options_are_read_where_they_ask_for_nothing_new(void **state) {
    (void)state;
    struct {
        mxs_market_options options;
        unsigned char future[16];
    } newer;
    mxs_market_options_init(&newer.options, sizeof newer);
    mxs_market *market = NULL;
    assert_int_equal(create_with(&newer.options, &market, NULL), MXS_OK);
    mxs_market_destroy(market);
    newer.future[15] = 1;
    mxs_error error = {.message = ""};
    assert_int_equal(create_with(&newer.options, &market, &error), MXS_ERROR_ARGUMENT);
    assert_null(market);
    assert_non_null(strstr(error.message, "the market options ask for something"));
}

static void market_options_of_no_size_are_refused_by_every_function_that_takes_them(void **state) {
    (void)state;
    mxs_market_options options;
    mxs_market_options_init(&options, sizeof options);
    options.struct_size = 0;
    mxs_market *market = (mxs_market *)(uintptr_t)&options;
    assert_int_equal(create_with(&options, &market, NULL), MXS_ERROR_ARGUMENT);
    assert_null(market);
    market = (mxs_market *)(uintptr_t)&options;
    assert_int_equal(mxs_market_read(MXS_EXAMPLE_MARKET, &options, &market, NULL), MXS_ERROR_ARGUMENT);
    assert_null(market);
}

/* As from a header before some members were there: what is behind them is not read. */
static void an_older_headers_problem_sampling_and_run_options_leave_the_rest_at_its_defaults(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 30, 1);
    asked options;
    memset(&options, 0xa5, sizeof options);
    mxs_problem_options_init(&options.problem, offsetof(mxs_problem_options, include));
    mxs_sampling_options_init(&options.sampling, offsetof(mxs_sampling_options, first_portfolio));
    mxs_run_options_init(&options.run, offsetof(mxs_run_options, chunk_tiles));
    options.problem.assets_per_portfolio = 29;
    options.sampling.seed = 99;
    options.sampling.simulations = 10;
    options.run.backend = MXS_BACKEND_CPU;
    trial made;
    mxs_error error = {.message = ""};
    if (trial_create(market, &options, &made, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(mxs_problem_describe(made.problem)->assets_per_portfolio, 29);
    assert_int_equal(mxs_problem_describe(made.problem)->portfolios, 30); /* nothing is included */
    assert_int_equal(mxs_problem_describe(made.problem)->top, 1);
    assert_int_equal(mxs_search_describe(made.search)->seed, 99);
    assert_int_equal(mxs_search_describe(made.search)->end_portfolio, 30);
    mxs_result *result = NULL;
    assert_int_equal(trial_run(&made, &result, NULL), MXS_OK); /* the poisoned progress was not called */
    mxs_result_destroy(result);
    trial_release(&made);
    mxs_market_destroy(market);
}

/* As from a header with members that this library has not. */
struct newer_problem_options {
    mxs_problem_options known;
    unsigned char newer[32];
};

struct newer_sampling_options {
    mxs_sampling_options known;
    unsigned char newer[32];
};

static void a_newer_headers_problem_and_sampling_options_are_read_where_they_ask_for_nothing_new(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 30, 1);
    struct newer_problem_options problem_options;
    struct newer_sampling_options sampling_options;
    mxs_problem_options_init(&problem_options.known, sizeof problem_options);
    mxs_sampling_options_init(&sampling_options.known, sizeof sampling_options);
    problem_options.known.assets_per_portfolio = 3;
    sampling_options.known.simulations = 7;
    mxs_problem *problem = NULL;
    mxs_search *search = NULL;
    assert_int_equal(mxs_problem_create(market, &problem_options.known, &problem, NULL), MXS_OK);
    assert_int_equal(mxs_problem_describe(problem)->portfolios, 4060);
    assert_int_equal(mxs_search_create(problem, &sampling_options.known, &search, NULL), MXS_OK);
    assert_int_equal(mxs_search_describe(search)->simulations_total, 7 * 4060);
    mxs_search_destroy(search);
    mxs_error error = {.message = ""};
    sampling_options.newer[31] = 1;
    assert_int_equal(mxs_search_create(problem, &sampling_options.known, &search, &error), MXS_ERROR_ARGUMENT);
    assert_null(search);
    assert_non_null(strstr(error.message, "the sampling options ask for something"));
    mxs_problem_destroy(problem);
    problem_options.newer[0] = 1;
    assert_int_equal(mxs_problem_create(market, &problem_options.known, &problem, &error), MXS_ERROR_ARGUMENT);
    assert_null(problem);
    assert_non_null(strstr(error.message, "the problem options ask for something"));
    mxs_market_destroy(market);
}

static void a_value_that_is_no_word_of_its_list_is_refused(void **state) {
    (void)state;
    static const int NO_WORDS[] = {-1, 3, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof NO_WORDS / sizeof *NO_WORDS; ++i) {
        mxs_market_options options;
        mxs_market *market = NULL;
        mxs_error error = {.message = ""};
        mxs_market_options_init(&options, sizeof options);
        options.input = (mxs_input)NO_WORDS[i];
        assert_int_equal(create_with(&options, &market, &error), MXS_ERROR_ARGUMENT);
        assert_non_null(strstr(error.message, "there is no kind of input"));
        mxs_market_options_init(&options, sizeof options);
        options.missing = (mxs_missing)NO_WORDS[i];
        assert_int_equal(create_with(&options, &market, &error), MXS_ERROR_ARGUMENT);
        assert_non_null(strstr(error.message, "there is no policy for missing values"));
        assert_null(market);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_options_are_the_defaults),
        cmocka_unit_test(a_struct_of_this_header_is_read_whole),
        cmocka_unit_test(what_a_shorter_struct_lacks_has_its_default),
        cmocka_unit_test(a_longer_struct_is_read_where_its_tail_is_zero),
        cmocka_unit_test(a_wish_in_the_tail_of_a_longer_struct_is_refused_whichever_byte_says_it),
        cmocka_unit_test(a_size_that_no_struct_has_is_refused_before_anything_else_is_read),
        cmocka_unit_test(defaults_fill_what_a_caller_has_room_for_and_zeros_what_is_beyond),
        cmocka_unit_test(an_older_header_s_market_options_are_read_without_what_they_lack),
        cmocka_unit_test(a_newer_header_s_market_options_are_read_where_they_ask_for_nothing_new),
        cmocka_unit_test(market_options_of_no_size_are_refused_by_every_function_that_takes_them),
        cmocka_unit_test(an_older_headers_problem_sampling_and_run_options_leave_the_rest_at_its_defaults),
        cmocka_unit_test(a_newer_headers_problem_and_sampling_options_are_read_where_they_ask_for_nothing_new),
        cmocka_unit_test(a_value_that_is_no_word_of_its_list_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
