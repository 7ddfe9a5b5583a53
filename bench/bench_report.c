#include "bench_report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_values(const void *a, const void *b) {
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

struct bench_figure bench_figure_of(const char *name, const char *unit, struct bench_sample *sample, double scale) {
    struct bench_figure figure = {.name = name, .unit = unit, .runs = sample->runs, .target = (double)NAN};
    if (sample->runs == 0) {
        return figure;
    }
    const size_t count = (size_t)sample->runs;
    qsort(sample->values, count, sizeof sample->values[0], compare_values);
    figure.median = scale * 0.5 * (sample->values[(count - 1) / 2] + sample->values[count / 2]);
    figure.min = scale * sample->values[0];
    figure.max = scale * sample->values[count - 1];
    return figure;
}

json_t *bench_report_create(const char *date) {
    return json_pack("{s:s, s:s, s:[], s:{}}", "schema", BENCH_SCHEMA, "date", date, "figures", "checks");
}

void bench_report_add(json_t *report, const struct bench_figure *figure) {
    json_t *item = json_pack("{s:s, s:s, s:f, s:f, s:f, s:i}", "name", figure->name, "unit", figure->unit, "median",
                             figure->median, "min", figure->min, "max", figure->max, "runs", figure->runs);
    if (item == NULL) {
        return;
    }
    if (!isnan(figure->target)) {
        const int is_met =
            figure->is_higher_better ? figure->median >= figure->target : figure->median <= figure->target;
        (void)json_object_set_new(item, "target", json_real(figure->target));
        (void)json_object_set_new(item, "target_met", json_boolean(is_met));
    }
    if (figure->simulations_per_second > 0.0) {
        (void)json_object_set_new(item, "simulations_per_second", json_real(figure->simulations_per_second));
    }
    if (figure->note != NULL) {
        (void)json_object_set_new(item, "note", json_string(figure->note));
    }
    (void)json_array_append_new(json_object_get(report, "figures"), item);
}

void bench_report_check(json_t *report, const char *name, const char *outcome) {
    (void)json_object_set_new(json_object_get(report, "checks"), name, json_string(outcome));
}

static int is_failure(const char *outcome) {
    return strcmp(outcome, "pass") != 0 && strncmp(outcome, "skip", 4) != 0;
}

int bench_report_is_clean(const json_t *report) {
    const char *name = NULL;
    json_t *outcome = NULL;
    json_object_foreach(json_object_get(report, "checks"), name, outcome) {
        if (is_failure(json_string_value(outcome))) {
            return 0;
        }
    }
    return 1;
}

static void print_figure(const json_t *figure) {
    const json_t *target = json_object_get(figure, "target");
    const json_t *rate = json_object_get(figure, "simulations_per_second");
    char target_text[32] = "";
    char rate_text[32] = "";
    if (target != NULL) {
        (void)snprintf(target_text, sizeof target_text, "%.4g %s", json_number_value(target),
                       json_is_true(json_object_get(figure, "target_met")) ? "met" : "MISSED");
    }
    if (rate != NULL) {
        (void)snprintf(rate_text, sizeof rate_text, "%.3g/s", json_number_value(rate));
    }
    (void)printf("%-52s %10.4g %10.4g %10.4g %-6s %5d  %-14s %s\n", json_string_value(json_object_get(figure, "name")),
                 json_number_value(json_object_get(figure, "median")),
                 json_number_value(json_object_get(figure, "min")), json_number_value(json_object_get(figure, "max")),
                 json_string_value(json_object_get(figure, "unit")),
                 (int)json_integer_value(json_object_get(figure, "runs")), target_text, rate_text);
    const json_t *note = json_object_get(figure, "note");
    if (note != NULL) {
        (void)printf("    %s\n", json_string_value(note));
    }
}

void bench_report_print(const json_t *report) {
    size_t at = 0;
    json_t *item = NULL;
    const char *name = NULL;
    (void)printf("%-52s %10s %10s %10s %-6s %5s  %-14s %s\n", "figure", "median", "min", "max", "unit", "runs",
                 "target", "simulations");
    json_array_foreach(json_object_get(report, "figures"), at, item) {
        print_figure(item);
    }
    json_object_foreach(json_object_get(report, "checks"), name, item) {
        (void)printf("check %-46s %s\n", name, json_string_value(item));
    }
    (void)fflush(stdout);
}

int bench_report_write(const json_t *report, const char *path) {
    char beside[4096];
    const int length = snprintf(beside, sizeof beside, "%s.part", path);
    if (length < 0 || (size_t)length >= sizeof beside || json_dump_file(report, beside, JSON_INDENT(2)) != 0 ||
        rename(beside, path) != 0) {
        (void)fprintf(stderr, "bench_gpu: %s cannot be written: %s\n", path, strerror(errno));
        (void)remove(beside);
        return -1;
    }
    return 0;
}
