/* CUDA's warp functions: shuffles, votes, __syncwarp. As on the GPU, only __syncwarp orders memory. Stricter than the
 * GPU: a lane that a mask names must exist, must not have left the kernel, and must come to the same line. */
#ifndef MAXSHARPE_WARP_FUNCTIONS_H
#define MAXSHARPE_WARP_FUNCTIONS_H

#include <cstring>
#include <type_traits>

#include "gpu_on_cpu/block_runner.h"

namespace mxsi_cpu {

template <class T, class... Options>
constexpr bool is_one_of = (std::is_same<T, Options>::value || ...);

template <class T>
T shuffle(WarpAction action, unsigned int mask, T value, unsigned int operand, int width, Place place) {
    static_assert(is_one_of<T, int, unsigned int, long, unsigned long, long long, unsigned long long, float, double>,
                  "CUDA shuffles numbers of 4 and 8 bytes; an element of a shared array is read into a variable first");
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    bits = meet_lanes(action, mask, bits, operand, width, place);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

}  // namespace mxsi_cpu

template <class T>
T __shfl_sync(unsigned int mask, T value, int lane, int width = warpSize,
              mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return mxsi_cpu::shuffle(mxsi_cpu::WarpAction::SHUFFLE, mask, value, static_cast<unsigned int>(lane), width, place);
}
template <class T>
T __shfl_up_sync(unsigned int mask, T value, unsigned int distance, int width = warpSize,
                 mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return mxsi_cpu::shuffle(mxsi_cpu::WarpAction::SHUFFLE_UP, mask, value, distance, width, place);
}
template <class T>
T __shfl_down_sync(unsigned int mask, T value, unsigned int distance, int width = warpSize,
                   mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return mxsi_cpu::shuffle(mxsi_cpu::WarpAction::SHUFFLE_DOWN, mask, value, distance, width, place);
}
template <class T>
T __shfl_xor_sync(unsigned int mask, T value, int flips, int width = warpSize,
                  mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return mxsi_cpu::shuffle(mxsi_cpu::WarpAction::SHUFFLE_XOR, mask, value, static_cast<unsigned int>(flips), width,
                             place);
}

inline void __syncwarp(unsigned int mask = 0xffffffffu, mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    mxsi_cpu::meet_lanes(mxsi_cpu::WarpAction::SYNC, mask, 0, 0, warpSize, place);
}
inline unsigned int __ballot_sync(unsigned int mask, int predicate, mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return static_cast<unsigned int>(
        mxsi_cpu::meet_lanes(mxsi_cpu::WarpAction::BALLOT, mask, predicate != 0, 0, warpSize, place));
}
inline int __all_sync(unsigned int mask, int predicate, mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return static_cast<int>(mxsi_cpu::meet_lanes(mxsi_cpu::WarpAction::ALL, mask, predicate != 0, 0, warpSize, place));
}
inline int __any_sync(unsigned int mask, int predicate, mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return static_cast<int>(mxsi_cpu::meet_lanes(mxsi_cpu::WarpAction::ANY, mask, predicate != 0, 0, warpSize, place));
}
inline unsigned int mxsi_warp_max(unsigned int value, mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return static_cast<unsigned int>(
        mxsi_cpu::meet_lanes(mxsi_cpu::WarpAction::MAX, 0xffffffffu, value, 0, warpSize, place));
}
inline unsigned int mxsi_warp_min(unsigned int value, mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return static_cast<unsigned int>(
        mxsi_cpu::meet_lanes(mxsi_cpu::WarpAction::MIN, 0xffffffffu, value, 0, warpSize, place));
}

#endif
