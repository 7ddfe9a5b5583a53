#include <math.h>
#include <stdlib.h>

#include "cli/bench/bench_record.h"
#include "cli/terminal/printable_text.h"

enum { LABEL_WIDTH = 11, CELL_SIZE = 48 };

static const char NO_GPU[] = "no GPU can be used: see above";
static const double GIGA = 1e9;
static const double GIB = 1024.0 * 1024.0 * 1024.0;

static const char *count_text(char text[COUNT_TEXT_SIZE], double count) {
    return format_count(text, (uint64_t)fmax(0, count));
}

/* "47.3M", or "-" where there is no value. */
static const char *short_text(char text[CELL_SIZE], double value) {
    if (isfinite(value)) {
        format_short(text, CELL_SIZE, value);
    } else {
        (void)snprintf(text, CELL_SIZE, "-");
    }
    return text;
}

/* "46.9M - 47.5M" */
static const char *spread_text(char text[CELL_SIZE], const bench_sample *sample) {
    char least[CELL_SIZE];
    char most[CELL_SIZE];
    (void)snprintf(text, CELL_SIZE, "%.20s - %.20s", short_text(least, sample_least(sample)),
                   short_text(most, sample_most(sample)));
    return text;
}

/* A factor: "1.00", "68.6", "1234". */
static const char *factor_text(char text[CELL_SIZE], double factor) {
    if (!isfinite(factor)) {
        (void)snprintf(text, CELL_SIZE, "-");
    } else {
        (void)snprintf(text, CELL_SIZE, "%.*f", factor < 10 ? 2 : factor < 100 ? 1 : 0, factor);
    }
    return text;
}

/* Seconds with four digits or so: "0.0213", "12.3". */
static const char *seconds_text(char text[CELL_SIZE], double seconds) {
    if (!isfinite(seconds)) {
        (void)snprintf(text, CELL_SIZE, "-");
    } else {
        (void)snprintf(text, CELL_SIZE, "%.*f", seconds < 1 ? 4 : seconds < 100 ? 3 : 1, seconds);
    }
    return text;
}

/* "0.0213 - 0.0250" */
static const char *seconds_spread(char text[CELL_SIZE], const bench_sample *sample) {
    char least[CELL_SIZE];
    char most[CELL_SIZE];
    (void)snprintf(text, CELL_SIZE, "%.20s - %.20s", seconds_text(least, sample_least(sample)),
                   seconds_text(most, sample_most(sample)));
    return text;
}

static const char *percent_text(char text[CELL_SIZE], double share) {
    if (!isfinite(share)) {
        (void)snprintf(text, CELL_SIZE, "-");
    } else {
        (void)snprintf(text, CELL_SIZE, "%.*f%%", share < 0.1 ? 2 : 1, 100 * share);
    }
    return text;
}

static const char *plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

/* ---- where and what ---- */

static void write_gpus(FILE *out, const mxs_devices *surveyed) {
    const mxs_devices_info *const devices = mxs_devices_describe(surveyed);
    for (unsigned i = 0; i < devices->gpu_count; ++i) {
        const mxs_gpu *const gpu = mxs_devices_gpu(surveyed, i);
        (void)fprintf(out, "%-*sGPU %u: %s", LABEL_WIDTH, "", i, gpu->name);
        if (gpu->memory > 0) {
            (void)fprintf(out, ", %.1f GiB", (double)gpu->memory / GIB);
        }
        (void)fprintf(out, "%s%s\n", gpu->reason[0] != '\0' ? ", cannot be used: " : "", gpu->reason);
    }
    if (devices->cuda_reason[0] != '\0') {
        (void)fprintf(out, "%-*sno GPU can be used: %s\n", LABEL_WIDTH, "", devices->cuda_reason);
    }
}

static void write_machine(FILE *out, const bench_record *record) {
    const bench_machine *const machine = &record->machine;
    const mxs_devices_info *const devices = mxs_devices_describe(machine->devices);
    (void)fprintf(out, "%-*s%s\n", LABEL_WIDTH, "Machine", machine->cpu);
    (void)fprintf(out, "%-*s%u of %u cores, %s kernels, %.1f GiB of memory", LABEL_WIDTH, "", devices->cores_available,
                  devices->cores_online, devices->cpu_kernel, machine->memory / GIB);
    if (machine->load >= 0) {
        (void)fprintf(out, ", load %.2f before", machine->load);
    }
    (void)fprintf(out, "\n%-*s%s\n", LABEL_WIDTH, "", machine->system);
    (void)fprintf(out, "%-*s%s%s%s\n", LABEL_WIDTH, "", devices->openblas_core,
                  devices->openblas_core[0] != '\0' ? " kernels of " : "", devices->openblas_config);
    write_gpus(out, machine->devices);
    (void)fprintf(out, "%-*smaxsharpe %s, commit %s, built by %s\n\n", LABEL_WIDTH, "Program", mxs_version(),
                  machine->commit, machine->compiler);
}

static void write_market(FILE *out, const mxs_market_info *market) {
    (void)fprintf(out, "%-*s", LABEL_WIDTH, "Problem");
    if (market->file != NULL) {
        char *const file = copy_as_utf8(market->file);
        if (file != NULL) {
            blank_control_characters(file);
            (void)fprintf(out, "%s: ", file);
        }
        free(file);
    } else {
        (void)fputs("a made-up market: ", out);
    }
    (void)fprintf(out, "%zu asset%s", market->assets, plural(market->assets));
    if (market->periods > 0) { /* a file of moments has none */
        (void)fprintf(out, ", %zu period%s", market->periods, plural(market->periods));
    }
    (void)fputc('\n', out);
}

static void write_problem(FILE *out, const bench_record *record) {
    const mxs_problem_info *const problem = record->problem;
    const mxs_search_info *const search = record->search;
    char portfolios[COUNT_TEXT_SIZE];
    char simulations[COUNT_TEXT_SIZE];
    char total[COUNT_TEXT_SIZE];
    write_market(out, record->market);
    (void)fprintf(out, "%-*s%zu of the assets: %s portfolio%s; ", LABEL_WIDTH, "", problem->assets_per_portfolio,
                  format_count(portfolios, problem->portfolios), plural(problem->portfolios));
    if (search->sampler == MXS_SAMPLER_EQUAL_WEIGHTS) {
        (void)fputs("the bounds leave equal weights alone: one simulation each\n", out);
    } else {
        (void)fprintf(out, "%s simulation%s each, %s in all\n", format_count(simulations, search->simulations),
                      plural(search->simulations), format_count(total, search->simulations_total));
    }
    (void)fprintf(out, "%-*sweights %.4g%% to %.4g%%, seed %llu, %s sampler", LABEL_WIDTH, "",
                  100 * problem->min_weight, 100 * problem->max_weight, (unsigned long long)search->seed,
                  mxs_sampler_name(search->sampler));
    if (search->sampler != MXS_SAMPLER_EQUAL_WEIGHTS) {
        (void)fprintf(
            out, search->sampler == MXS_SAMPLER_REJECTION ? " (acceptance %.3g%%)" : " (rejection would accept %.3g%%)",
            100 * search->acceptance);
    }
    (void)fprintf(out, "\n%-*s%u worker process%s, unless a table says otherwise", LABEL_WIDTH, "", record->workers,
                  record->workers == 1 ? "" : "es");
    if (record->gpu >= 0) {
        (void)fprintf(out, "; GPU %d", record->gpu);
    }
    (void)fputc('\n', out);
}

/* ---- peaks ---- */

static void write_peak(FILE *out, const char *label, const char *of, const bench_peak *peak) {
    (void)fprintf(out, "%-*s%s", LABEL_WIDTH, label, of);
    if (peak->flops.count == 0) {
        (void)fprintf(out, "not measured: %s\n", peak->reason[0] != '\0' ? peak->reason : "interrupted");
        return;
    }
    (void)fprintf(out, "sgemm %.4g Gflop/s (%.4g - %.4g), memory %.3g GB/s (%.3g - %.3g)\n",
                  sample_median(&peak->flops) / GIGA, sample_least(&peak->flops) / GIGA,
                  sample_most(&peak->flops) / GIGA, sample_median(&peak->bandwidth) / GIGA,
                  sample_least(&peak->bandwidth) / GIGA, sample_most(&peak->bandwidth) / GIGA);
}

static void write_peaks(FILE *out, const bench_record *record) {
    if (!record->peaks.asked) {
        return;
    }
    char of[CELL_SIZE];
    (void)snprintf(of, sizeof of, "CPU, %u process%s: ", record->peaks.processes,
                   record->peaks.processes == 1 ? "" : "es");
    (void)fputc('\n', out);
    write_peak(out, "Peak", of, &record->peaks.cpu);
    if (mxs_devices_describe(record->machine.devices)->cuda_reason[0] == '\0') {
        write_peak(out, "", "GPU: ", &record->peaks.gpu);
    }
}

/* ---- ladder ---- */

static void write_rung(FILE *out, const bench_record *record, const ladder_rung *rung) {
    char rate[CELL_SIZE];
    char spread[CELL_SIZE];
    char factor[CELL_SIZE];
    char share[CELL_SIZE];
    char portfolios[COUNT_TEXT_SIZE];
    (void)fprintf(out, "%3d %-17s", rung->number, rung->name);
    if (!rung_ran(rung)) {
        const bool lacks_gpu =
            rung->backend == MXS_BACKEND_CUDA && mxs_devices_describe(record->machine.devices)->cuda_reason[0] != '\0';
        (void)fprintf(out, " %s\n", lacks_gpu ? NO_GPU : rung->reason[0] != '\0' ? rung->reason : "interrupted");
        return;
    }
    const bool all = rung->portfolios == record->ladder.portfolios;
    (void)fprintf(out, " %8s %17s %8s %8s %12s %5zu  %s\n", short_text(rate, sample_median(&rung->rate)),
                  spread_text(spread, &rung->rate), factor_text(factor, rung_factor(&record->ladder, rung)),
                  percent_text(share, rung_peak_share(record, rung)),
                  all ? "all" : format_count(portfolios, rung->portfolios), rung->rate.count,
                  rung->check == CHECK_DIFFERS ? "DIFFERS" : rung_check_name(rung->check));
}

/* The words of the table: its methods, each by what it does that those before it did not, and its columns. */
static void explain_ladder(FILE *out, const bench_ladder *ladder) {
    char portfolios[COUNT_TEXT_SIZE];
    size_t ran = 0;
    for (size_t i = 0; i < ladder->count; ++i) {
        const ladder_rung *const rung = &ladder->rungs[i];
        if (rung_ran(rung)) {
            (void)fprintf(out, "%s    %-17s %s\n", ran++ == 0 ? "\n" : "", rung->name, rung->what);
        }
    }
    if (ran == 0) {
        return;
    }
    (void)fprintf(out,
                  "\n    R: returns, T periods of K assets. W: weights, a row for each of the S simulations\n"
                  "    factor: the rate over that of the first method here, whichever draws the two have\n"
                  "    portfolios: how many of %s a method ran on; slow ones get a sample\n"
                  "    winner: same rank, tile, attempt and Sharpe ratio, bit for bit, as the reference over the\n"
                  "      same portfolios; the reference, one for each kind of draws, as the next fastest\n"
                  "    of peak: K (K + 1) + 2 K = %.0f flops a simulation, the textbook's evaluation without the\n"
                  "      drawing of weights, against the sgemm peak. More than 100%% is possible: a method that\n"
                  "      shares draws or skips variances does less work than that for the same answer\n",
                  format_count(portfolios, ladder->portfolios), ladder->flops_per_simulation);
}

static void write_ladder(FILE *out, const bench_record *record) {
    const bench_ladder *const ladder = &record->ladder;
    if (!ladder->asked) {
        return;
    }
    (void)fprintf(out,
                  "\nLadder     simulations a second by each method, in turn; median (least - most) of the runs\n\n");
    (void)fprintf(out, "%3s %-17s %8s %17s %8s %8s %12s %5s  %s\n", "", "", "median", "least - most", "factor",
                  "of peak", "portfolios", "runs", "winner");
    for (size_t i = 0; i < ladder->count; ++i) {
        write_rung(out, record, &ladder->rungs[i]);
    }
    explain_ladder(out, ladder);
}

/* ---- scaling ---- */

static void write_scaling_row(FILE *out, const bench_scaling *scaling, const scaling_table *table,
                              const scaling_row *row) {
    char cells[6][CELL_SIZE];
    (void)fprintf(out, "   %7u %8s %18s %7.2f %6.1f%% %8s %8s %8s %9s %8.1f\n", row->workers,
                  seconds_text(cells[0], sample_median(&row->seconds)), seconds_spread(cells[1], &row->seconds),
                  scaling_speed_up(table, row), 100 * scaling_efficiency(scaling, table, row),
                  seconds_text(cells[2], sample_median(&row->worker)),
                  seconds_text(cells[3], sample_median(&row->sampling)),
                  seconds_text(cells[4], sample_median(&row->returns)),
                  seconds_text(cells[5], sample_median(&row->variances)), scaling_nanoseconds(table, row));
}

static void write_scaling(FILE *out, const bench_record *record) {
    const bench_scaling *const scaling = &record->scaling;
    if (!scaling->asked) {
        return;
    }
    (void)fprintf(out, "\nScaling    the same simulations by more processes, on %u core%s; seconds, in turn\n",
                  scaling->cores, scaling->cores == 1 ? "" : "s");
    for (size_t i = 0; i < SCALING_TABLES; ++i) {
        const scaling_table *const table = &scaling->tables[i];
        char total[COUNT_TEXT_SIZE];
        (void)fprintf(out, "\n  %s", mxs_evaluator_name(table->evaluator));
        if (table->rows[0].seconds.count == 0) {
            (void)fprintf(out, ": %s\n", table->reason[0] != '\0' ? table->reason : "interrupted");
            continue;
        }
        const size_t runs = table->rows[0].seconds.count;
        (void)fprintf(out, ", %s simulation%s, %zu run%s of each\n", count_text(total, (double)table->simulations),
                      plural((uint64_t)table->simulations), runs, plural(runs));
        (void)fprintf(out, "   %7s %8s %18s %7s %7s %8s %8s %8s %9s %8s\n", "workers", "median", "least - most",
                      "speedup", "effic.", "a worker", "sampling", "returns", "variances", "ns/sim.");
        for (size_t j = 0; j < table->count && table->rows[j].seconds.count > 0; ++j) {
            write_scaling_row(out, scaling, table, &table->rows[j]);
        }
    }
    (void)fputs(
        "\n    effic.: the speedup over the workers, or over the cores where they are fewer\n"
        "    a worker: mean seconds of a worker, and of its parts; where methods are fused, sampling is all\n"
        "    ns/sim.: what a simulation takes of a worker. Where it grows, processes slow each other; more\n"
        "      of them than there are cores share these\n",
        out);
}

/* ---- dealing ---- */

static void write_dealing(FILE *out, const bench_record *record) {
    const bench_dealing *const dealing = &record->dealing;
    char portfolios[COUNT_TEXT_SIZE];
    char cells[5][CELL_SIZE];
    if (!dealing->asked) {
        return;
    }
    (void)fputs("\nDealing    work dealt out as whole portfolios, or within one; simulations a second\n\n", out);
    (void)fprintf(out, "    %-15s %4s %10s %7s %8s %15s %7s %15s %7s\n", "", "K", "portfolios", "in all", "1 worker",
                  "least - most", "all", "least - most", "speedup");
    for (size_t i = 0; i < DEALING_ROWS; ++i) {
        const dealing_row *const row = &dealing->rows[i];
        (void)fprintf(out, "    %-15s %4zu %10s %7s", row->name, row->assets_per_portfolio,
                      format_count(portfolios, row->portfolios), short_text(cells[0], (double)row->simulations));
        if (row->one.count == 0 || row->all.count == 0) {
            (void)fprintf(out, " %s\n", row->reason[0] != '\0' ? row->reason : "interrupted");
            continue;
        }
        (void)fprintf(out, " %8s %15s %7s %15s %7.2f\n", short_text(cells[1], sample_median(&row->one)),
                      spread_text(cells[2], &row->one), short_text(cells[3], sample_median(&row->all)),
                      spread_text(cells[4], &row->all), sample_median(&row->all) / sample_median(&row->one));
    }
}

/* ---- sizes ---- */

static void write_fit(FILE *out, const char *name, const time_fit *fit) {
    char rate[CELL_SIZE];
    if (fit->made) {
        (void)fprintf(out, "    %s: %.4f s to start, then %s simulations a second\n", name, fit->start,
                      short_text(rate, fit->rate));
    }
}

static void write_crossover(FILE *out, double crossover) {
    char simulations[CELL_SIZE];
    if (isnan(crossover)) {
        return;
    }
    if (crossover == 0) {
        (void)fputs("    the GPU is faster at every size\n", out);
    } else if (isinf(crossover)) {
        (void)fputs("    the CPU is faster at every size\n", out);
    } else {
        (void)fprintf(out, "    the GPU is faster from %s simulations on, the CPU below\n",
                      short_text(simulations, crossover));
    }
}

static void write_size_row(FILE *out, const size_row *row) {
    char portfolios[COUNT_TEXT_SIZE];
    char each[COUNT_TEXT_SIZE];
    char simulations[CELL_SIZE];
    char cells[4][CELL_SIZE];
    (void)fprintf(out, "    %4zu %11s %12s %8s %8s %19s", row->assets_per_portfolio,
                  format_count(portfolios, row->portfolios), format_count(each, row->simulations_per_portfolio),
                  short_text(simulations, row->simulations), seconds_text(cells[0], sample_median(&row->cpu)),
                  seconds_spread(cells[1], &row->cpu));
    if (row->gpu.count > 0) {
        (void)fprintf(out, " %8s %19s", seconds_text(cells[2], sample_median(&row->gpu)),
                      seconds_spread(cells[3], &row->gpu));
    }
    (void)fputc('\n', out);
}

static void write_sizes(FILE *out, const bench_record *record) {
    const bench_sizes *const sizes = &record->sizes;
    if (!sizes->asked) {
        return;
    }
    const bool has_gpu = sizes->gpu_reason[0] == '\0';
    (void)fputs("\nSizes      seconds of a whole run, by the evaluator that auto takes\n", out);
    if (!has_gpu) {
        (void)fprintf(
            out, "           the CPU's alone: %s\n",
            mxs_devices_describe(record->machine.devices)->cuda_reason[0] != '\0' ? NO_GPU : sizes->gpu_reason);
    }
    for (size_t i = 0; i < SIZE_SERIES; ++i) {
        const size_series *const series = &sizes->series[i];
        if (series->name == NULL) {
            continue;
        }
        const bool missed = series->count == 0 && !record->complete; /* interrupted before its turn */
        const char *const reason = series->reason[0] == '\0' && missed ? "interrupted" : series->reason;
        (void)fprintf(out, "\n  more %s%s%s\n", series->name, reason[0] != '\0' ? ": " : "", reason);
        if (series->count > 0) {
            (void)fprintf(out, "    %4s %11s %12s %8s %8s %19s", "K", "portfolios", "S", "in all", "CPU",
                          "least - most");
            (void)fprintf(out, has_gpu ? " %8s %19s\n" : "\n", "GPU", "least - most");
        }
        for (size_t j = 0; j < series->count; ++j) {
            write_size_row(out, &series->rows[j]);
        }
        write_fit(out, "CPU", &series->cpu);
        write_fit(out, "GPU", &series->gpu);
        write_crossover(out, series->crossover);
    }
}

void write_bench_text(FILE *out, const bench_record *record) {
    (void)fprintf(out, "maxsharpe bench%s, %s: %.1f s%s\n\n", record->quick ? " --quick" : "", record->machine.date,
                  record->seconds, record->complete ? "" : " (INCOMPLETE: interrupted)");
    write_machine(out, record);
    write_problem(out, record);
    write_peaks(out, record);
    write_ladder(out, record);
    write_scaling(out, record);
    write_dealing(out, record);
    write_sizes(out, record);
}
