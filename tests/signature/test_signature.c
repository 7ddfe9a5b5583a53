/* Every recorded search gives its recorded answer, on whatever computes it: one source for every instruction set and
 * backend, as the conformance tests are.
 *
 * The argument `--small` leaves out the large searches, for slow backends; `--record` tests nothing and writes the file
 * anew, for whoever changes the definition of a simulation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "signature/recorded_answers.h"
#include "support/conformance_runs.h"
#include "support/made_market.h"

enum word {
    WORD_ASSETS,
    WORD_SIMULATIONS,
    WORD_MAX_WEIGHT,
    WORD_MIN_WEIGHT,
    WORD_RISK_FREE,
    WORD_PERIODS,
    WORD_SEED,
    WORD_PORTFOLIOS,
    WORD_DRAWS,
    WORD_FROM,
    WORD_TO,
    WORD_INCLUDE,
    WORD_EXCLUDE,
    WORD_TOP,
    WORDS
};

static const char *const WORD_NAMES[WORDS] = {
    [WORD_ASSETS] = "-k",         [WORD_SIMULATIONS] = "-n",
    [WORD_MAX_WEIGHT] = "-w",     [WORD_MIN_WEIGHT] = "--min-weight",
    [WORD_RISK_FREE] = "-r",      [WORD_PERIODS] = "--periods-per-year",
    [WORD_SEED] = "-s",           [WORD_PORTFOLIOS] = "--portfolios",
    [WORD_DRAWS] = "--draws",     [WORD_FROM] = "--from",
    [WORD_TO] = "--to",           [WORD_INCLUDE] = "--include",
    [WORD_EXCLUDE] = "--exclude", [WORD_TOP] = "--top",
};

enum { MAX_LIST = 16 };

/* A line's options: the text behind each word, NULL where the line leaves it to the library's default. */
struct request {
    char text[sizeof((struct recorded_line *)NULL)->options];
    char *values[WORDS];
    const char *include[MAX_LIST];
    const char *exclude[MAX_LIST];
    size_t include_count;
    size_t exclude_count;
};

/* What computes the answers; they must not depend on it. */
struct way {
    mxs_evaluator evaluator;
    unsigned workers;
};

struct settings {
    int only_small;
};

static size_t split_list(char *list, const char *items[MAX_LIST]) {
    size_t count = 0;
    char *rest = NULL;
    for (char *item = list != NULL ? strtok_r(list, ",", &rest) : NULL; item != NULL;
         item = strtok_r(NULL, ",", &rest)) {
        assert_true(count < MAX_LIST);
        items[count++] = item;
    }
    return count;
}

static void read_request(const struct recorded_line *line, struct request *request) {
    *request = (struct request){.include_count = 0};
    memcpy(request->text, line->options, sizeof request->text);
    char *rest = NULL;
    for (char *name = strtok_r(request->text, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest)) {
        size_t word = 0;
        while (word < WORDS && strcmp(WORD_NAMES[word], name) != 0) {
            ++word;
        }
        char *const value = strtok_r(NULL, " ", &rest);
        if (word == WORDS || value == NULL || request->values[word] != NULL) {
            fail_msg("line %zu: '%s' is unknown here, without a value, or given twice", line->number, name);
        }
        request->values[word] = value;
    }
    request->include_count = split_list(request->values[WORD_INCLUDE], request->include);
    request->exclude_count = split_list(request->values[WORD_EXCLUDE], request->exclude);
}

static uint64_t whole_from(const char *text, char **end, uint64_t otherwise) {
    const uint64_t value = strtoull(text, end, 10);
    return *end == text ? otherwise : value;
}

static uint64_t count_or(const struct request *request, enum word word, uint64_t otherwise) {
    char *end = NULL;
    const char *const text = request->values[word];
    const uint64_t value = text == NULL ? otherwise : whole_from(text, &end, otherwise);
    assert_true(end == NULL || *end == '\0');
    return value;
}

static double number_or(const struct request *request, enum word word, double otherwise) {
    char *end = NULL;
    const char *const text = request->values[word];
    const double value = text == NULL ? otherwise : strtod(text, &end);
    assert_true(end == NULL || *end == '\0');
    return value;
}

/* FROM:TO, either of which may be left out. */
static void range_or(const struct request *request, uint64_t *first, uint64_t *end) {
    const char *const text = request->values[WORD_PORTFOLIOS];
    if (text != NULL) {
        char *at = NULL;
        *first = whole_from(text, &at, *first);
        assert_true(*at == ':');
        *end = whole_from(at + 1, &at, *end);
        assert_true(*at == '\0');
    }
}

/* The only place that knows how the library is told what to search. */
static mxs_status create_search(const mxs_market *market, const struct request *request, const struct way *way,
                                trial *made, mxs_error *error) {
    const char *const draws = request->values[WORD_DRAWS];
    asked options = conformance_options();
    options.problem.assets_per_portfolio = count_or(request, WORD_ASSETS, options.problem.assets_per_portfolio);
    options.sampling.simulations = count_or(request, WORD_SIMULATIONS, options.sampling.simulations);
    options.problem.min_weight = number_or(request, WORD_MIN_WEIGHT, options.problem.min_weight);
    options.problem.max_weight = number_or(request, WORD_MAX_WEIGHT, options.problem.max_weight);
    options.problem.risk_free = number_or(request, WORD_RISK_FREE, options.problem.risk_free);
    options.problem.periods_per_year = number_or(request, WORD_PERIODS, options.problem.periods_per_year);
    options.sampling.seed = count_or(request, WORD_SEED, options.sampling.seed);
    range_or(request, &options.sampling.first_portfolio, &options.sampling.end_portfolio);
    if (draws != NULL) {
        options.sampling.draws = strcmp(draws, "shared") == 0 ? MXS_DRAWS_SHARED : MXS_DRAWS_FRESH;
    }
    options.problem.include = request->include;
    options.problem.include_count = request->include_count;
    options.problem.top = count_or(request, WORD_TOP, options.problem.top);
    options.run.evaluator = way->evaluator;
    options.run.workers = way->workers;
    return trial_create(market, &options, made, error);
}

static uint64_t number_in(const char *name, const char *before) {
    const char *const at = strstr(name, before);
    assert_non_null(at);
    return strtoull(at + strlen(before), NULL, 10);
}

/* The market of a name: the example's, or "made:rows=R,assets=N,seed=S", or "moments:assets=N,seed=S", which the tests
 * make up. Dates and tickers to leave out are for files only. */
static mxs_market *open_market(const char *name, const struct request *request) {
    if (strncmp(name, "made:", strlen("made:")) == 0) {
        return make_market(number_in(name, "rows="), number_in(name, "assets="), number_in(name, "seed="));
    }
    if (strncmp(name, "moments:", strlen("moments:")) == 0) {
        return make_market_of_moments(number_in(name, "assets="), number_in(name, "seed="));
    }
    assert_string_equal(name, "examples/market.csv");
    mxs_market_options options;
    mxs_market_options_init(&options, sizeof options);
    options.from = request->values[WORD_FROM];
    options.to = request->values[WORD_TO];
    options.exclude = request->exclude;
    options.exclude_count = request->exclude_count;
    mxs_market *market = NULL;
    mxs_error error = {.message = ""};
    if (mxs_market_read(MXS_EXAMPLE_MARKET, &options, &market, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    return market;
}

static void write_answer(const mxs_market *market, const trial *made, const mxs_result *result,
                         char answer[ANSWER_LENGTH]) {
    const mxs_search_info *const search = mxs_search_describe(made->search);
    const mxs_result_info *const info = mxs_result_describe(result);
    const char *const *const tickers = mxs_market_describe(market)->tickers;
    assert_true(info->complete);
    assert_int_equal(info->simulations_done, search->simulations_total);
    struct answer_writer writer;
    answer_begin(&writer);
    for (size_t i = 0; i < info->portfolio_count; ++i) {
        const mxs_portfolio *const found = mxs_result_portfolio(result, i);
        answer_add_portfolio(&writer, found->rank, found->tile, found->attempt, found->sharpe, found->expected_return,
                             found->volatility);
        for (size_t j = 0; j < found->asset_count; ++j) {
            answer_add_weight(&writer, tickers[found->assets[j]], found->weights[j]);
        }
    }
    answer_end(&writer, mxs_sampler_name(search->sampler), answer);
}

static void answer_line(const struct recorded_line *line, const struct way *way, char answer[ANSWER_LENGTH]) {
    struct request request;
    read_request(line, &request);
    mxs_market *const market = open_market(line->market, &request);
    trial made;
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    if (create_search(market, &request, way, &made, &error) != MXS_OK || trial_run(&made, &result, &error) != MXS_OK) {
        fail_msg("line %zu: %s", line->number, error.message);
    }
    write_answer(market, &made, result, answer);
    mxs_result_destroy(result);
    trial_release(&made);
    mxs_market_destroy(market);
}

/* One worker or three: which line has which is fixed, so that a failure repeats. */
static struct way way_of(const struct recorded_line *line, mxs_evaluator evaluator) {
    return (struct way){.evaluator = evaluator, .workers = line->number % 2 == 0 ? 1 : 3};
}

static void check_every_search(mxs_evaluator evaluator, int only_small) {
    struct recorded_file file = read_recorded_file();
    size_t searches = 0;
    size_t differences = 0;
    for (size_t i = 0; i < file.count; ++i) {
        const struct recorded_line *const line = &file.lines[i];
        if (!line->is_search || (only_small && !line->is_small)) {
            continue;
        }
        const struct way way = way_of(line, evaluator);
        char answer[ANSWER_LENGTH];
        char how[64];
        answer_line(line, &way, answer);
        (void)snprintf(how, sizeof how, "evaluator %s, workers %u", mxs_evaluator_name(evaluator), way.workers);
        differences += !is_recorded_answer(line, answer, how);
        ++searches;
    }
    recorded_file_free(&file);
    assert_true(searches >= 28); /* or the file is not what it is meant to be */
    assert_int_equal(differences, 0);
}

static void every_search_gives_its_recorded_answer(void **state) {
    const struct settings *const settings = *state;
    check_every_search(MXS_EVALUATOR_AUTO, settings->only_small);
}

#ifndef MXS_TEST_BACKEND
static void every_small_search_gives_it_by_the_fused_evaluator(void **state) {
    (void)state;
    check_every_search(MXS_EVALUATOR_FUSED, 1);
}

static void every_small_search_gives_it_by_openblas(void **state) {
    (void)state;
    check_every_search(MXS_EVALUATOR_OPENBLAS, 1);
}
#endif

static void record(void **state) {
    (void)state;
    struct recorded_file file = read_recorded_file();
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    assert_non_null(out);
    for (size_t i = 0; i < file.count; ++i) {
        char answer[ANSWER_LENGTH] = "";
        if (file.lines[i].is_search) {
            const struct way way = way_of(&file.lines[i], MXS_EVALUATOR_AUTO);
            answer_line(&file.lines[i], &way, answer);
        }
        print_recorded_line(out, &file.lines[i], answer);
    }
    assert_int_equal(fclose(out), 0);
    write_recorded_file(text);
    free(text);
    recorded_file_free(&file);
}

int main(int argument_count, char **arguments) {
    struct settings settings = {.only_small = argument_count > 1 && strcmp(arguments[1], "--small") == 0};
    const struct CMUnitTest recording[] = {cmocka_unit_test(record)};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(every_search_gives_its_recorded_answer, &settings),
#ifndef MXS_TEST_BACKEND
        cmocka_unit_test(every_small_search_gives_it_by_the_fused_evaluator),
        cmocka_unit_test(every_small_search_gives_it_by_openblas),
#endif
    };
    if (argument_count > 1 && strcmp(arguments[1], "--record") == 0) {
        return cmocka_run_group_tests(recording, NULL, NULL);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
