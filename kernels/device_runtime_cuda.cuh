/* device_runtime.h on the CUDA runtime and cuBLAS. Every call is checked, with the place and CUDA's own words. */
#ifndef MAXSHARPE_DEVICE_RUNTIME_CUDA_CUH
#define MAXSHARPE_DEVICE_RUNTIME_CUDA_CUH

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <stdio.h>
#include <stdlib.h>

#include "device_runtime.h"

struct mxsi_device {
    int ordinal;
    cudaDeviceProp properties;
    void *image;
    int is_pinned;
    cudaStream_t streams[MXSI_GPU_QUEUES];
    cublasHandle_t blas[MXSI_GPU_QUEUES];
    cudaEvent_t marks[MXSI_GPU_QUEUES][MXSI_DEVICE_MARKS];
};

static inline int mxsi_cuda_failed(cudaError_t error, const char *file, int line, char *reason) {
    if (error == cudaSuccess) {
        return 0;
    }
    const char *slash = strrchr(file, '/');
    (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "%s (%s:%d: %s)", cudaGetErrorString(error),
                   slash == NULL ? file : slash + 1, line, cudaGetErrorName(error));
    return -1;
}

static inline int mxsi_cublas_failed(cublasStatus_t status, const char *file, int line, char *reason) {
    if (status == CUBLAS_STATUS_SUCCESS) {
        return 0;
    }
    const char *slash = strrchr(file, '/');
    (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "cuBLAS: %s (%s:%d)", cublasGetStatusString(status),
                   slash == NULL ? file : slash + 1, line);
    return -1;
}

#define MXSI_CUDA(call, reason) mxsi_cuda_failed((call), __FILE__, __LINE__, (reason))
#define MXSI_CUBLAS(call, reason) mxsi_cublas_failed((call), __FILE__, __LINE__, (reason))

#define MXSI_LAUNCH(device, queue, reason, kernel, blocks, threads, ...) \
    (kernel<<<(blocks), (threads), 0, (device)->streams[queue]>>>(__VA_ARGS__), MXSI_CUDA(cudaGetLastError(), reason))

inline void mxsi_device_close(mxsi_device *device) {
    if (device == NULL) {
        return;
    }
    for (int queue = 0; queue < MXSI_GPU_QUEUES; ++queue) {
        for (int mark = 0; mark < MXSI_DEVICE_MARKS; ++mark) {
            if (device->marks[queue][mark] != NULL) {
                (void)cudaEventDestroy(device->marks[queue][mark]);
            }
        }
        if (device->blas[queue] != NULL) {
            (void)cublasDestroy(device->blas[queue]);
        }
        if (device->streams[queue] != NULL) {
            (void)cudaStreamDestroy(device->streams[queue]);
        }
    }
    if (device->is_pinned) {
        (void)cudaHostUnregister(device->image);
    }
    free(device);
}

inline int mxsi_device_open(int ordinal, void *image, size_t image_size, mxsi_device **device, char *reason) {
    *device = NULL;
    mxsi_device *made = (mxsi_device *)calloc(1, sizeof *made);
    if (made == NULL) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "not enough memory for a device");
        return -1;
    }
    made->ordinal = ordinal;
    made->image = image;
    int failed = MXSI_CUDA(cudaSetDevice(ordinal), reason) ||
                 MXSI_CUDA(cudaGetDeviceProperties(&made->properties, ordinal), reason);
    for (int queue = 0; !failed && queue < MXSI_GPU_QUEUES; ++queue) {
        failed = MXSI_CUDA(cudaStreamCreateWithFlags(&made->streams[queue], cudaStreamNonBlocking), reason);
        for (int mark = 0; !failed && mark < MXSI_DEVICE_MARKS; ++mark) {
            failed = MXSI_CUDA(cudaEventCreate(&made->marks[queue][mark]), reason);
        }
    }
    if (failed) {
        mxsi_device_close(made);
        return -1;
    }
    made->is_pinned = image != NULL && cudaHostRegister(image, image_size, cudaHostRegisterDefault) == cudaSuccess;
    (void)cudaGetLastError(); /* that it cannot be pinned is no failure: copies are slower */
    *device = made;
    return 0;
}

inline int mxsi_device_is_pinned(const mxsi_device *device) {
    return device->is_pinned;
}

inline size_t mxsi_device_free_memory(mxsi_device *device) {
    size_t free_bytes = 0;
    size_t all = 0;
    (void)device;
    return cudaMemGetInfo(&free_bytes, &all) == cudaSuccess ? free_bytes : 0;
}

inline int mxsi_device_multiprocessors(const mxsi_device *device) {
    return device->properties.multiProcessorCount;
}

inline void mxsi_device_name(const mxsi_device *device, char *text, size_t text_size) {
    (void)snprintf(text, text_size, "%.40s, sm_%d%d", device->properties.name, device->properties.major,
                   device->properties.minor);
}

inline int mxsi_device_allocate(mxsi_device *device, size_t bytes, void **memory, char *reason) {
    *memory = NULL;
    const size_t size = bytes == 0 ? 1 : bytes;
    if (MXSI_CUDA(cudaMalloc(memory, size), reason) != 0) {
        (void)cudaGetLastError();
        return -1;
    }
    return MXSI_CUDA(cudaMemsetAsync(*memory, 0, size, device->streams[0]), reason) ||
                   MXSI_CUDA(cudaStreamSynchronize(device->streams[0]), reason)
               ? -1
               : 0;
}

inline void mxsi_device_release(mxsi_device *device, void *memory) {
    (void)device;
    (void)cudaFree(memory);
}

inline int mxsi_device_allocate_host(mxsi_device *device, size_t bytes, void **memory, char *reason) {
    (void)device;
    *memory = NULL;
    return MXSI_CUDA(cudaMallocHost(memory, bytes), reason);
}

inline void mxsi_device_release_host(mxsi_device *device, void *memory) {
    (void)device;
    if (memory != NULL) {
        (void)cudaFreeHost(memory);
    }
}

inline int mxsi_device_upload(mxsi_device *device, int queue, void *to, const void *from, size_t bytes, char *reason) {
    return MXSI_CUDA(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, device->streams[queue]), reason);
}

inline int mxsi_device_download(mxsi_device *device, int queue, void *to, const void *from, size_t bytes,
                                char *reason) {
    return MXSI_CUDA(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, device->streams[queue]), reason);
}

inline int mxsi_device_multiply(mxsi_device *device, int queue, const mxsi_device_product *p, char *reason) {
    const float one = 1.0f;
    const float zero = 0.0f;
    if (device->blas[queue] == NULL && /* cuBLAS takes its time to start, and the fused pipeline never needs it */
        (MXSI_CUBLAS(cublasCreate(&device->blas[queue]), reason) != 0 ||
         MXSI_CUBLAS(cublasSetStream(device->blas[queue], device->streams[queue]), reason) != 0)) {
        return -1;
    }
    return MXSI_CUBLAS(
        cublasSgemmStridedBatched(device->blas[queue], CUBLAS_OP_N, CUBLAS_OP_N, p->m, p->n, p->k, &one, p->a, p->lda,
                                  p->stride_a, p->b, p->ldb, p->stride_b, &zero, p->c, p->ldc, p->stride_c, p->batch),
        reason);
}

inline int mxsi_device_mark(mxsi_device *device, int queue, int mark, char *reason) {
    return MXSI_CUDA(cudaEventRecord(device->marks[queue][mark], device->streams[queue]), reason);
}

inline float mxsi_device_seconds(mxsi_device *device, int queue, int from_mark, int to_mark) {
    float milliseconds = 0.0f;
    const cudaError_t error =
        cudaEventElapsedTime(&milliseconds, device->marks[queue][from_mark], device->marks[queue][to_mark]);
    return error == cudaSuccess ? 1e-3f * milliseconds : 0.0f;
}

inline int mxsi_device_wait(mxsi_device *device, int queue, char *reason) {
    return MXSI_CUDA(cudaStreamSynchronize(device->streams[queue]), reason);
}

#endif
