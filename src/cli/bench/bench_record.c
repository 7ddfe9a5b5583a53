#include "cli/bench/bench_record.h"

#include <math.h>

double rung_peak_share(const bench_record *record, const ladder_rung *rung) {
    const bench_peak *const peak = rung->backend == MXS_BACKEND_CUDA ? &record->peaks.gpu : &record->peaks.cpu;
    return sample_median(&rung->rate) * record->ladder.flops_per_simulation / sample_median(&peak->flops);
}

double rung_memory_share(const bench_record *record, const ladder_rung *rung) {
    if (rung->backend != MXS_BACKEND_CUDA || rung->evaluator != MXS_EVALUATOR_STAGED) {
        return (double)NAN;
    }
    const double bytes = 3.0 * sizeof(float) * (double)record->problem->assets_per_portfolio;
    return sample_median(&rung->rate) * bytes / sample_median(&record->peaks.gpu.bandwidth);
}
