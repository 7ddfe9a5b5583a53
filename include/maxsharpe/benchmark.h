/* What a machine can do at most, for the benchmark to hold searches against. */
#ifndef MAXSHARPE_BENCHMARK_H
#define MAXSHARPE_BENCHMARK_H

#include <stddef.h>

#include "maxsharpe/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Measured rates. New members are appended. */
typedef struct mxs_peak {
    double sgemm_flops;      /* floating-point operations a second of single-precision matrix products (a multiply and
                                an add are two), of all processes or of the GPU */
    double memory_bandwidth; /* bytes read and written a second by a copy of arrays beyond the caches */
} mxs_peak;

/* Measures the CPU: `processes` at once (0: one a core this process may use), each with one thread of OpenBLAS, for
 * about `seconds` in all. Forks. peak_size: sizeof(mxs_peak) of the caller.
 * Returns MXS_OK; MXS_ERROR_ARGUMENT (seconds not above 0, or more than an hour); MXS_ERROR_BACKEND (OpenBLAS cannot be
 * loaded); MXS_ERROR_MEMORY; MXS_ERROR_RUN (a process cannot be started, or one died or hung). */
MXS_API MXS_NODISCARD mxs_status mxs_peak_measure_cpu(unsigned processes, double seconds, mxs_peak *peak,
                                                      size_t peak_size, mxs_error *error);

/* Measures a GPU, by cuBLAS's SGEMM and a device-to-device copy, in a process of its own. device: as CUDA counts them.
 * Returns MXS_OK; MXS_ERROR_BACKEND (no plug-in, no driver, no such device, or it failed; the message says which);
 * MXS_ERROR_MEMORY; MXS_ERROR_RUN. */
MXS_API MXS_NODISCARD mxs_status mxs_peak_measure_gpu(int device, mxs_peak *peak, size_t peak_size, mxs_error *error);

#ifdef __cplusplus
}
#endif

#endif
