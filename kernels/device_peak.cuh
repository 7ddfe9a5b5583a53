/* What a device can do at most: a plain copy, and cuBLAS's product of matrices. Written against device_runtime.h, so
 * that the tests run the same code on the CPU. Functions that can fail return 0, or -1 and one line in
 * reason[MXSI_GPU_REASON_SIZE]. */
#ifndef MAXSHARPE_DEVICE_PEAK_CUH
#define MAXSHARPE_DEVICE_PEAK_CUH

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "device_runtime.h"
#include "kernel_language.h"
#include "sampling/exponential.h"

enum {
    MXSI_PEAK_THREADS = 512,
    MXSI_PEAK_BLOCKS = 16,     /* of a multiprocessor: enough to keep its memory requests in flight */
    MXSI_PEAK_MOST_ROWS = 4096 /* 137 GFLOP: milliseconds on a large GPU, a blink on a small one */
};

/* Numbers in [-1/2, 1/2) without a pattern: a GPU that multiplies zeros needs less power, and clocks higher. */
static MXSI_HOST_DEVICE float mxsi_peak_value(size_t i) {
    return (float)(((uint32_t)i * 2654435761u) >> 8) * 0x1p-24f - 0.5f;
}

static MXSI_KERNEL_BOUNDS(MXSI_PEAK_THREADS, 1) mxsi_peak_fill_kernel(float *to, size_t count) {
    const size_t step = (size_t)gridDim.x * MXSI_PEAK_THREADS;
    for (size_t i = (size_t)blockIdx.x * MXSI_PEAK_THREADS + threadIdx.x; i < count; i += step) {
        to[i] = mxsi_peak_value(i);
    }
}

static MXSI_KERNEL_BOUNDS(MXSI_PEAK_THREADS, 1)
    mxsi_peak_copy_kernel(float4 *__restrict__ to, const float4 *__restrict__ from, size_t count) {
    const size_t step = (size_t)gridDim.x * MXSI_PEAK_THREADS;
    for (size_t i = (size_t)blockIdx.x * MXSI_PEAK_THREADS + threadIdx.x; i < count; i += step) {
        to[i] = from[i];
    }
}

/* Seconds, by the device's clock, of what launch() puts into its first queue. */
template <class Launch>
static inline int mxsi_peak_time(mxsi_device *device, double *seconds, char *reason, Launch launch) {
    if (mxsi_device_mark(device, 0, 0, reason) != 0 || launch() != 0 || mxsi_device_mark(device, 0, 1, reason) != 0 ||
        mxsi_device_wait(device, 0, reason) != 0) {
        return -1;
    }
    *seconds = (double)mxsi_device_seconds(device, 0, 0, 1);
    if (*seconds > 0.0) {
        return 0;
    }
    (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "the device's clock does not tell how long a kernel took");
    return -1;
}

/* The median of several times, after a warm-up. */
template <class Launch>
static inline int mxsi_peak_median(mxsi_device *device, double *seconds, char *reason, Launch launch) {
    enum { WARM_UP = 3, RUNS = 9 };
    double sorted[RUNS];
    for (int i = -WARM_UP; i < RUNS; ++i) {
        double taken = 0.0;
        if (mxsi_peak_time(device, &taken, reason, launch) != 0) {
            return -1;
        }
        if (i < 0) {
            continue;
        }
        int at = i;
        for (; at > 0 && sorted[at - 1] > taken; --at) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = taken;
    }
    *seconds = sorted[RUNS / 2];
    return 0;
}

static inline int mxsi_peak_fill(mxsi_device *device, void *memory, size_t bytes, char *reason) {
    return MXSI_LAUNCH(device, 0, reason, mxsi_peak_fill_kernel, mxsi_device_multiprocessors(device) * MXSI_PEAK_BLOCKS,
                       MXSI_PEAK_THREADS, (float *)memory, bytes / sizeof(float));
}

/* Whether what was timed was right, by one number of it. */
static inline int mxsi_peak_check(mxsi_device *device, const float *at, double expected, double tolerance,
                                  char *reason) {
    float found = 0.0f;
    if (mxsi_device_download(device, 0, &found, at, sizeof found, reason) != 0 ||
        mxsi_device_wait(device, 0, reason) != 0) {
        return -1;
    }
    if ((double)found >= expected - tolerance && (double)found <= expected + tolerance) {
        return 0;
    }
    (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "what was timed is wrong: %g instead of %g", (double)found, expected);
    return -1;
}

/* ---- memory ---- */

struct mxsi_peak_copy {
    void *from;
    void *to;
    size_t count; /* of float4 */
};

static inline void mxsi_peak_copy_end(mxsi_device *device, mxsi_peak_copy *copy) {
    mxsi_device_release(device, copy->from);
    mxsi_device_release(device, copy->to);
}

/* Two arrays of `bytes`. To be ended even where it fails. */
static inline int mxsi_peak_copy_begin(mxsi_device *device, size_t bytes, mxsi_peak_copy *copy, char *reason) {
    copy->from = NULL;
    copy->to = NULL;
    copy->count = bytes / sizeof(float4);
    const size_t size = copy->count * sizeof(float4);
    return mxsi_device_allocate(device, size, &copy->from, reason) != 0 ||
                   mxsi_device_allocate(device, size, &copy->to, reason) != 0 ||
                   mxsi_peak_fill(device, copy->from, size, reason) != 0
               ? -1
               : 0;
}

static inline int mxsi_peak_copy_launch(mxsi_device *device, const mxsi_peak_copy *copy, char *reason) {
    return MXSI_LAUNCH(device, 0, reason, mxsi_peak_copy_kernel, mxsi_device_multiprocessors(device) * MXSI_PEAK_BLOCKS,
                       MXSI_PEAK_THREADS, (float4 *)copy->to, (const float4 *)copy->from, copy->count);
}

/* Read and written. */
static inline double mxsi_peak_copy_bytes(const mxsi_peak_copy *copy) {
    return 2.0 * (double)(copy->count * sizeof(float4));
}

static inline int mxsi_peak_measure_copy(mxsi_device *device, size_t budget, double *bandwidth, char *reason) {
    const size_t most = (size_t)1 << 30; /* far larger than any cache */
    mxsi_peak_copy copy;
    double seconds = 0.0;
    int failed =
        mxsi_peak_copy_begin(device, budget / 2 < most ? budget / 2 : most, &copy, reason) != 0 ||
        mxsi_peak_median(device, &seconds, reason, [&] { return mxsi_peak_copy_launch(device, &copy, reason); }) != 0;
    const size_t last = copy.count * (sizeof(float4) / sizeof(float)) - 1;
    failed = failed ||
             mxsi_peak_check(device, (const float *)copy.to + last, (double)mxsi_peak_value(last), 0.0, reason) != 0;
    *bandwidth = failed ? 0.0 : mxsi_peak_copy_bytes(&copy) / seconds;
    mxsi_peak_copy_end(device, &copy);
    return failed ? -1 : 0;
}

/* ---- products ---- */

/* Whether the last element of the product is what double makes of it, but for n roundings of partial sums. */
static inline int mxsi_peak_check_product(mxsi_device *device, size_t n, const float *product, char *reason) {
    double sum = 0.0;
    double size = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double term = (double)mxsi_peak_value(i * n + n - 1) * (double)mxsi_peak_value((n - 1) * n + i);
        sum += term;
        size += fabs(term);
    }
    return mxsi_peak_check(device, product + n * n - 1, sum, (double)n * 0x1p-24 * size, reason);
}

static inline int mxsi_peak_measure_sgemm(mxsi_device *device, size_t budget, double *flops, char *reason) {
    enum { STEP = 64 };
    size_t n = STEP;
    while (n < MXSI_PEAK_MOST_ROWS && 3 * (n + STEP) * (n + STEP) * sizeof(float) <= budget) {
        n += STEP;
    }
    const size_t bytes = n * n * sizeof(float);
    void *matrices[3] = {NULL, NULL, NULL};
    int failed = 0;
    for (int i = 0; i < 3 && !failed; ++i) {
        failed = mxsi_device_allocate(device, bytes, &matrices[i], reason) != 0 ||
                 mxsi_peak_fill(device, matrices[i], bytes, reason) != 0;
    }
    const int rows = (int)n;
    const mxsi_device_product product = {
        rows,
        rows,
        rows,
        (const float *)matrices[0],
        (const float *)matrices[1],
        (float *)matrices[2],
        rows,
        rows,
        rows,
        0,
        0,
        0,
        1,
    };
    double seconds = 0.0;
    failed = failed || mxsi_peak_median(device, &seconds, reason,
                                        [&] { return mxsi_device_multiply(device, 0, &product, reason); }) != 0;
    failed = failed || mxsi_peak_check_product(device, n, (const float *)matrices[2], reason) != 0;
    for (int i = 0; i < 3; ++i) {
        mxsi_device_release(device, matrices[i]);
    }
    *flops = failed ? 0.0 : 2.0 * (double)n * (double)n * (double)n / seconds;
    return failed ? -1 : 0;
}

/* budget: bytes of device memory; 0: half of what is free. */
static inline int mxsi_peak_measure(int ordinal, size_t budget, struct mxsi_gpu_peak *peak, char *reason) {
    memset(peak, 0, sizeof *peak);
    mxsi_device *device = NULL;
    if (mxsi_device_open(ordinal, NULL, 0, &device, reason) != 0) {
        return -1;
    }
    const size_t memory = budget != 0 ? budget : mxsi_device_free_memory(device) / 2;
    const int failed = mxsi_peak_measure_copy(device, memory, &peak->memory_bandwidth, reason) != 0 ||
                       mxsi_peak_measure_sgemm(device, memory, &peak->sgemm_flops, reason) != 0;
    mxsi_device_close(device);
    return failed ? -1 : 0;
}

#endif
