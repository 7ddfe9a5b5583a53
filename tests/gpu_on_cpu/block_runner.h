/* Runs a grid of blocks on the CPU, one block after another. A block's threads are fibers that run one at a time, each
 * up to its next barrier or meeting of lanes; their order is the test's choice (launch_control.h).
 *
 * Reported as failures: a __syncthreads that not every thread of the block reaches, or that they reach at different
 * places; a warp function whose mask names a lane that does not come; and what shared_memory.h says. A kernel that
 * waits for another thread by reading memory in a loop never ends here.
 *
 * One launch at a time, in one thread of the program. */
#ifndef MAXSHARPE_BLOCK_RUNNER_H
#define MAXSHARPE_BLOCK_RUNNER_H

#include <cstddef>
#include <cstdint>
#include <functional>

#include "gpu_on_cpu/launch_control.h"
#include "gpu_on_cpu/vector_types.h"

extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;
constexpr int warpSize = 32;

namespace mxsi_cpu {

constexpr unsigned int WARP_SIZE = 32;
constexpr unsigned int MAX_THREADS = 1024;

/* A place in a kernel's source: as a default argument, the caller's. */
struct Place {
    const char *file;
    int line;

    static constexpr Place here(const char *in_file = __builtin_FILE(), int in_line = __builtin_LINE()) {
        return {in_file, in_line};
    }
};

/* What the checks of shared memory need to know about the thread that runs and about the time it is. */
struct Now {
    uint32_t block_began; /* the epoch in which this block began */
    uint32_t epoch;       /* one more after every __syncthreads and at every block's beginning; never back */
    uint32_t warp_time;   /* one more after every __syncwarp in this thread's warp; never back */
    uint16_t thread;      /* within the block */
    uint16_t warp;
    uint16_t lane;
    bool running; /* whether a thread of a block runs at all */
};
extern Now now;

/* Whether what the other lane of this warp did at warp_time `time` lies before now, by __syncwarp. */
bool ordered_by_syncwarp(unsigned int other_lane, uint32_t time);

/* Ends the launch. The message gets the place in front and block and thread behind. */
[[noreturn]] void fail_kernel(Place place, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum class BlockVote { NONE, COUNT, AND, OR };
int sync_threads(BlockVote vote, int predicate, Place place);

enum class WarpAction { SYNC, SHUFFLE, SHUFFLE_UP, SHUFFLE_DOWN, SHUFFLE_XOR, BALLOT, ALL, ANY, MAX, MIN };

/* Waits for the lanes that `mask` names. `value` is the lane's, `operand` and `width` are a shuffle's. */
uint64_t meet_lanes(WarpAction action, unsigned int mask, uint64_t value, unsigned int operand, int width, Place place);

size_t dynamic_shared_bytes();
/* One more for every launch. */
uint32_t launch_number();

void run_grid(dim3 grid, dim3 block, size_t dynamic_bytes, const std::function<void()> &thread);

}  // namespace mxsi_cpu

/* kernel<<<grid, block, dynamic_shared_bytes>>>(arguments...), finished when it returns. */
template <class... Parameters, class... Arguments>
void mxsi_cpu_launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t dynamic_shared_bytes,
                     Arguments... arguments) {
    mxsi_cpu::run_grid(grid, block, dynamic_shared_bytes, [=]() { kernel(static_cast<Parameters>(arguments)...); });
}

inline void __syncthreads(mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    mxsi_cpu::sync_threads(mxsi_cpu::BlockVote::NONE, 0, place);
}
inline int __syncthreads_count(int predicate, mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return mxsi_cpu::sync_threads(mxsi_cpu::BlockVote::COUNT, predicate, place);
}
inline int __syncthreads_and(int predicate, mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return mxsi_cpu::sync_threads(mxsi_cpu::BlockVote::AND, predicate, place);
}
inline int __syncthreads_or(int predicate, mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return mxsi_cpu::sync_threads(mxsi_cpu::BlockVote::OR, predicate, place);
}

/* The threads run one at a time: all memory is in order, for all of them. */
inline void __threadfence() {
}
inline void __threadfence_block() {
}

#endif
