/* Random words and spacings on the device: the canonical ones, see simulation_counter.h and exponential.h. */
#ifndef MAXSHARPE_DEVICE_SAMPLING_CUH
#define MAXSHARPE_DEVICE_SAMPLING_CUH

#include "kernel_language.h"
#include "kernel_problem.h"
#include "sampling/exponential.h"

/* The counter of the next block, and the key. */
struct mxsi_stream {
    uint4 counter;
    uint2 key;
};

/* Of a unit's attempt 0: what all attempts of a block have in common is worked out once. */
MXSI_DEVICE_INLINE mxsi_stream mxsi_stream_of_unit(const mxsi_kernel_problem &problem, uint64_t unit) {
    const uint64_t rank = problem.first_portfolio + unit / problem.tiles_per_portfolio;
    const uint64_t stream = problem.shared_draws ? ~(uint64_t)0 : rank;
    mxsi_stream made;
    made.counter =
        make_uint4(0, (uint32_t)(unit % problem.tiles_per_portfolio), (uint32_t)stream, (uint32_t)(stream >> 32));
    made.key = make_uint2((uint32_t)problem.seed, (uint32_t)(problem.seed >> 32));
    return made;
}

/* The unit's stream from the attempt's first block on. */
MXSI_DEVICE_INLINE mxsi_stream mxsi_stream_of_attempt(const mxsi_kernel_problem &problem, mxsi_stream of_unit,
                                                      uint32_t attempt) {
    of_unit.counter.x = attempt * problem.blocks_per_attempt;
    return of_unit;
}

/* The next four words. */
MXSI_DEVICE_INLINE uint4 mxsi_next_words(mxsi_stream &stream) {
    const uint4 words = mxsi_philox(stream.counter, stream.key);
    ++stream.counter.x;
    return words;
}

MXSI_DEVICE_INLINE uint32_t mxsi_word(const uint4 &words, int i) {
    return i == 0 ? words.x : (i == 1 ? words.y : (i == 2 ? words.z : words.w));
}

/* How many attempts to make so that `wanted` are likely accepted: a multiple of a warp, at most `most`. */
MXSI_DEVICE_INLINE uint32_t mxsi_attempts_for(float acceptance, uint32_t wanted, uint32_t most) {
    const float likely = (float)wanted / acceptance * (acceptance < 1.0f ? 1.01f : 1.0f);
    const uint32_t attempts = likely < (float)most ? ((uint32_t)likely + 32) / 32 * 32 : most;
    return attempts < most ? attempts : most;
}

#endif
