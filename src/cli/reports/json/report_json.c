#include "cli/reports/json/json_tree.h"
#include "cli/reports/report.h"

static json_t *input_of(json_builder *builder, const mxs_market_info *market) {
    json_t *const input = json_object();
    json_set_text(builder, input, "file", market->file);
    json_set_text(builder, input, "kind", mxs_input_name(market->input));
    json_set_text(builder, input, "format", market->format);
    json_set_member(builder, input, "assets", json_integer((json_int_t)market->assets));
    json_set_member(builder, input, "periods", json_integer((json_int_t)market->periods));
    json_set_text(builder, input, "first", market->first);
    json_set_text(builder, input, "last", market->last);
    json_t *const dropped = json_array();
    for (size_t i = 0; i < market->dropped_count; ++i) {
        json_t *const asset = json_object();
        json_set_text(builder, asset, "ticker", market->dropped[i].ticker);
        json_set_text(builder, asset, "why", market->dropped[i].why);
        json_append_item(builder, dropped, asset);
    }
    json_set_member(builder, input, "dropped", dropped);
    json_set_member(builder, input, "dropped_rows", json_integer((json_int_t)market->dropped_rows));
    return input;
}

static json_t *problem_of(json_builder *builder, const mxs_problem *problem) {
    json_t *const object = json_object();
    json_set_member(builder, object, "assets_per_portfolio", json_integer((json_int_t)problem->assets_per_portfolio));
    json_set_count(builder, object, "portfolios", problem->portfolios);
    json_set_count(builder, object, "first_portfolio", problem->first_portfolio);
    json_set_count(builder, object, "end_portfolio", problem->end_portfolio);
    json_set_count(builder, object, "simulations", problem->simulations);
    json_set_count(builder, object, "simulations_total", problem->simulations_total);
    json_set_real(builder, object, "min_weight", problem->min_weight);
    json_set_real(builder, object, "max_weight", problem->max_weight);
    json_set_real(builder, object, "risk_free", problem->risk_free);
    json_set_real(builder, object, "periods_per_year", problem->periods_per_year);
    json_set_count(builder, object, "seed", problem->seed);
    json_set_text(builder, object, "draws", mxs_draws_name(problem->draws));
    json_set_text(builder, object, "sampler", mxs_sampler_name(problem->sampler));
    json_set_real(builder, object, "acceptance", problem->acceptance);
    return object;
}

static json_t *portfolio_of(json_builder *builder, const search_report *report, const mxs_portfolio *portfolio) {
    json_t *const object = json_object();
    json_set_real(builder, object, "sharpe", portfolio->sharpe);
    json_set_real(builder, object, "expected_return", portfolio->expected_return);
    json_set_real(builder, object, "volatility", portfolio->volatility);
    json_set_count(builder, object, "rank", portfolio->rank);
    json_set_member(builder, object, "tile", json_integer((json_int_t)portfolio->tile));
    json_set_member(builder, object, "attempt", json_integer((json_int_t)portfolio->attempt));
    json_t *const weights = json_array();
    for (size_t i = 0; i < report->problem->assets_per_portfolio; ++i) {
        json_t *const weight = json_object();
        json_set_text(builder, weight, "ticker", report->market->tickers[portfolio->assets[i]]);
        json_set_real(builder, weight, "weight", portfolio->weights[i]);
        json_append_item(builder, weights, weight);
    }
    json_set_member(builder, object, "weights", weights);
    return object;
}

static json_t *run_of(json_builder *builder, const mxs_result_info *result) {
    json_t *const run = json_object();
    json_set_text(builder, run, "backend", result->backend);
    json_set_text(builder, run, "evaluator", result->evaluator);
    json_set_text(builder, run, "kernel", result->kernel);
    json_set_member(builder, run, "workers", json_integer((json_int_t)result->worker_count));
    json_set_member(builder, run, "workers_lost", json_integer((json_int_t)result->workers_lost));
    json_set_real(builder, run, "seconds", result->seconds);
    json_set_count(builder, run, "simulations_done", result->simulations_done);
    json_set_real(builder, run, "simulations_per_second", result->simulations_per_second);
    json_t *const workers = json_array();
    for (size_t i = 0; i < result->worker_count; ++i) {
        const mxs_worker_stats *const stats = &result->workers[i];
        json_t *const worker = json_object();
        json_set_member(builder, worker, "worker", json_integer((json_int_t)i + 1));
        json_set_count(builder, worker, "simulations", stats->simulations);
        json_set_real(builder, worker, "seconds", stats->seconds);
        json_set_real(builder, worker, "sampling_seconds", stats->sampling_seconds);
        json_set_real(builder, worker, "return_seconds", stats->return_seconds);
        json_set_real(builder, worker, "variance_seconds", stats->variance_seconds);
        json_set_real(builder, worker, "other_seconds", other_seconds(stats));
        json_set_real(builder, worker, "waiting_seconds", stats->waiting_seconds);
        json_append_item(builder, workers, worker);
    }
    json_set_member(builder, run, "per_worker", workers);
    return run;
}

static json_t *warnings_of(json_builder *builder, const search_report *report) {
    warning_list lists[WARNING_SOURCES];
    report_warnings(report, lists);
    json_t *const warnings = json_array();
    for (size_t i = 0; i < WARNING_SOURCES; ++i) {
        for (size_t j = 0; j < lists[i].count; ++j) {
            json_append_item(builder, warnings, json_text(lists[i].lines[j]));
        }
    }
    return warnings;
}

bool write_json_report(FILE *out, const search_report *report) {
    json_builder builder = {.failed = false};
    json_t *const root = json_object();
    json_set_text(&builder, root, "schema", "maxsharpe.result/1");
    json_set_text(&builder, root, "version", mxs_version());
    json_set_member(&builder, root, "complete", json_boolean(report->result->complete));
    json_set_member(&builder, root, "input", input_of(&builder, report->market));
    json_set_member(&builder, root, "problem", problem_of(&builder, report->problem));
    json_set_member(&builder, root, "best", portfolio_of(&builder, report, &report->result->top[0]));
    json_t *const top = json_array();
    for (size_t i = 0; i < report->result->top_count; ++i) {
        json_append_item(&builder, top, portfolio_of(&builder, report, &report->result->top[i]));
    }
    json_set_member(&builder, root, "top", top);
    json_set_member(&builder, root, "run", run_of(&builder, report->result));
    json_set_member(&builder, root, "warnings", warnings_of(&builder, report));

    const bool printed = !builder.failed && json_print(out, root);
    json_decref(root);
    return printed;
}
