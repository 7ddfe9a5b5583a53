#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/printable_text.h"
#include "cli/report.h"

/* A tree under construction: the first allocation that fails is remembered, so that it is asked about once. */
typedef struct json_builder {
    bool failed;
} json_builder;

static void set(json_builder *builder, json_t *object, const char *key, json_t *value) {
    if (json_object_set_new(object, key, value) != 0) {
        builder->failed = true;
    }
}

static void append(json_builder *builder, json_t *array, json_t *value) {
    if (json_array_append_new(array, value) != 0) {
        builder->failed = true;
    }
}

static void set_text(json_builder *builder, json_t *object, const char *key, const char *text) {
    char *const copy = text != NULL ? copy_as_utf8(text) : NULL;
    if (text == NULL) {
        set(builder, object, key, json_null());
    } else {
        set(builder, object, key, copy != NULL ? json_string_nocheck(copy) : NULL);
    }
    free(copy);
}

/* JSON knows no infinity and no NaN; the library returns none either. */
static void set_real(json_builder *builder, json_t *object, const char *key, double value) {
    set(builder, object, key, isfinite(value) ? json_real(value) : json_null());
}

/* The keys of 64-bit counts. jansson's integers are signed: a larger one is built as a string and loses its quotation
 * marks when it is printed. */
static const char *const count_keys[] = {"seed",          "rank",        "portfolios",        "first_portfolio",
                                         "end_portfolio", "simulations", "simulations_total", "simulations_done"};
enum { COUNT_KEYS = sizeof count_keys / sizeof count_keys[0] };

static void set_count(json_builder *builder, json_t *object, const char *key, uint64_t value) {
    set(builder, object, key,
        value <= INT64_MAX ? json_integer((json_int_t)value) : json_sprintf("%llu", (unsigned long long)value));
}

/* The length of `"key": "` at text, for one of the count keys, or 0. Within a JSON string a quotation mark has a
 * backslash before it, so this can stand nowhere but at a member. */
static size_t quoted_count_key(const char *text) {
    for (size_t i = 0; i < COUNT_KEYS; ++i) {
        const size_t length = strlen(count_keys[i]);
        if (text[0] == '"' && strncmp(text + 1, count_keys[i], length) == 0 &&
            strncmp(text + 1 + length, "\": \"", 4) == 0) {
            return length + 5;
        }
    }
    return 0;
}

/* Prints a dumped tree, the quoted counts without their quotation marks. */
static void print_with_counts(FILE *out, const char *text) {
    for (const char *key; (key = strchr(text, '"')) != NULL;) {
        (void)fwrite(text, 1, (size_t)(key - text), out);
        const size_t length = quoted_count_key(key);
        if (length == 0) {
            (void)fputc('"', out);
            text = key + 1;
            continue;
        }
        (void)fwrite(key, 1, length - 1, out);
        const char *const digits = key + length;
        const size_t digit_count = strspn(digits, "0123456789");
        (void)fwrite(digits, 1, digit_count, out);
        text = digits + digit_count + 1;
    }
    (void)fputs(text, out);
}

static json_t *input_of(json_builder *builder, const mxs_market_info *market) {
    json_t *const input = json_object();
    set_text(builder, input, "file", market->file);
    set_text(builder, input, "kind", input_name(market->input));
    set_text(builder, input, "format", market->format);
    set(builder, input, "assets", json_integer((json_int_t)market->assets));
    set(builder, input, "periods", json_integer((json_int_t)market->periods));
    set_text(builder, input, "first", market->first);
    set_text(builder, input, "last", market->last);
    json_t *const dropped = json_array();
    for (size_t i = 0; i < market->dropped_count; ++i) {
        json_t *const asset = json_object();
        set_text(builder, asset, "ticker", market->dropped[i].ticker);
        set_text(builder, asset, "why", market->dropped[i].why);
        append(builder, dropped, asset);
    }
    set(builder, input, "dropped", dropped);
    set(builder, input, "dropped_rows", json_integer((json_int_t)market->dropped_rows));
    return input;
}

static json_t *problem_of(json_builder *builder, const mxs_problem *problem) {
    json_t *const object = json_object();
    set(builder, object, "assets_per_portfolio", json_integer((json_int_t)problem->assets_per_portfolio));
    set_count(builder, object, "portfolios", problem->portfolios);
    set_count(builder, object, "first_portfolio", problem->first_portfolio);
    set_count(builder, object, "end_portfolio", problem->end_portfolio);
    set_count(builder, object, "simulations", problem->simulations);
    set_count(builder, object, "simulations_total", problem->simulations_total);
    set_real(builder, object, "min_weight", problem->min_weight);
    set_real(builder, object, "max_weight", problem->max_weight);
    set_real(builder, object, "risk_free", problem->risk_free);
    set_real(builder, object, "periods_per_year", problem->periods_per_year);
    set_count(builder, object, "seed", problem->seed);
    set_text(builder, object, "draws", draws_name(problem->draws));
    set_text(builder, object, "sampler", mxs_sampler_name(problem->sampler));
    set_real(builder, object, "acceptance", problem->acceptance);
    return object;
}

static json_t *portfolio_of(json_builder *builder, const search_report *report, const mxs_portfolio *portfolio) {
    json_t *const object = json_object();
    set_real(builder, object, "sharpe", portfolio->sharpe);
    set_real(builder, object, "expected_return", portfolio->expected_return);
    set_real(builder, object, "volatility", portfolio->volatility);
    set_count(builder, object, "rank", portfolio->rank);
    set(builder, object, "tile", json_integer((json_int_t)portfolio->tile));
    set(builder, object, "attempt", json_integer((json_int_t)portfolio->attempt));
    json_t *const weights = json_array();
    for (size_t i = 0; i < report->problem->assets_per_portfolio; ++i) {
        json_t *const weight = json_object();
        set_text(builder, weight, "ticker", report->market->tickers[portfolio->assets[i]]);
        set_real(builder, weight, "weight", portfolio->weights[i]);
        append(builder, weights, weight);
    }
    set(builder, object, "weights", weights);
    return object;
}

static json_t *run_of(json_builder *builder, const mxs_result_info *result) {
    json_t *const run = json_object();
    set_text(builder, run, "backend", result->backend);
    set_text(builder, run, "evaluator", result->evaluator);
    set_text(builder, run, "kernel", result->kernel);
    set(builder, run, "workers", json_integer((json_int_t)result->worker_count));
    set(builder, run, "workers_lost", json_integer((json_int_t)result->workers_lost));
    set_real(builder, run, "seconds", result->seconds);
    set_count(builder, run, "simulations_done", result->simulations_done);
    set_real(builder, run, "simulations_per_second", result->simulations_per_second);
    json_t *const workers = json_array();
    for (size_t i = 0; i < result->worker_count; ++i) {
        const mxs_worker_stats *const stats = &result->workers[i];
        json_t *const worker = json_object();
        set(builder, worker, "worker", json_integer((json_int_t)i + 1));
        set_count(builder, worker, "simulations", stats->simulations);
        set_real(builder, worker, "seconds", stats->seconds);
        set_real(builder, worker, "sampling_seconds", stats->sampling_seconds);
        set_real(builder, worker, "return_seconds", stats->return_seconds);
        set_real(builder, worker, "variance_seconds", stats->variance_seconds);
        set_real(builder, worker, "other_seconds", other_seconds(stats));
        set_real(builder, worker, "waiting_seconds", stats->waiting_seconds);
        append(builder, workers, worker);
    }
    set(builder, run, "per_worker", workers);
    return run;
}

static json_t *warnings_of(json_builder *builder, const search_report *report) {
    warning_list lists[WARNING_SOURCES];
    report_warnings(report, lists);
    json_t *const warnings = json_array();
    for (size_t i = 0; i < WARNING_SOURCES; ++i) {
        for (size_t j = 0; j < lists[i].count; ++j) {
            char *const copy = copy_as_utf8(lists[i].lines[j]);
            append(builder, warnings, copy != NULL ? json_string_nocheck(copy) : NULL);
            free(copy);
        }
    }
    return warnings;
}

bool write_json_report(FILE *out, const search_report *report) {
    json_builder builder = {.failed = false};
    json_t *const root = json_object();
    set_text(&builder, root, "schema", "maxsharpe.result/1");
    set_text(&builder, root, "version", mxs_version());
    set(&builder, root, "complete", json_boolean(report->result->complete));
    set(&builder, root, "input", input_of(&builder, report->market));
    set(&builder, root, "problem", problem_of(&builder, report->problem));
    set(&builder, root, "best", portfolio_of(&builder, report, &report->result->top[0]));
    json_t *const top = json_array();
    for (size_t i = 0; i < report->result->top_count; ++i) {
        append(&builder, top, portfolio_of(&builder, report, &report->result->top[i]));
    }
    set(&builder, root, "top", top);
    set(&builder, root, "run", run_of(&builder, report->result));
    set(&builder, root, "warnings", warnings_of(&builder, report));

    char *const text = builder.failed ? NULL : json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    if (text != NULL) {
        print_with_counts(out, text);
        (void)fputc('\n', out);
        free(text);
    }
    json_decref(root);
    return text != NULL;
}
