/* Bounds and candidates on the device: see screen_bound.h. */
#ifndef MAXSHARPE_DEVICE_SCREEN_CUH
#define MAXSHARPE_DEVICE_SCREEN_CUH

#include "engines/gpu/gpu_plugin_contract.h"
#include "kernel_language.h"
#include "kernel_problem.h"
#include "sampling/exponential.h"

#define MXSI_WARP 32
#define MXSI_ALL_LANES 0xffffffffu

/* Minus infinity: the upper bound of what is no simulation. */
MXSI_DEVICE_INLINE float mxsi_nothing() {
    return mxsi_float_of_bits(0xff800000u);
}

/* Bits that order as unsigned integers the way that floats order. */
MXSI_DEVICE_INLINE uint32_t mxsi_ordered_bits(float value) {
    const uint32_t bits = mxsi_bits_of_float(value);
    return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

MXSI_DEVICE_INLINE float mxsi_float_of_ordered(uint32_t ordered) {
    return mxsi_float_of_bits((ordered & 0x80000000u) != 0 ? ordered & 0x7fffffffu : ~ordered);
}

/* numerator / sqrt(variance), to a few units in the last place: the bar is lowered by more than that. */
MXSI_DEVICE_INLINE float mxsi_screened_ratio(float numerator, float variance) {
    return numerator * rsqrtf(variance);
}

/* At least the exact ratio; infinite where the variance is not known to be positive. */
MXSI_DEVICE_INLINE float mxsi_upper_bound(float excess, float variance, float sum, float excess_slack,
                                          float variance_slack) {
    const float n = excess + excess_slack * sum;
    const float slack = variance_slack * sum * sum;
    const float least = variance - slack;
    return least > 0.0f ? mxsi_screened_ratio(n, n < 0.0f ? variance + slack : least) : mxsi_float_of_bits(0x7f800000u);
}

/* At most the exact ratio, lowered like the host's bar: an upper bound below it cannot win. */
MXSI_DEVICE_INLINE float mxsi_lower_bound(float excess, float variance, float sum, float excess_slack,
                                          float variance_slack) {
    const float n = excess - excess_slack * sum;
    const float slack = variance_slack * sum * sum;
    const float q = n < 0.0f ? variance - slack : variance + slack;
    const float ratio = q > 0.0f ? mxsi_screened_ratio(n, q) : mxsi_nothing();
    return ratio - fabsf(ratio) * 0x1p-19f; /* minus infinity stays */
}

/* What a block shares while it screens attempt by attempt, round by round. */
struct mxsi_block_screen {
    MXSI_SHARED_POINTER(uint32_t) best_of_warp; /* [warps] */
    MXSI_SHARED_POINTER(float) bar;             /* [1] */
};

/* What a candidate must reach now: the host's bar, raised by what this launch has found. */
MXSI_DEVICE_INLINE float mxsi_current_bar(const mxsi_kernel_candidates &candidates) {
    if (!candidates.only_best) {
        return candidates.bar;
    }
    /* A stale value only lets more through. */
    const float found = mxsi_float_of_ordered(*(volatile const uint32_t *)candidates.highest_bits);
    return found > candidates.bar ? found : candidates.bar;
}

MXSI_DEVICE_INLINE void mxsi_raise_bar(const mxsi_kernel_candidates &candidates, float lower_bound) {
    if (candidates.only_best && lower_bound > mxsi_current_bar(candidates)) {
        atomicMax(candidates.highest_bits, mxsi_ordered_bits(lower_bound));
    }
}

MXSI_DEVICE_INLINE void mxsi_add_candidate(const mxsi_kernel_candidates &candidates, uint64_t unit, uint32_t attempt,
                                           float upper) {
    const uint32_t at = atomicAdd(candidates.found, 1u);
    if (at < candidates.capacity) {
        candidates.list[at].unit = unit;
        candidates.list[at].attempt = attempt;
        candidates.list[at].upper = upper;
    }
}

/* One round of a block: every thread has SIMS attempts with an upper bound each, mxsi_nothing() where there is none;
 * place(s) is the attempt's number. The best one raises the bar to its lower bound, lower(s); whoever still reaches the
 * bar is a candidate. Every thread of the block calls it; *bar is each thread's copy of the block's bar, the same in
 * all. Between two calls there must be a barrier; each call begins with one, so what was read before it may be written
 * after it. */
template <int SIMS, class Place, class Lower>
MXSI_DEVICE_INLINE void mxsi_screen_round(const mxsi_kernel_candidates &candidates, const mxsi_block_screen &shared,
                                          uint64_t unit, const float (&upper)[SIMS], Place place, Lower lower,
                                          float *bar) {
    const uint32_t lane = threadIdx.x % MXSI_WARP;
    const uint32_t warp = threadIdx.x / MXSI_WARP;
    const uint32_t warps = blockDim.x / MXSI_WARP;
    uint32_t mine = 0;
    int mine_at = 0;
    MXSI_UNROLL
    for (int s = 0; s < SIMS; ++s) {
        const uint32_t bits = mxsi_ordered_bits(upper[s]);
        mine_at = bits > mine ? s : mine_at;
        mine = bits > mine ? bits : mine;
    }
    const uint32_t best_of_mine = mxsi_warp_max(mine);
    if (lane == 0) {
        shared.best_of_warp[warp] = best_of_mine;
    }
    __syncthreads();
    uint32_t best = 0;
    uint32_t best_warp = 0;
    for (uint32_t w = 0; w < warps; ++w) {
        const uint32_t other = shared.best_of_warp[w];
        best_warp = other > best ? w : best_warp;
        best = other > best ? other : best;
    }
    const float highest = mxsi_float_of_ordered(best);
    if (!(highest >= *bar) || highest == mxsi_nothing()) { /* the same for the whole block */
        return;
    }
    const uint32_t holders = __ballot_sync(MXSI_ALL_LANES, mine == best);
    if (warp == best_warp && lane + 1 == (uint32_t)__ffs((int)holders)) {
        float bound = mxsi_nothing();
        MXSI_UNROLL
        for (int s = 0; s < SIMS; ++s) {
            bound = s == mine_at ? lower(s) : bound;
        }
        mxsi_raise_bar(candidates, bound);
        const float now = mxsi_current_bar(candidates);
        const float raised = bound > now ? bound : now;
        shared.bar[0] = raised > *bar ? raised : *bar;
    }
    __syncthreads();
    *bar = shared.bar[0];
    MXSI_UNROLL
    for (int s = 0; s < SIMS; ++s) {
        if (upper[s] >= *bar && upper[s] > mxsi_nothing()) {
            mxsi_add_candidate(candidates, unit, place(s), upper[s]);
        }
    }
}

/* The block's bar to begin with: one thread reads it, because it moves. Before a barrier. */
MXSI_DEVICE_INLINE void mxsi_begin_screen(const mxsi_kernel_candidates &candidates, const mxsi_block_screen &shared) {
    if (threadIdx.x == 0) {
        shared.bar[0] = mxsi_current_bar(candidates);
    }
}

#endif
