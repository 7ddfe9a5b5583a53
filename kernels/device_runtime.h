/* What the engine asks of a device: memory, copies, launches, products, times. Two implementations of one list:
 * device_runtime_cuda.cuh on the CUDA runtime and cuBLAS, tests/gpu_on_cpu/cpu_device_runtime.h on plain memory.
 *
 * A device has MXSI_GPU_QUEUES queues, each a stream: what is asked of a queue happens in order, queues overlap.
 * Functions that can fail return 0, or -1 and one line in reason[MXSI_GPU_REASON_SIZE]. */
#ifndef MAXSHARPE_DEVICE_RUNTIME_H
#define MAXSHARPE_DEVICE_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include "engines/gpu/gpu_plugin_contract.h"

enum { MXSI_DEVICE_MARKS = 4 };

struct mxsi_device;

/* image: host memory to pin, so that copies from it overlap; where pinning fails, is_pinned says so. NULL: none. */
int mxsi_device_open(int ordinal, void *image, size_t image_size, mxsi_device **device, char *reason);
void mxsi_device_close(mxsi_device *device);
int mxsi_device_is_pinned(const mxsi_device *device);
size_t mxsi_device_free_memory(mxsi_device *device);
int mxsi_device_multiprocessors(const mxsi_device *device);
void mxsi_device_name(const mxsi_device *device, char *text, size_t text_size);

/* Zeroed device memory; host memory that copies overlap with. */
int mxsi_device_allocate(mxsi_device *device, size_t bytes, void **memory, char *reason);
void mxsi_device_release(mxsi_device *device, void *memory);
int mxsi_device_allocate_host(mxsi_device *device, size_t bytes, void **memory, char *reason);
void mxsi_device_release_host(mxsi_device *device, void *memory);

int mxsi_device_upload(mxsi_device *device, int queue, void *to, const void *from, size_t bytes, char *reason);
int mxsi_device_download(mxsi_device *device, int queue, void *to, const void *from, size_t bytes, char *reason);

/* C[i] (m x n) = A[i] (m x k) B[i] (k x n), column-major floats, for i < batch: cuBLAS, strided-batched. */
struct mxsi_device_product {
    int m, n, k;
    const float *a, *b;
    float *c;
    int lda, ldb, ldc;
    long long stride_a, stride_b, stride_c; /* floats from one matrix to the next */
    int batch;
};
int mxsi_device_multiply(mxsi_device *device, int queue, const mxsi_device_product *product, char *reason);

/* Marks a moment in a queue's order; after mxsi_device_wait the seconds between two marks can be read. */
int mxsi_device_mark(mxsi_device *device, int queue, int mark, char *reason);
float mxsi_device_seconds(mxsi_device *device, int queue, int from_mark, int to_mark);
int mxsi_device_wait(mxsi_device *device, int queue, char *reason);

/* MXSI_LAUNCH(device, queue, reason, kernel, blocks, threads, arguments...): starts a kernel in a queue. A kernel that
 * is a template with several arguments goes in parentheses. */

#endif
