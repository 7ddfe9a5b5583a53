/* Kernels for the tests of the layer that runs kernels on the CPU: some that are right, and some each with one mistake.
 * nvcc compiles them too, so that the two languages stay one. */
#ifndef MAXSHARPE_EXAMPLE_KERNELS_CUH
#define MAXSHARPE_EXAMPLE_KERNELS_CUH

#include <stddef.h>
#include <stdint.h>

#include "kernel_language.h"
#include "sampling/exponential.h"

/* ---- right ---- */

MXSI_DEVICE_INLINE float example_warp_sum(float value) {
    MXSI_UNROLL
    for (int distance = 16; distance > 0; distance /= 2) {
        value += __shfl_down_sync(0xffffffffu, value, distance);
    }
    return value;
}

/* sums[block] = the sum of the block's values: by shuffles, then through shared memory. */
template <int threads>
MXSI_KERNEL_BOUNDS(threads, 1)
example_block_sum(const float *__restrict__ values, uint32_t count, float *sums) {
    MXSI_SHARED(float, warp_sums, threads / 32);
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    const float sum = example_warp_sum(i < count ? __ldg(values + i) : 0.0f);
    if (threadIdx.x % 32 == 0) {
        warp_sums[threadIdx.x / 32] = sum;
    }
    __syncthreads();
    if (threadIdx.x < 32) {
        const float part = threadIdx.x < threads / 32 ? static_cast<float>(warp_sums[threadIdx.x]) : 0.0f;
        const float total = example_warp_sum(part);
        if (threadIdx.x == 0) {
            sums[blockIdx.x] = total;
        }
    }
}

/* Appends the multiples of `divisor` below `count` to `list`, in any order. */
MXSI_KERNEL example_append(uint32_t count, uint32_t divisor, uint32_t *list, unsigned int *length) {
    MXSI_SHARED(unsigned int, found, 1);
    MXSI_SHARED(unsigned int, begin, 1);
    if (threadIdx.x == 0) {
        found[0] = 0;
    }
    __syncthreads();
    const uint32_t number = blockIdx.x * blockDim.x + threadIdx.x;
    const bool is_multiple = number < count && number % divisor == 0;
    unsigned int place = 0;
    if (is_multiple) {
        place = atomicAdd(&found[0], 1u);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        begin[0] = atomicAdd(length, static_cast<unsigned int>(found[0]));
    }
    __syncthreads();
    if (is_multiple) {
        list[begin[0] + place] = number;
    }
}

/* output[column][row] = input[row][column], in tiles of blockDim.x rows and columns. */
MXSI_KERNEL example_transpose(const float *input, float *output, uint32_t rows, uint32_t columns) {
    MXSI_DYNAMIC_SHARED(float, tile);
    const uint32_t side = blockDim.x;
    const uint32_t stride = side + 1;
    uint32_t row = blockIdx.y * side + threadIdx.y;
    uint32_t column = blockIdx.x * side + threadIdx.x;
    if (row < rows && column < columns) {
        tile[threadIdx.y * stride + threadIdx.x] = input[static_cast<size_t>(row) * columns + column];
    }
    __syncthreads();
    row = blockIdx.y * side + threadIdx.x;
    column = blockIdx.x * side + threadIdx.y;
    if (row < rows && column < columns) {
        output[static_cast<size_t>(column) * rows + row] = tile[threadIdx.x * stride + threadIdx.y];
    }
}

struct ExampleScore {
    float score;
    uint32_t who;
};

MXSI_DEVICE float example_dot4(MXSI_SHARED_POINTER(const float) a, MXSI_SHARED_POINTER(const float) b, int count) {
    float sum = 0.0f;
    for (int i = 0; i < count; i += 4) {
        const float4 x = mxsi_load4(a, i);
        const float4 y = mxsi_load4(b, i);
        sum = __fmaf_rn(x.x, y.x, sum);
        sum = __fmaf_rn(x.y, y.y, sum);
        sum = __fmaf_rn(x.z, y.z, sum);
        sum = __fmaf_rn(x.w, y.w, sum);
    }
    return sum;
}

/* Dynamic memory in parts of two types; structures; the argmax of a warp by its bits. One warp. */
MXSI_KERNEL example_parts(const float *rows, const float *weights, ExampleScore *best) {
    MXSI_DYNAMIC_SHARED(float, memory);
    const MXSI_SHARED_POINTER(float) row = mxsi_shared_slice(memory, threadIdx.x * 8, 8);
    const MXSI_SHARED_POINTER(float) weight = mxsi_shared_slice(memory, 32 * 8, 8);
    const MXSI_SHARED_POINTER(ExampleScore) scores =
        mxsi_shared_cast<ExampleScore>(mxsi_shared_slice(memory, 33 * 8, 32 * 2));
    mxsi_store4(row, 0, mxsi_load4(rows, threadIdx.x * 8));
    mxsi_store4(row, 4, mxsi_load4(rows, threadIdx.x * 8 + 4));
    if (threadIdx.x < 4) {
        mxsi_store2(weight, threadIdx.x * 2, mxsi_load2(weights, threadIdx.x * 2));
    }
    __syncwarp();
    const float score = example_dot4(row, weight, 8);
    ExampleScore mine;
    mine.score = score;
    mine.who = threadIdx.x;
    scores[threadIdx.x] = mine;
    __syncwarp();
    const unsigned int largest = mxsi_warp_max(__float_as_uint(score));
    const unsigned int winners = __ballot_sync(0xffffffffu, __float_as_uint(score) == largest);
    if (static_cast<int>(threadIdx.x) == __ffs(static_cast<int>(winners)) - 1) {
        const ExampleScore winner = scores[threadIdx.x];
        *best = winner;
    }
}

/* words[i] = block i of Philox; exponentials[i] from its first word. */
MXSI_KERNEL example_draw(uint2 key, uint4 *words, float *exponentials) {
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    const uint4 block = mxsi_philox(make_uint4(i, 7, 1, 2), key);
    words[i] = block;
    exponentials[i] = mxsi_exponential(block.x);
}

/* Every warp function once, one warp: results[function * 32 + lane]. */
MXSI_KERNEL example_warp_functions(int *results) {
    const int lane = static_cast<int>(threadIdx.x);
    const unsigned int all = 0xffffffffu;
    results[lane] = __shfl_sync(all, lane * 10, lane + 1);
    results[32 + lane] = __shfl_sync(all, lane * 10, 3, 8);
    results[64 + lane] = __shfl_up_sync(all, lane, 5);
    results[96 + lane] = __shfl_down_sync(all, lane, 5, 16);
    results[128 + lane] = __shfl_xor_sync(all, lane, 9);
    results[160 + lane] = static_cast<int>(__ballot_sync(all, lane % 3 == 0));
    results[192 + lane] = __all_sync(all, lane < 32) * 2 + __all_sync(all, lane < 31);
    results[224 + lane] = __any_sync(all, lane == 31) * 2 + __any_sync(all, lane == 32);
    results[256 + lane] = static_cast<int>(mxsi_warp_max(static_cast<unsigned int>(lane * 7 % 32)));
    results[288 + lane] = static_cast<int>(mxsi_warp_min(static_cast<unsigned int>(5 + lane * 7 % 32)));
    /* The halves of the warp meet apart, at one line. */
    const unsigned int half = lane < 16 ? 0x0000ffffu : 0xffff0000u;
    results[320 + lane] =
        static_cast<int>(__shfl_sync(half, static_cast<unsigned long long>(lane) << 40, 15, 16) >> 40);
    results[352 + lane] = __syncthreads_count(lane % 2);
}

/* Every atomic function once on shared and once on global memory, from 64 threads: results[0..11], of which [6..11]
 * were set to what shared memory is set to here. */
MXSI_KERNEL example_atomics(unsigned int *results, unsigned long long *wide, float *sum) {
    MXSI_SHARED(unsigned int, shared, 6);
    MXSI_SHARED(unsigned long long, shared_wide, 1);
    MXSI_SHARED(float, shared_sum, 1);
    if (threadIdx.x < 6) {
        shared[threadIdx.x] = threadIdx.x == 2 ? 1000u : 0u;
    }
    if (threadIdx.x == 0) {
        shared_wide[0] = 0;
        shared_sum[0] = 0.0f;
    }
    __syncthreads();
    const unsigned int i = threadIdx.x;
    atomicAdd(&shared[0], i);
    atomicMax(&shared[1], i ^ 21u);
    atomicMin(&shared[2], i + 5u);
    atomicCAS(&shared[3], 0u, 7u); /* the first one finds 0 */
    atomicExch(&shared[4], 9u);
    atomicOr(&shared[5], 1u << i % 32);
    atomicAdd(&results[6], i);
    atomicMax(&results[7], i ^ 21u);
    atomicMin(&results[8], i + 5u);
    atomicCAS(&results[9], 0u, 7u);
    atomicExch(&results[10], 9u);
    atomicOr(&results[11], 1u << i % 32);
    atomicMax(&shared_wide[0], static_cast<unsigned long long>(i) << 40);
    atomicAdd(&shared_sum[0], 0.5f);
    __syncthreads();
    if (threadIdx.x < 6) {
        results[threadIdx.x] = shared[threadIdx.x];
    }
    if (threadIdx.x == 0) {
        atomicMax(wide, static_cast<unsigned long long>(shared_wide[0]));
        atomicAdd(sum, static_cast<float>(shared_sum[0]));
    }
}

/* Neighbouring bytes belong to different threads. */
MXSI_KERNEL example_bytes(uint32_t *result) {
    MXSI_SHARED(uint8_t, bytes, 64);
    bytes[threadIdx.x] = static_cast<uint8_t>(3 * threadIdx.x);
    bytes[threadIdx.x] += 1;
    __syncthreads();
    result[threadIdx.x] = bytes[63 - threadIdx.x];
}

/* `rounds` barriers, each with a value handed to the next thread. */
MXSI_KERNEL example_relay(uint32_t rounds, uint32_t *result) {
    MXSI_SHARED(uint32_t, ring, 1024);
    uint32_t value = threadIdx.x;
    for (uint32_t round = 0; round < rounds; round++) {
        ring[threadIdx.x] = value;
        __syncthreads();
        value = ring[(threadIdx.x + 1) % blockDim.x];
        __syncthreads();
    }
    result[blockIdx.x * blockDim.x + threadIdx.x] = value;
}

/* One thread works on `count` elements again and again: what a checked access costs. */
MXSI_KERNEL example_many_reads(uint32_t rounds, float *result) {
    MXSI_SHARED(float, values, 1024);
    values[threadIdx.x] = static_cast<float>(threadIdx.x);
    __syncthreads();
    float sum = 0.0f;
    for (uint32_t round = 0; round < rounds; round++) {
        for (uint32_t i = 0; i < blockDim.x; i++) {
            sum += values[i];
        }
    }
    result[threadIdx.x] = sum;
}

/* ---- wrong ---- */

MXSI_KERNEL wrong_divergent_barrier() {
    if (threadIdx.x < 17) {
        __syncthreads();
    }
}

MXSI_KERNEL wrong_two_barriers() {
    if (threadIdx.x < 32) {
        __syncthreads();
    } else {
        __syncthreads();
    }
}

MXSI_KERNEL wrong_unwritten(float *result) {
    MXSI_SHARED(float, values, 64);
    if (threadIdx.x != 5) {
        values[threadIdx.x] = 1.0f;
    }
    __syncthreads();
    result[threadIdx.x] = values[(threadIdx.x + 1) % blockDim.x];
}

/* The first block writes, the second would read what the first has left behind. */
MXSI_KERNEL wrong_left_behind(float *result) {
    MXSI_SHARED(float, values, 32);
    if (blockIdx.x == 0) {
        values[threadIdx.x] = 1.0f;
    }
    __syncthreads();
    result[threadIdx.x] = values[threadIdx.x];
}

MXSI_KERNEL wrong_index(int index, float *result) {
    MXSI_SHARED(float, values, 32);
    values[static_cast<int>(threadIdx.x) + index] = 1.0f;
    result[threadIdx.x] = values[threadIdx.x];
}

MXSI_KERNEL wrong_slice_index() {
    MXSI_DYNAMIC_SHARED(float, memory);
    const MXSI_SHARED_POINTER(float) part = mxsi_shared_slice(memory, 8, 4);
    part[threadIdx.x] = 1.0f;
}

MXSI_KERNEL wrong_alignment(float4 *result) {
    MXSI_SHARED(float, values, 64);
    values[threadIdx.x] = 1.0f;
    __syncthreads();
    *result = mxsi_load4(values, 2);
}

MXSI_KERNEL wrong_smaller_elements() {
    MXSI_DYNAMIC_SHARED(float, memory);
    const MXSI_SHARED_POINTER(uint8_t) bytes = mxsi_shared_cast<uint8_t>(memory);
    bytes[threadIdx.x] = 1;
}

/* Two barriers are needed; `kept` has a bit for each that is there. */
MXSI_KERNEL wrong_missing_barrier(unsigned int kept, float *result) {
    MXSI_SHARED(float, values, 64);
    values[threadIdx.x] = 1.0f;
    if ((kept & 1) != 0) {
        __syncthreads();
    }
    const float neighbour = values[(threadIdx.x + 1) % blockDim.x];
    if ((kept & 2) != 0) {
        __syncthreads();
    }
    values[threadIdx.x] = neighbour + 1.0f;
    __syncthreads();
    result[threadIdx.x] = values[threadIdx.x];
}

MXSI_KERNEL wrong_two_writers(float *result) {
    MXSI_SHARED(float, values, 1);
    values[0] = static_cast<float>(threadIdx.x);
    *result = values[0];
}

/* Within one warp: a shuffle orders no memory, __syncwarp does. */
MXSI_KERNEL wrong_shuffle_for_a_barrier(bool sync, float *result) {
    MXSI_SHARED(float, values, 32);
    values[threadIdx.x] = 1.0f;
    const unsigned int lane = __shfl_sync(0xffffffffu, threadIdx.x, static_cast<int>(threadIdx.x) + 1);
    if (sync) {
        __syncwarp();
    }
    result[threadIdx.x] = values[lane];
}

/* __syncwarp orders a warp, not the block. */
MXSI_KERNEL wrong_syncwarp_for_the_block(float *result) {
    MXSI_SHARED(float, values, 64);
    values[threadIdx.x] = 1.0f;
    __syncwarp();
    result[threadIdx.x] = values[(threadIdx.x + 1) % 64];
}

/* A count is complete only after a barrier. */
MXSI_KERNEL wrong_read_of_a_running_count(unsigned int *result) {
    MXSI_SHARED(unsigned int, count, 1);
    if (threadIdx.x == 0) {
        count[0] = 0;
    }
    __syncthreads();
    atomicAdd(&count[0], 1u);
    *result = count[0];
}

MXSI_KERNEL wrong_absent_lane(int *result) {
    if (threadIdx.x != 9) {
        result[threadIdx.x] = __shfl_down_sync(0xffffffffu, static_cast<int>(threadIdx.x), 1);
    }
}

MXSI_KERNEL wrong_lane_at_barrier(int *result) {
    if (threadIdx.x == 9) {
        __syncthreads();
    } else {
        result[threadIdx.x] = __any_sync(0xffffffffu, 1);
        __syncthreads();
    }
}

MXSI_KERNEL wrong_source_lane(int *result) {
    if (threadIdx.x < 16) {
        result[threadIdx.x] = __shfl_sync(0x0000ffffu, static_cast<int>(threadIdx.x), 20);
    }
}

MXSI_KERNEL wrong_own_mask(int *result) {
    result[threadIdx.x] = static_cast<int>(__ballot_sync(0x0000ffffu, 1));
}

#endif
