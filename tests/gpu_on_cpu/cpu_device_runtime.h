/* kernels/device_runtime.h on plain memory: everything happens at once and in order, kernels run by block_runner.cpp.
 */
#ifndef MAXSHARPE_CPU_DEVICE_RUNTIME_H
#define MAXSHARPE_CPU_DEVICE_RUNTIME_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device_runtime.h"
#include "kernel_language.h"

struct mxsi_device {
    int ordinal;
    size_t allocations_left; /* before the device says that its memory is full */
    timespec marks[MXSI_GPU_QUEUES][MXSI_DEVICE_MARKS];
};

#define MXSI_LAUNCH(device, queue, reason, kernel, blocks, threads, ...) \
    ((void)(device), (void)(queue), (void)(reason),                      \
     mxsi_cpu_launch(kernel, dim3(blocks), dim3(threads), 0, __VA_ARGS__), 0)

inline int mxsi_device_open(int ordinal, void *, size_t, mxsi_device **device, char *reason) {
    *device = static_cast<mxsi_device *>(calloc(1, sizeof **device));
    if (*device == nullptr) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "not enough memory");
        return -1;
    }
    (*device)->ordinal = ordinal;
    (*device)->allocations_left = SIZE_MAX;
    return 0;
}

inline void mxsi_device_close(mxsi_device *device) {
    free(device);
}

inline int mxsi_device_is_pinned(const mxsi_device *) {
    return 1;
}

inline size_t mxsi_device_free_memory(mxsi_device *) {
    return (size_t)32 << 20;
}

inline int mxsi_device_multiprocessors(const mxsi_device *) {
    return 1;
}

inline void mxsi_device_name(const mxsi_device *device, char *text, size_t text_size) {
    (void)snprintf(text, text_size, "kernels on the CPU, device %d", device->ordinal);
}

inline int mxsi_device_allocate(mxsi_device *device, size_t bytes, void **memory, char *reason) {
    *memory = device->allocations_left-- == 0 ? nullptr : calloc(1, bytes == 0 ? 1 : bytes);
    if (*memory == nullptr) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "out of memory");
        return -1;
    }
    return 0;
}

inline void mxsi_device_release(mxsi_device *, void *memory) {
    free(memory);
}

inline int mxsi_device_allocate_host(mxsi_device *device, size_t bytes, void **memory, char *reason) {
    return mxsi_device_allocate(device, bytes, memory, reason);
}

inline void mxsi_device_release_host(mxsi_device *, void *memory) {
    free(memory);
}

inline int mxsi_device_upload(mxsi_device *, int, void *to, const void *from, size_t bytes, char *) {
    memcpy(to, from, bytes);
    return 0;
}

inline int mxsi_device_download(mxsi_device *, int, void *to, const void *from, size_t bytes, char *) {
    memcpy(to, from, bytes);
    return 0;
}

inline int mxsi_device_multiply(mxsi_device *, int, const mxsi_device_product *p, char *) {
    for (int matrix = 0; matrix < p->batch; ++matrix) {
        const float *a = p->a + matrix * p->stride_a;
        const float *b = p->b + matrix * p->stride_b;
        float *c = p->c + matrix * p->stride_c;
        for (int column = 0; column < p->n; ++column) {
            for (int row = 0; row < p->m; ++row) {
                c[(size_t)column * (size_t)p->ldc + (size_t)row] = 0.0f;
            }
            for (int i = 0; i < p->k; ++i) {
                const float factor = b[(size_t)column * (size_t)p->ldb + (size_t)i];
                for (int row = 0; row < p->m; ++row) {
                    c[(size_t)column * (size_t)p->ldc + (size_t)row] +=
                        a[(size_t)i * (size_t)p->lda + (size_t)row] * factor;
                }
            }
        }
    }
    return 0;
}

inline int mxsi_device_mark(mxsi_device *device, int queue, int mark, char *) {
    (void)clock_gettime(CLOCK_MONOTONIC, &device->marks[queue][mark]);
    return 0;
}

inline float mxsi_device_seconds(mxsi_device *device, int queue, int from_mark, int to_mark) {
    const timespec &from = device->marks[queue][from_mark];
    const timespec &to = device->marks[queue][to_mark];
    return static_cast<float>(to.tv_sec - from.tv_sec) + 1e-9f * static_cast<float>(to.tv_nsec - from.tv_nsec);
}

inline int mxsi_device_wait(mxsi_device *, int, char *) {
    return 0;
}

#endif
