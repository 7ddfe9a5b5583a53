/* The fused pipeline: a block takes a unit, a thread a few attempts at a time; weights, expected return and variance
 * live in registers, and only candidates leave the chip. */
#ifndef MAXSHARPE_FUSED_KERNEL_CUH
#define MAXSHARPE_FUSED_KERNEL_CUH

#include "device_portfolio.cuh"
#include "device_sampling.cuh"
#include "device_screen.cuh"

enum { MXSI_FUSED_THREADS = 128, MXSI_FUSED_WARPS = MXSI_FUSED_THREADS / MXSI_WARP };

/* Spacings of one attempt into x[K], of which the first `k` count; their sum in index order and their maximum. */
template <int K, bool IS_EXACT>
MXSI_DEVICE_INLINE void mxsi_draw_spacings(mxsi_stream stream, uint32_t k, float (&x)[K], float &sum, float &largest) {
    sum = 0.0f;
    largest = 0.0f;
    MXSI_UNROLL
    for (int i = 0; i < K; i += 4) {
        const uint4 words = mxsi_next_words(stream);
        MXSI_UNROLL
        for (int j = 0; j < 4; ++j) {
            if (i + j < K) {
                const float e = IS_EXACT || i + j < (int)k ? mxsi_exponential(mxsi_word(words, j)) : 0.0f;
                x[i + j] = e;
                sum = __fadd_rn(sum, e);
                largest = fmaxf(largest, e);
            }
        }
    }
}

/* The portfolio's moments as the threads read them: the excess returns, then the lower triangle of the risk row by
 * row, off the diagonal doubled, so that x' r x = sum_i x_i sum_{j <= i} t_ij x_j. Four to a load. */
template <int K>
struct mxsi_fused_layout {
    static const int EXCESS = (K + 3) / 4 * 4;
    static const int TRIANGLE = (K * (K + 1) / 2 + 3) / 4 * 4;
    static const int SIZE = EXCESS + TRIANGLE;
};

/* SIMS attempts of a thread share every load. */
template <int K, int SIMS>
MXSI_DEVICE_INLINE void mxsi_fused_moments(MXSI_SHARED_POINTER(float) moments, const float (&x)[SIMS][K],
                                           float (&excess)[SIMS], float (&variance)[SIMS]) {
    float row[SIMS];
    float4 four = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    MXSI_UNROLL
    for (int s = 0; s < SIMS; ++s) {
        excess[s] = 0.0f;
        variance[s] = 0.0f;
        row[s] = 0.0f;
    }
    MXSI_UNROLL
    for (int i = 0; i < K; ++i) {
        if (i % 4 == 0) {
            four = mxsi_load4(moments, i);
        }
        const float g = i % 4 == 0 ? four.x : (i % 4 == 1 ? four.y : (i % 4 == 2 ? four.z : four.w));
        MXSI_UNROLL
        for (int s = 0; s < SIMS; ++s) {
            excess[s] = __fmaf_rn(g, x[s][i], excess[s]);
        }
    }
    MXSI_UNROLL
    for (int i = 0; i < K; ++i) {
        MXSI_UNROLL
        for (int j = 0; j <= i; ++j) {
            const int at = i * (i + 1) / 2 + j;
            if (at % 4 == 0) {
                four = mxsi_load4(moments, mxsi_fused_layout<K>::EXCESS + at);
            }
            const float t = at % 4 == 0 ? four.x : (at % 4 == 1 ? four.y : (at % 4 == 2 ? four.z : four.w));
            MXSI_UNROLL
            for (int s = 0; s < SIMS; ++s) {
                row[s] = j == 0 ? t * x[s][0] : __fmaf_rn(t, x[s][j], row[s]);
            }
        }
        MXSI_UNROLL
        for (int s = 0; s < SIMS; ++s) {
            variance[s] = __fmaf_rn(row[s], x[s][i], variance[s]);
        }
    }
}

/* Fills the shared moments of a unit; assets: [K] shared scratch. Ends in a barrier. */
template <int K>
MXSI_DEVICE_INLINE void mxsi_fused_gather(const mxsi_kernel_problem &problem, uint64_t unit,
                                          MXSI_SHARED_POINTER(uint32_t) assets, MXSI_SHARED_POINTER(float) moments) {
    const int k = (int)problem.k;
    if (threadIdx.x == 0) {
        mxsi_unrank_portfolio(problem, problem.first_portfolio + unit / problem.tiles_per_portfolio,
                              [&](uint32_t position, uint32_t asset) { assets[position] = asset; });
    }
    __syncthreads();
    for (int at = (int)threadIdx.x; at < mxsi_fused_layout<K>::SIZE; at += MXSI_FUSED_THREADS) {
        const int in_triangle = at - mxsi_fused_layout<K>::EXCESS;
        float value = 0.0f; /* padding */
        if (in_triangle < 0) {
            value = at < k ? problem.excess[assets[at]] : 0.0f;
        } else {
            const int i = (int)mxsi_triangle_row((uint32_t)in_triangle);
            const int j = in_triangle - i * (i + 1) / 2;
            if (i < k) {
                value = problem.risk[(uint64_t)assets[i] * problem.assets + assets[j]] * (i == j ? 1.0f : 2.0f);
            }
        }
        moments[at] = value;
    }
    __syncthreads();
}

/* Draws the SIMS attempts of this thread in this round and leaves which are accepted in votes (of the warp, for each
 * s) and in shared memory. Attempts are in order: all threads' first ones, then all threads' second ones. */
template <int K, int SIMS, bool IS_EXACT>
MXSI_DEVICE_INLINE void mxsi_fused_draw(const mxsi_kernel_problem &problem, const mxsi_stream &stream,
                                        uint32_t first_attempt, uint32_t attempts,
                                        MXSI_SHARED_POINTER(uint32_t) accepted_of_warp, float (&x)[SIMS][K],
                                        float (&sum)[SIMS], uint32_t (&votes)[SIMS]) {
    MXSI_UNROLL
    for (int s = 0; s < SIMS; ++s) {
        const uint32_t place = (uint32_t)s * MXSI_FUSED_THREADS + threadIdx.x;
        int is_accepted = 0;
        sum[s] = 1.0f;
        if (place < attempts) { /* the same for a whole warp */
            float largest;
            mxsi_draw_spacings<K, IS_EXACT>(mxsi_stream_of_attempt(problem, stream, first_attempt + place), problem.k,
                                            x[s], sum[s], largest);
            is_accepted = largest <= __fmul_rn(problem.cap, sum[s]);
        } else {
            MXSI_UNROLL
            for (int i = 0; i < K; ++i) {
                x[s][i] = 0.0f;
            }
        }
        votes[s] = __ballot_sync(MXSI_ALL_LANES, is_accepted);
        if (threadIdx.x % MXSI_WARP == 0) {
            accepted_of_warp[(uint32_t)s * MXSI_FUSED_WARPS + threadIdx.x / MXSI_WARP] = (uint32_t)__popc(votes[s]);
        }
    }
    if (problem.min_weight > 0.0f) {
        MXSI_UNROLL
        for (int s = 0; s < SIMS; ++s) {
            const float floor_part = __fmul_rn(problem.min_weight, sum[s]);
            MXSI_UNROLL
            for (int i = 0; i < K; ++i) {
                x[s][i] = IS_EXACT || i < (int)problem.k ? __fmaf_rn(problem.spare, x[s][i], floor_part) : 0.0f;
            }
        }
    }
}

/* Which of this thread's attempts are among the first `wanted` accepted ones. Returns how many the block accepted. */
template <int SIMS>
MXSI_DEVICE_INLINE uint32_t mxsi_fused_count(MXSI_SHARED_POINTER(uint32_t) accepted_of_warp, uint32_t wanted,
                                             const uint32_t (&votes)[SIMS], int (&counts)[SIMS]) {
    const uint32_t lane = threadIdx.x % MXSI_WARP;
    const uint32_t warp = threadIdx.x / MXSI_WARP;
    uint32_t total = 0;
    MXSI_UNROLL
    for (int s = 0; s < SIMS; ++s) {
        uint32_t before = total;
        for (uint32_t w = 0; w < MXSI_FUSED_WARPS; ++w) {
            const uint32_t accepted = accepted_of_warp[(uint32_t)s * MXSI_FUSED_WARPS + w];
            before += w < warp ? accepted : 0;
            total += accepted;
        }
        const uint32_t position = before + (uint32_t)__popc(votes[s] & ((1u << lane) - 1u));
        counts[s] = (votes[s] >> lane & 1u) != 0 && position < wanted;
    }
    return total;
}

/* Blocks that a multiprocessor should hold at once: as many as the registers of K weights in SIMS attempts allow
 * without spilling (the compiler's report says whether they do). */
template <int K, int SIMS>
struct mxsi_fused_occupancy {
    static const int BLOCKS = SIMS == 2 ? (K <= 25 ? 5 : 4) : (K <= 48 ? 4 : 3);
};

/* IS_EXACT: portfolios hold K assets, not fewer. */
template <int K, int SIMS, bool IS_EXACT>
MXSI_KERNEL_BOUNDS(MXSI_FUSED_THREADS, (mxsi_fused_occupancy<K, SIMS>::BLOCKS))
mxsi_fused_kernel(mxsi_kernel_problem problem, uint64_t first_unit, mxsi_kernel_candidates candidates) {
    MXSI_SHARED(uint32_t, assets, K);
    MXSI_SHARED(float, moments, mxsi_fused_layout<K>::SIZE);
    MXSI_SHARED(uint32_t, accepted_of_warp, SIMS * MXSI_FUSED_WARPS);
    MXSI_SHARED(uint32_t, best_of_warp, MXSI_FUSED_WARPS);
    MXSI_SHARED(float, shared_bar, 1);

    const uint64_t unit = first_unit + blockIdx.x;
    const mxsi_block_screen screen = {best_of_warp, shared_bar};
    mxsi_begin_screen(candidates, screen);
    mxsi_fused_gather<K>(problem, unit, assets, moments);
    float bar = shared_bar[0];
    const mxsi_stream stream = mxsi_stream_of_unit(problem, unit);
    uint32_t wanted = mxsi_unit_simulations(problem, unit);
    for (uint32_t first_attempt = 0; wanted > 0;) {
        const uint32_t attempts = mxsi_attempts_for(problem.acceptance, wanted, SIMS * MXSI_FUSED_THREADS);
        float x[SIMS][K];
        float sum[SIMS];
        uint32_t votes[SIMS];
        mxsi_fused_draw<K, SIMS, IS_EXACT>(problem, stream, first_attempt, attempts, accepted_of_warp, x, sum, votes);
        float excess[SIMS];
        float variance[SIMS];
        mxsi_fused_moments<K, SIMS>(moments, x, excess, variance);
        __syncthreads(); /* the counts of all warps are there */
        int counts[SIMS];
        const uint32_t accepted = mxsi_fused_count<SIMS>(accepted_of_warp, wanted, votes, counts);
        float upper[SIMS];
        MXSI_UNROLL
        for (int s = 0; s < SIMS; ++s) {
            upper[s] = counts[s] ? mxsi_upper_bound(excess[s], variance[s], sum[s], problem.excess_slack,
                                                    problem.variance_slack)
                                 : mxsi_nothing();
        }
        mxsi_screen_round<SIMS>(
            candidates, screen, unit, upper,
            [&](int s) { return first_attempt + (uint32_t)s * MXSI_FUSED_THREADS + threadIdx.x; },
            [&](int s) {
                return mxsi_lower_bound(excess[s], variance[s], sum[s], problem.excess_slack, problem.variance_slack);
            },
            &bar);
        wanted -= accepted < wanted ? accepted : wanted;
        /* No barrier: what the next round writes first was read before the one in mxsi_screen_round. */
        first_attempt += attempts;
    }
}

#endif
