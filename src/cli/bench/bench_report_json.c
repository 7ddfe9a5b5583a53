#include <math.h>

#include "cli/bench/bench_record.h"
#include "cli/reports/json/json_tree.h"

/* ---- building blocks ---- */

static void set_figure(json_builder *builder, json_t *object, const char *key, const bench_sample *sample,
                       const char *unit) {
    if (sample->count == 0) {
        json_set_member(builder, object, key, json_null());
        return;
    }
    json_t *const figure = json_object();
    json_set_real(builder, figure, "median", sample_median(sample));
    json_set_real(builder, figure, "min", sample_least(sample));
    json_set_real(builder, figure, "max", sample_most(sample));
    json_set_member(builder, figure, "runs", json_integer((json_int_t)sample->count));
    json_set_text(builder, figure, "unit", unit);
    json_set_member(builder, object, key, figure);
}

static void set_integer(json_builder *builder, json_t *object, const char *key, size_t value) {
    json_set_member(builder, object, key, json_integer((json_int_t)value));
}

/* Null where there is none. */
static void set_reason(json_builder *builder, json_t *object, const char *reason) {
    json_set_text(builder, object, "reason", reason[0] != '\0' ? reason : NULL);
}

/* ---- where and what ---- */

static json_t *machine_of(json_builder *builder, const bench_machine *machine) {
    const mxs_devices_info *const devices = mxs_devices_describe(machine->devices);
    json_t *const object = json_object();
    json_set_text(builder, object, "cpu", machine->cpu);
    set_integer(builder, object, "cores_available", devices->cores_available);
    set_integer(builder, object, "cores_online", devices->cores_online);
    json_set_text(builder, object, "cpu_kernel", devices->cpu_kernel);
    json_set_text(builder, object, "openblas_core", devices->openblas_core);
    json_set_text(builder, object, "openblas_config", devices->openblas_config);
    json_set_count(builder, object, "memory_bytes", (uint64_t)machine->memory);
    json_set_real(builder, object, "load_before", machine->load >= 0 ? machine->load : (double)NAN);
    json_set_text(builder, object, "system", machine->system);
    json_set_text(builder, object, "compiler", machine->compiler);
    json_t *const gpus = json_array();
    for (unsigned i = 0; i < devices->gpu_count; ++i) {
        json_t *const gpu = json_object();
        const mxs_gpu *const found = mxs_devices_gpu(machine->devices, i);
        set_integer(builder, gpu, "number", i);
        json_set_text(builder, gpu, "name", found->name);
        json_set_count(builder, gpu, "memory_bytes", found->memory);
        set_reason(builder, gpu, found->reason);
        json_append_item(builder, gpus, gpu);
    }
    json_set_member(builder, object, "gpus", gpus);
    json_set_text(builder, object, "cuda_reason", devices->cuda_reason);
    return object;
}

static json_t *input_of(json_builder *builder, const mxs_market_info *market) {
    json_t *const object = json_object();
    json_set_text(builder, object, "file", market->file);
    json_set_member(builder, object, "made_up", json_boolean(market->file == NULL));
    set_integer(builder, object, "assets", market->assets);
    set_integer(builder, object, "periods", market->periods);
    return object;
}

static json_t *problem_of(json_builder *builder, const bench_record *record) {
    const mxs_problem_info *const problem = record->problem;
    const mxs_search_info *const search = record->search;
    json_t *const object = json_object();
    set_integer(builder, object, "assets_per_portfolio", problem->assets_per_portfolio);
    json_set_count(builder, object, "portfolios", problem->portfolios);
    json_set_count(builder, object, "simulations", search->simulations);
    json_set_count(builder, object, "simulations_total", search->simulations_total);
    json_set_real(builder, object, "min_weight", problem->min_weight);
    json_set_real(builder, object, "max_weight", problem->max_weight);
    json_set_real(builder, object, "risk_free", problem->risk_free);
    json_set_real(builder, object, "periods_per_year", problem->periods_per_year);
    json_set_count(builder, object, "seed", search->seed);
    json_set_text(builder, object, "sampler", mxs_sampler_name(search->sampler));
    json_set_real(builder, object, "acceptance", search->acceptance);
    set_integer(builder, object, "workers", record->workers);
    json_set_member(builder, object, "gpu", record->gpu >= 0 ? json_integer(record->gpu) : json_null());
    return object;
}

/* ---- peaks ---- */

static json_t *peak_of(json_builder *builder, const bench_peak *peak) {
    json_t *const object = json_object();
    set_figure(builder, object, "sgemm", &peak->flops, "flop/s");
    set_figure(builder, object, "memory_bandwidth", &peak->bandwidth, "B/s");
    set_reason(builder, object, peak->reason);
    return object;
}

static json_t *peaks_of(json_builder *builder, const bench_peaks *peaks) {
    json_t *const object = json_object();
    json_t *const cpu = peak_of(builder, &peaks->cpu);
    set_integer(builder, cpu, "processes", peaks->processes);
    json_set_member(builder, object, "cpu", cpu);
    json_set_member(builder, object, "gpu", peak_of(builder, &peaks->gpu));
    return object;
}

/* ---- ladder ---- */

static json_t *winner_of(json_builder *builder, const bench_winner *winner) {
    json_t *const object = json_object();
    json_set_count(builder, object, "rank", winner->rank);
    set_integer(builder, object, "tile", winner->tile);
    set_integer(builder, object, "attempt", winner->attempt);
    json_set_real(builder, object, "sharpe", winner->sharpe);
    return object;
}

static json_t *rung_of(json_builder *builder, const bench_record *record, const ladder_rung *rung) {
    json_t *const object = json_object();
    set_integer(builder, object, "rung", (size_t)rung->number);
    json_set_text(builder, object, "name", rung->name);
    json_set_text(builder, object, "what", rung->what);
    json_set_text(builder, object, "backend", mxs_backend_name(rung->backend));
    json_set_text(builder, object, "evaluator", mxs_evaluator_name(rung->evaluator));
    json_set_text(builder, object, "draws", mxs_draws_name(rung->draws));
    set_reason(builder, object, rung->reason);
    set_figure(builder, object, "simulations_per_second", &rung->rate, "1/s");
    set_figure(builder, object, "seconds", &rung->seconds, "s");
    if (!rung_ran(rung)) {
        return object;
    }
    json_set_text(builder, object, "kernel", rung->kernel);
    json_set_count(builder, object, "portfolios", rung->portfolios);
    json_set_member(builder, object, "whole_problem", json_boolean(rung->portfolios == record->ladder.portfolios));
    json_set_real(builder, object, "factor", rung_factor(&record->ladder, rung));
    json_set_real(builder, object, "share_of_sgemm_peak", rung_peak_share(record, rung));
    json_set_real(builder, object, "share_of_memory_peak", rung_memory_share(record, rung));
    json_set_member(builder, object, "winner", winner_of(builder, &rung->winner));
    json_set_text(builder, object, "check", rung_check_name(rung->check));
    json_set_member(builder, object, "same_winner",
                    rung->check == CHECK_NONE ? json_null() : json_boolean(rung->check != CHECK_DIFFERS));
    return object;
}

static json_t *ladder_of(json_builder *builder, const bench_record *record) {
    json_t *const object = json_object();
    json_t *const rungs = json_array();
    json_set_real(builder, object, "flops_per_simulation", record->ladder.flops_per_simulation);
    for (size_t i = 0; i < record->ladder.count; ++i) {
        json_append_item(builder, rungs, rung_of(builder, record, &record->ladder.rungs[i]));
    }
    json_set_member(builder, object, "rungs", rungs);
    return object;
}

/* ---- scaling and dealing ---- */

static json_t *scaling_row_of(json_builder *builder, const bench_scaling *scaling, const scaling_table *table,
                              const scaling_row *row) {
    json_t *const object = json_object();
    set_integer(builder, object, "workers", row->workers);
    set_figure(builder, object, "seconds", &row->seconds, "s");
    json_set_real(builder, object, "speed_up", scaling_speed_up(table, row));
    json_set_real(builder, object, "efficiency", scaling_efficiency(scaling, table, row));
    json_set_real(builder, object, "worker_nanoseconds_per_simulation", scaling_nanoseconds(table, row));
    set_figure(builder, object, "worker_seconds", &row->worker, "s");
    set_figure(builder, object, "sampling_seconds", &row->sampling, "s");
    set_figure(builder, object, "return_seconds", &row->returns, "s");
    set_figure(builder, object, "variance_seconds", &row->variances, "s");
    return object;
}

static json_t *scaling_of(json_builder *builder, const bench_scaling *scaling) {
    json_t *const object = json_object();
    json_t *const tables = json_array();
    set_integer(builder, object, "cores", scaling->cores);
    for (size_t i = 0; i < SCALING_TABLES; ++i) {
        const scaling_table *const table = &scaling->tables[i];
        json_t *const item = json_object();
        json_t *const rows = json_array();
        json_set_text(builder, item, "evaluator", mxs_evaluator_name(table->evaluator));
        set_reason(builder, item, table->reason);
        json_set_count(builder, item, "portfolios", table->portfolios);
        json_set_count(builder, item, "simulations_total", table->simulations);
        for (size_t j = 0; j < table->count && table->rows[j].seconds.count > 0; ++j) {
            json_append_item(builder, rows, scaling_row_of(builder, scaling, table, &table->rows[j]));
        }
        json_set_member(builder, item, "rows", rows);
        json_append_item(builder, tables, item);
    }
    json_set_member(builder, object, "tables", tables);
    return object;
}

static json_t *dealing_of(json_builder *builder, const bench_dealing *dealing) {
    json_t *const object = json_object();
    json_t *const rows = json_array();
    set_integer(builder, object, "workers", dealing->workers);
    for (size_t i = 0; i < DEALING_ROWS; ++i) {
        const dealing_row *const row = &dealing->rows[i];
        json_t *const item = json_object();
        json_set_text(builder, item, "name", row->name);
        set_reason(builder, item, row->reason);
        json_set_text(builder, item, "evaluator", row->evaluator[0] != '\0' ? row->evaluator : NULL);
        set_integer(builder, item, "assets_per_portfolio", row->assets_per_portfolio);
        json_set_count(builder, item, "portfolios", row->portfolios);
        json_set_count(builder, item, "simulations_total", row->simulations);
        set_figure(builder, item, "one_worker", &row->one, "1/s");
        set_figure(builder, item, "all_workers", &row->all, "1/s");
        json_set_real(builder, item, "speed_up", sample_median(&row->all) / sample_median(&row->one));
        json_append_item(builder, rows, item);
    }
    json_set_member(builder, object, "rows", rows);
    return object;
}

/* ---- sizes ---- */

static json_t *fit_of(json_builder *builder, const time_fit *fit) {
    if (!fit->made) {
        return json_null();
    }
    json_t *const object = json_object();
    json_set_real(builder, object, "start_seconds", fit->start);
    json_set_real(builder, object, "simulations_per_second", fit->rate);
    return object;
}

static const char *crossover_words(double crossover) {
    return isnan(crossover)   ? NULL
           : crossover == 0   ? "the GPU is faster at every size"
           : isinf(crossover) ? "the CPU is faster at every size"
                              : "the GPU is faster from this many simulations on";
}

static json_t *series_of(json_builder *builder, const size_series *series) {
    json_t *const object = json_object();
    json_t *const rows = json_array();
    json_set_text(builder, object, "grows", series->name);
    set_reason(builder, object, series->reason);
    for (size_t i = 0; i < series->count; ++i) {
        const size_row *const row = &series->rows[i];
        json_t *const item = json_object();
        set_integer(builder, item, "assets_per_portfolio", row->assets_per_portfolio);
        json_set_count(builder, item, "portfolios", row->portfolios);
        json_set_count(builder, item, "simulations", row->simulations_per_portfolio);
        json_set_count(builder, item, "simulations_total", (uint64_t)row->simulations);
        set_figure(builder, item, "cpu_seconds", &row->cpu, "s");
        set_figure(builder, item, "gpu_seconds", &row->gpu, "s");
        json_append_item(builder, rows, item);
    }
    json_set_member(builder, object, "rows", rows);
    json_set_member(builder, object, "cpu", fit_of(builder, &series->cpu));
    json_set_member(builder, object, "gpu", fit_of(builder, &series->gpu));
    json_set_real(builder, object, "crossover_simulations", series->crossover);
    json_set_text(builder, object, "crossover", crossover_words(series->crossover));
    return object;
}

static json_t *sizes_of(json_builder *builder, const bench_sizes *sizes) {
    json_t *const object = json_object();
    json_t *const series = json_array();
    json_set_text(builder, object, "gpu_reason", sizes->gpu_reason[0] != '\0' ? sizes->gpu_reason : NULL);
    for (size_t i = 0; i < SIZE_SERIES && sizes->series[i].name != NULL; ++i) {
        json_append_item(builder, series, series_of(builder, &sizes->series[i]));
    }
    json_set_member(builder, object, "series", series);
    return object;
}

bool write_bench_json(FILE *out, const bench_record *record) {
    json_builder builder = {.failed = false};
    json_t *const root = json_object();
    json_set_text(&builder, root, "schema", "maxsharpe.bench/1");
    json_set_text(&builder, root, "version", mxs_version());
    json_set_text(&builder, root, "commit", record->machine.commit);
    json_set_text(&builder, root, "date", record->machine.date);
    json_set_member(&builder, root, "complete", json_boolean(record->complete));
    json_set_member(&builder, root, "quick", json_boolean(record->quick));
    json_set_real(&builder, root, "seconds", record->seconds);
    json_set_member(&builder, root, "machine", machine_of(&builder, &record->machine));
    json_set_member(&builder, root, "input", input_of(&builder, record->market));
    json_set_member(&builder, root, "problem", problem_of(&builder, record));
    if (record->peaks.asked) {
        json_set_member(&builder, root, "peaks", peaks_of(&builder, &record->peaks));
    }
    if (record->ladder.asked) {
        json_set_member(&builder, root, "ladder", ladder_of(&builder, record));
    }
    if (record->scaling.asked) {
        json_set_member(&builder, root, "scaling", scaling_of(&builder, &record->scaling));
    }
    if (record->dealing.asked) {
        json_set_member(&builder, root, "dealing", dealing_of(&builder, &record->dealing));
    }
    if (record->sizes.asked) {
        json_set_member(&builder, root, "sizes", sizes_of(&builder, &record->sizes));
    }
    const bool printed = !builder.failed && json_print(out, root);
    json_decref(root);
    return printed;
}
