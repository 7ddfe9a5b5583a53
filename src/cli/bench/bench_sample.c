#include "cli/bench/bench_sample.h"

#include <math.h>

void sample_add(bench_sample *sample, double value) {
    if (sample->count == SAMPLE_LIMIT) {
        return;
    }
    size_t at = sample->count++;
    for (; at > 0 && sample->values[at - 1] > value; --at) {
        sample->values[at] = sample->values[at - 1];
    }
    sample->values[at] = value;
}

double sample_median(const bench_sample *sample) {
    if (sample->count == 0) {
        return (double)NAN;
    }
    return 0.5 * (sample->values[(sample->count - 1) / 2] + sample->values[sample->count / 2]);
}

double sample_least(const bench_sample *sample) {
    return sample->count == 0 ? (double)NAN : sample->values[0];
}

double sample_most(const bench_sample *sample) {
    return sample->count == 0 ? (double)NAN : sample->values[sample->count - 1];
}
