#include "cli/bench/bench_peaks.h"

#include <math.h>
#include <stdio.h>

#include "cli/terminal/printable_text.h"

/* Seconds of one measurement. */
static const double LONGEST = 0.5;

/* One measurement more, or the reason against it. */
static bool take(bench_peak *peak, mxs_status status, const mxs_peak *measured, const mxs_error *error) {
    if (status != MXS_OK) {
        (void)snprintf(peak->reason, sizeof peak->reason, "%.*s", BENCH_REASON_SIZE - 1, error->message);
        blank_control_characters(peak->reason);
        return false;
    }
    sample_add(&peak->flops, measured->sgemm_flops);
    sample_add(&peak->bandwidth, measured->memory_bandwidth);
    return true;
}

void bench_peaks_measure(bench_session *session, double seconds, bench_peaks *peaks) {
    mxs_peak measured = {.sgemm_flops = 0};
    mxs_error error = {.status = MXS_OK};
    *peaks = (bench_peaks){.asked = true, .processes = session->workers};
    /* Several short measurements: they have a spread, and a signal is heard between them. */
    const double each = fmin(LONGEST, seconds / (double)session->repeats);
    for (size_t i = 0; i < session->repeats && !session_interrupted(session); ++i) {
        session_step(session, "peak of the CPU, %zu of %zu", i + 1, session->repeats);
        const mxs_status status = mxs_peak_measure_cpu(session->workers, each, &measured, sizeof measured, &error);
        if (!take(&peaks->cpu, status, &measured, &error)) {
            break;
        }
    }
    if (session->gpu < 0) {
        (void)snprintf(peaks->gpu.reason, sizeof peaks->gpu.reason, "%s", session->gpu_reason);
        return;
    }
    double last = 0;
    for (size_t i = 0; session_repeats(session, i, last); ++i) {
        session_step(session, "peak of GPU %d, %zu of %zu", session->gpu, i + 1, session->repeats);
        const double start = session_elapsed(session);
        const mxs_status status = mxs_peak_measure_gpu(session->gpu, &measured, sizeof measured, &error);
        last = session_elapsed(session) - start;
        if (!take(&peaks->gpu, status, &measured, &error)) {
            break;
        }
    }
}
