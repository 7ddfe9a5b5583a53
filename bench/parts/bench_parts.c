/* bench_parts [K [SECONDS]]: what each part of an evaluator costs on one core, before and after a change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engines/cpu/lanes/triangle.h"
#include "parts.h"

extern const struct parts_table mxsi_parts_baseline;
#ifdef MXSI_HAVE_LANES_AVX2
extern const struct parts_table mxsi_parts_avx2;
#endif
#ifdef MXSI_HAVE_LANES_AVX512
extern const struct parts_table mxsi_parts_avx512;
#endif

enum { RUNS = 11 };

static const struct parts_table *table_of(const char *name) {
#ifdef MXSI_HAVE_LANES_AVX2
    if (strcmp(name, "avx2") == 0) {
        return &mxsi_parts_avx2;
    }
#endif
#ifdef MXSI_HAVE_LANES_AVX512
    if (strcmp(name, "avx512") == 0) {
        return &mxsi_parts_avx512;
    }
#endif
    return &mxsi_parts_baseline;
}

static void *allocate(size_t bytes) {
    const size_t lines = (bytes + 63) / 64 * 64;
    void *memory = aligned_alloc(64, lines);
    if (memory == NULL) {
        (void)fprintf(stderr, "bench_parts: not enough memory\n");
        exit(1);
    }
    return memset(memory, 0, lines);
}

static struct parts_arrays arrays_of(uint32_t k) {
    const size_t row = PARTS_STRIDE * sizeof(float);
    struct parts_arrays arrays = {
        .k = k,
        .x = allocate(k * row),
        .sum = allocate(row),
        .largest = allocate(row),
        .upper = allocate(row),
        .variance = allocate(row),
        .mask = allocate(row),
        .excess = allocate(k * sizeof(float)),
        .ruling_out = allocate((size_t)PARTS_PORTFOLIOS * k * sizeof(float)),
        .triangle = allocate(mxsi_triangle_size(k) * sizeof(float)),
    };
    for (uint32_t i = 0; i < k; ++i) {
        arrays.excess[i] = 1.0f / (float)(i + 1);
    }
    for (size_t i = 0; i < (size_t)PARTS_PORTFOLIOS * k; ++i) {
        arrays.ruling_out[i] = -1.0f / (float)(i % 7 + 1);
    }
    for (size_t i = 0; i < mxsi_triangle_size(k); ++i) {
        arrays.triangle[i] = 1.0f / (float)(i % 5 + 1);
    }
    return arrays;
}

static void free_arrays(const struct parts_arrays *arrays) {
    free(arrays->x);
    free(arrays->sum);
    free(arrays->largest);
    free(arrays->upper);
    free(arrays->variance);
    free(arrays->mask);
    free(arrays->excess);
    free(arrays->ruling_out);
    free(arrays->triangle);
}

/* Of this process on a core, whatever else the machine does. */
static double cpu_seconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double seconds_of(const struct part *part, struct parts_arrays *arrays, uint64_t calls) {
    const double begin = cpu_seconds();
    for (uint64_t i = 0; i < calls; ++i) {
        part->run(arrays);
    }
    return cpu_seconds() - begin;
}

static int compare(const void *a, const void *b) {
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void measure(const struct part *part, struct parts_arrays *arrays, double seconds) {
    uint64_t calls = 1;
    while (seconds_of(part, arrays, calls) < seconds / RUNS / 4) {
        calls *= 2;
    }
    double rates[RUNS];
    const uint64_t simulations = part->simulations == 0 ? PARTS_ATTEMPTS : part->simulations;
    for (int run = 0; run < RUNS; ++run) {
        rates[run] = (double)(simulations * calls) / seconds_of(part, arrays, calls);
    }
    qsort(rates, RUNS, sizeof *rates, compare);
    printf("%-9s %-15s %9.2f %9.2f %9.2f  %s\n", arrays->lanes->name, part->name, 1e-6 * rates[RUNS / 2],
           1e-6 * rates[0], 1e-6 * rates[RUNS - 1], part->what);
}

int main(int count, char **words) {
    const long k = count > 1 ? strtol(words[1], NULL, 10) : 25;
    const double seconds = count > 2 ? strtod(words[2], NULL) : 0.5;
    if (k < 1 || k > PARTS_MAX_ASSETS || !(seconds > 0.0)) {
        (void)fprintf(stderr, "usage: bench_parts [K, 1 to %d [SECONDS a part]]\n", PARTS_MAX_ASSETS);
        return 2;
    }
    printf("K = %ld, one core, million simulations a second: median, least, most of %d\n", k, RUNS);
    struct parts_arrays arrays = arrays_of((uint32_t)k);
    for (unsigned i = 0; mxsi_lanes_at(i) != NULL; ++i) {
        arrays.lanes = mxsi_lanes_at(i);
        const struct parts_table *table = table_of(arrays.lanes->name);
        for (unsigned part = 0; part < table->count; ++part) {
            measure(&table->parts[part], &arrays, seconds);
        }
    }
    free_arrays(&arrays);
    return 0;
}
