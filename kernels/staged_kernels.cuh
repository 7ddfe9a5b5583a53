/* The staged pipeline: each step a kernel of its own (expected returns are a cuBLAS product), simulations side by side.
 *
 * A unit's simulations fill columns 0 .. simulations - 1 of [K][MXSI_COLUMNS]: row i holds every simulation's i-th
 * weight times its sum, so that threads read side by side. Columns beyond a short tile hold zeros. */
#ifndef MAXSHARPE_STAGED_KERNELS_CUH
#define MAXSHARPE_STAGED_KERNELS_CUH

#include "device_portfolio.cuh"
#include "device_sampling.cuh"
#include "device_screen.cuh"

enum { MXSI_COLUMNS = 1024, MXSI_STAGED_THREADS = 256, MXSI_STAGED_WARPS = MXSI_STAGED_THREADS / MXSI_WARP };

/* A batch's arrays in device memory. */
struct mxsi_staged_batch {
    float *weights;     /* [units][K][COLUMNS] */
    float *tails;       /* [units][K][COLUMNS], fixed-sum sampler only */
    float *sums;        /* [units][COLUMNS] */
    uint32_t *attempts; /* [units][COLUMNS] */
    uint32_t *assets;   /* [units][K] */
    float *gains;       /* [units][K] the portfolio's excess returns */
    float *excess;      /* [units][COLUMNS] */
    float *variances;   /* [units][COLUMNS] */
};

/* A unit's assets and their excess returns; one thread a unit. */
static MXSI_KERNEL_BOUNDS(MXSI_STAGED_THREADS, 1)
    mxsi_select_kernel(mxsi_kernel_problem problem, uint64_t first_unit, uint64_t unit_step, uint32_t units,
                       mxsi_staged_batch batch) {
    const uint32_t at = blockIdx.x * MXSI_STAGED_THREADS + threadIdx.x;
    if (at >= units) {
        return;
    }
    uint32_t *assets = batch.assets + (uint64_t)at * problem.k;
    float *gains = batch.gains + (uint64_t)at * problem.k;
    const uint64_t unit = first_unit + at * unit_step;
    mxsi_unrank_portfolio(problem, problem.first_portfolio + unit / problem.tiles_per_portfolio,
                          [&](uint32_t position, uint32_t asset) {
                              assets[position] = asset;
                              gains[position] = problem.excess[asset];
                          });
}

/* An attempt's spacings one by one: add(i, e). */
template <class Add>
MXSI_DEVICE_INLINE void mxsi_for_each_spacing(mxsi_stream stream, uint32_t k, Add add) {
    for (uint32_t i = 0; i < k; i += 4) {
        const uint4 words = mxsi_next_words(stream);
        for (int j = 0; j < 4; ++j) {
            if (i + (uint32_t)j < k) {
                add(i + (uint32_t)j, mxsi_exponential(mxsi_word(words, j)));
            }
        }
    }
}

/* The rejection sampler; a block a unit. Every attempt is drawn twice: first to learn its sum and whether it counts,
 * then, if it does, to write its weights where it belongs. Random words cost less than memory. */
static MXSI_KERNEL_BOUNDS(MXSI_STAGED_THREADS, 1)
    mxsi_draw_rejection_kernel(mxsi_kernel_problem problem, uint64_t first_unit, mxsi_staged_batch batch) {
    MXSI_SHARED(uint32_t, accepted_of_warp, MXSI_STAGED_WARPS);
    const uint64_t unit = first_unit + blockIdx.x;
    const uint32_t lane = threadIdx.x % MXSI_WARP;
    const uint32_t warp = threadIdx.x / MXSI_WARP;
    float *weights = batch.weights + (uint64_t)blockIdx.x * problem.k * MXSI_COLUMNS;
    float *sums = batch.sums + (uint64_t)blockIdx.x * MXSI_COLUMNS;
    uint32_t *attempts_of_columns = batch.attempts + (uint64_t)blockIdx.x * MXSI_COLUMNS;
    const mxsi_stream stream = mxsi_stream_of_unit(problem, unit);
    const uint32_t simulations = mxsi_unit_simulations(problem, unit);
    uint32_t filled = 0;
    for (uint32_t first_attempt = 0; filled < simulations;) {
        const uint32_t attempts = mxsi_attempts_for(problem.acceptance, simulations - filled, MXSI_STAGED_THREADS);
        const uint32_t attempt = first_attempt + threadIdx.x;
        float sum = 0.0f;
        float largest = 0.0f;
        int is_accepted = 0;
        if (threadIdx.x < attempts) {
            mxsi_for_each_spacing(mxsi_stream_of_attempt(problem, stream, attempt), problem.k, [&](uint32_t, float e) {
                sum = __fadd_rn(sum, e);
                largest = fmaxf(largest, e);
            });
            is_accepted = largest <= __fmul_rn(problem.cap, sum);
        }
        const uint32_t votes = __ballot_sync(MXSI_ALL_LANES, is_accepted);
        if (lane == 0) {
            accepted_of_warp[warp] = (uint32_t)__popc(votes);
        }
        __syncthreads();
        uint32_t column = filled + (uint32_t)__popc(votes & ((1u << lane) - 1u));
        for (uint32_t w = 0; w < MXSI_STAGED_WARPS; ++w) {
            const uint32_t accepted = accepted_of_warp[w];
            column += w < warp ? accepted : 0;
            filled += accepted;
        }
        if (is_accepted && column < simulations) {
            const float floor_part = __fmul_rn(problem.min_weight, sum);
            mxsi_for_each_spacing(mxsi_stream_of_attempt(problem, stream, attempt), problem.k,
                                  [&](uint32_t i, float e) {
                                      weights[(uint64_t)i * MXSI_COLUMNS + column] =
                                          problem.min_weight > 0.0f ? __fmaf_rn(problem.spare, e, floor_part) : e;
                                  });
            sums[column] = sum;
            attempts_of_columns[column] = attempt;
        }
        first_attempt += attempts;
        __syncthreads(); /* everyone has read what the next round writes */
    }
}

/* An attempt's words one after the other. */
struct mxsi_word_reader {
    mxsi_stream stream;
    uint4 block;
    uint32_t used;
};

MXSI_DEVICE_INLINE uint32_t mxsi_read_word(mxsi_word_reader &reader) {
    if (reader.used == 4) {
        reader.block = mxsi_next_words(reader.stream);
        reader.used = 0;
    }
    return mxsi_word(reader.block, (int)reader.used++);
}

/* The fixed-sum sampler (see fixed_sum.h and draw.c); a thread an attempt, its column in device memory. */
static MXSI_KERNEL_BOUNDS(MXSI_STAGED_THREADS, 1)
    mxsi_draw_fixed_sum_kernel(mxsi_kernel_problem problem, uint64_t first_unit, mxsi_staged_batch batch) {
    const uint64_t place = (uint64_t)blockIdx.x * MXSI_STAGED_THREADS + threadIdx.x;
    const uint64_t unit_of_batch = place / MXSI_COLUMNS;
    const uint32_t column = (uint32_t)(place % MXSI_COLUMNS);
    const uint64_t unit = first_unit + unit_of_batch;
    if (column >= mxsi_unit_simulations(problem, unit)) {
        return;
    }
    const uint32_t k = problem.k;
    float *x = batch.weights + unit_of_batch * k * MXSI_COLUMNS + column;
    float *tail = batch.tails + unit_of_batch * k * MXSI_COLUMNS + column;
    mxsi_word_reader reader = {mxsi_stream_of_attempt(problem, mxsi_stream_of_unit(problem, unit), column),
                               make_uint4(0, 0, 0, 0), 4};
    for (uint32_t i = 0; i < k; ++i) {
        x[(uint64_t)i * MXSI_COLUMNS] = mxsi_exponential(mxsi_read_word(reader));
    }
    float sum = 0.0f;
    for (uint32_t i = k; i-- > 0;) {
        sum += x[(uint64_t)i * MXSI_COLUMNS];
        tail[(uint64_t)i * MXSI_COLUMNS] = sum;
    }
    uint32_t ups = 0;
    float below = 0.0f;
    for (uint32_t i = 0; i + 1 < k; ++i) {
        const uint32_t left = k - i;
        const uint32_t up = (mxsi_read_word(reader) >> 1) < problem.chance[(uint64_t)(left - 2) * k + ups];
        below += x[(uint64_t)i * MXSI_COLUMNS] * problem.height[(uint64_t)(left - 1) * k + ups];
        x[(uint64_t)i * MXSI_COLUMNS] = below + (up ? tail[(uint64_t)(i + 1) * MXSI_COLUMNS] : 0.0f);
        ups += up;
    }
    x[(uint64_t)(k - 1) * MXSI_COLUMNS] = below + tail[(uint64_t)(k - 1) * MXSI_COLUMNS] * problem.height[ups];
    for (uint32_t i = k - 1; i > 0; --i) {
        const uint32_t j = (uint32_t)(((uint64_t)mxsi_read_word(reader) * (i + 1)) >> 32);
        const float swap = x[(uint64_t)i * MXSI_COLUMNS];
        x[(uint64_t)i * MXSI_COLUMNS] = x[(uint64_t)j * MXSI_COLUMNS];
        x[(uint64_t)j * MXSI_COLUMNS] = swap;
    }
    const float floor_part = problem.min_weight * sum;
    for (uint32_t i = 0; i < k; ++i) {
        float *weight = x + (uint64_t)i * MXSI_COLUMNS;
        *weight = __fmaf_rn(problem.spare, *weight, floor_part);
    }
    batch.sums[unit_of_batch * MXSI_COLUMNS + column] = sum;
    batch.attempts[unit_of_batch * MXSI_COLUMNS + column] = column;
}

/* The only weights that the bounds leave; a block a unit. */
static MXSI_KERNEL_BOUNDS(MXSI_STAGED_THREADS, 1)
    mxsi_draw_equal_kernel(mxsi_kernel_problem problem, mxsi_staged_batch batch) {
    if (threadIdx.x == 0) {
        for (uint32_t i = 0; i < problem.k; ++i) {
            batch.weights[((uint64_t)blockIdx.x * problem.k + i) * MXSI_COLUMNS] = 1.0f;
        }
        batch.sums[(uint64_t)blockIdx.x * MXSI_COLUMNS] = (float)problem.k;
        batch.attempts[(uint64_t)blockIdx.x * MXSI_COLUMNS] = 0;
    }
}

/* Rows and columns of the risk that a block holds at a time, and the simulations of a thread: 4 loads of weights and 4
 * broadcasts of risk feed 64 multiply-adds. */
enum { MXSI_RISK_ROWS = 16, MXSI_RISK_COLUMNS = 32, MXSI_VARIANCE_SIMS = 4, MXSI_VARIANCE_THREADS = 128 };
enum { MXSI_VARIANCE_BLOCKS = MXSI_COLUMNS / (MXSI_VARIANCE_SIMS * MXSI_VARIANCE_THREADS) }; /* of a unit */

/* The block's part of the risk, [column][row], zero beyond K. */
MXSI_DEVICE_INLINE void mxsi_gather_risk(const mxsi_kernel_problem &problem, const uint32_t *assets, uint32_t first_row,
                                         uint32_t first_column, MXSI_SHARED_POINTER(float) risk) {
    for (uint32_t at = threadIdx.x; at < MXSI_RISK_ROWS * MXSI_RISK_COLUMNS; at += MXSI_VARIANCE_THREADS) {
        const uint32_t row = first_row + at % MXSI_RISK_ROWS;
        const uint32_t column = first_column + at / MXSI_RISK_ROWS;
        risk[at] = row < problem.k && column < problem.k
                       ? problem.risk[(uint64_t)assets[row] * problem.assets + assets[column]]
                       : 0.0f;
    }
}

/* variance = x' r x for every simulation of a batch: a row-wise quadratic form, any K. */
static MXSI_KERNEL_BOUNDS(MXSI_VARIANCE_THREADS, 1)
    mxsi_variance_kernel(mxsi_kernel_problem problem, mxsi_staged_batch batch) {
    MXSI_SHARED(float, risk, MXSI_RISK_ROWS *MXSI_RISK_COLUMNS);
    const uint64_t unit = blockIdx.x / MXSI_VARIANCE_BLOCKS;
    const uint32_t first =
        blockIdx.x % MXSI_VARIANCE_BLOCKS * (MXSI_VARIANCE_SIMS * MXSI_VARIANCE_THREADS) + threadIdx.x;
    const float *x = batch.weights + unit * problem.k * MXSI_COLUMNS + first;
    const uint32_t *assets = batch.assets + unit * problem.k;
    float variance[MXSI_VARIANCE_SIMS] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (uint32_t first_row = 0; first_row < problem.k; first_row += MXSI_RISK_ROWS) {
        float row[MXSI_RISK_ROWS][MXSI_VARIANCE_SIMS];
        MXSI_UNROLL
        for (int i = 0; i < MXSI_RISK_ROWS; ++i) {
            MXSI_UNROLL
            for (int s = 0; s < MXSI_VARIANCE_SIMS; ++s) {
                row[i][s] = 0.0f;
            }
        }
        for (uint32_t first_column = 0; first_column < problem.k; first_column += MXSI_RISK_COLUMNS) {
            const uint32_t columns =
                problem.k - first_column < MXSI_RISK_COLUMNS ? problem.k - first_column : (uint32_t)MXSI_RISK_COLUMNS;
            __syncthreads(); /* the part before is no longer read */
            mxsi_gather_risk(problem, assets, first_row, first_column, risk);
            __syncthreads();
            for (uint32_t j = 0; j < columns; ++j) {
                float w[MXSI_VARIANCE_SIMS];
                MXSI_UNROLL
                for (int s = 0; s < MXSI_VARIANCE_SIMS; ++s) {
                    w[s] = x[(uint64_t)(first_column + j) * MXSI_COLUMNS + (uint32_t)s * MXSI_VARIANCE_THREADS];
                }
                MXSI_UNROLL
                for (int i = 0; i < MXSI_RISK_ROWS; i += 4) {
                    const float4 r = mxsi_load4(risk, j * MXSI_RISK_ROWS + (uint32_t)i);
                    MXSI_UNROLL
                    for (int s = 0; s < MXSI_VARIANCE_SIMS; ++s) {
                        row[i][s] = __fmaf_rn(r.x, w[s], row[i][s]);
                        row[i + 1][s] = __fmaf_rn(r.y, w[s], row[i + 1][s]);
                        row[i + 2][s] = __fmaf_rn(r.z, w[s], row[i + 2][s]);
                        row[i + 3][s] = __fmaf_rn(r.w, w[s], row[i + 3][s]);
                    }
                }
            }
        }
        MXSI_UNROLL
        for (int i = 0; i < MXSI_RISK_ROWS; ++i) {
            if (first_row + (uint32_t)i < problem.k) {
                MXSI_UNROLL
                for (int s = 0; s < MXSI_VARIANCE_SIMS; ++s) {
                    const float w =
                        x[(uint64_t)(first_row + (uint32_t)i) * MXSI_COLUMNS + (uint32_t)s * MXSI_VARIANCE_THREADS];
                    variance[s] = __fmaf_rn(row[i][s], w, variance[s]);
                }
            }
        }
    }
    MXSI_UNROLL
    for (int s = 0; s < MXSI_VARIANCE_SIMS; ++s) {
        batch.variances[unit * MXSI_COLUMNS + first + (uint32_t)s * MXSI_VARIANCE_THREADS] = variance[s];
    }
}

/* Bounds and candidates of a batch; a block a unit. sums and attempts may be the same for all units (stride 0). */
static MXSI_KERNEL_BOUNDS(MXSI_STAGED_THREADS, 1)
    mxsi_screen_kernel(mxsi_kernel_problem problem, uint64_t first_unit, uint64_t unit_step, uint32_t column_stride,
                       mxsi_staged_batch batch, mxsi_kernel_candidates candidates) {
    MXSI_SHARED(uint32_t, best_of_warp, MXSI_STAGED_WARPS);
    MXSI_SHARED(float, shared_bar, 1);
    const mxsi_block_screen screen = {best_of_warp, shared_bar};
    const uint64_t unit = first_unit + blockIdx.x * unit_step;
    const float *excess = batch.excess + (uint64_t)blockIdx.x * MXSI_COLUMNS;
    const float *variances = batch.variances + (uint64_t)blockIdx.x * MXSI_COLUMNS;
    const float *sums = batch.sums + (uint64_t)blockIdx.x * column_stride;
    const uint32_t *attempts = batch.attempts + (uint64_t)blockIdx.x * column_stride;
    const uint32_t simulations = mxsi_unit_simulations(problem, unit);
    mxsi_begin_screen(candidates, screen);
    __syncthreads();
    float bar = shared_bar[0];
    for (uint32_t first = 0; first < simulations; first += MXSI_STAGED_THREADS) {
        const uint32_t column = first + threadIdx.x;
        const int counts = column < simulations;
        const float upper[1] = {counts ? mxsi_upper_bound(excess[column], variances[column], sums[column],
                                                          problem.excess_slack, problem.variance_slack)
                                       : mxsi_nothing()};
        mxsi_screen_round<1>(
            candidates, screen, unit, upper, [&](int) { return attempts[column]; },
            [&](int) {
                return mxsi_lower_bound(excess[column], variances[column], sums[column], problem.excess_slack,
                                        problem.variance_slack);
            },
            &bar);
        __syncthreads(); /* everyone has read what the next round writes */
    }
}

#endif
