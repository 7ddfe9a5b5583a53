/* The layer that runs kernels on the CPU: kernels that are right give their results in any order of threads and blocks,
 * kernels that are wrong are reported, with place, thread and block. */
#include <Random123/philox.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <type_traits>
#include <vector>

#include "cmocka_for_cxx.h"
#include "example_kernels.cuh"
#include "support/philox_vectors.h"

namespace {

constexpr uint64_t SEED = 20240801;

/* `auto x = array[i]` would be read later than on the GPU: it does not become a number. */
static_assert(!std::is_convertible_v<mxsi_cpu::SharedElement<float> &, float>);
static_assert(std::is_convertible_v<mxsi_cpu::SharedElement<float>, float>);
static_assert(!std::is_convertible_v<mxsi_cpu::SharedPointer<const float>, mxsi_cpu::SharedPointer<float>>);
static_assert(!std::is_convertible_v<mxsi_cpu::SharedPointer<float>, float *>);

/* The check runs in every order of threads and blocks; a shuffled one five times. */
void in_every_order(const std::function<void()> &check) {
    const mxsi_cpu_order orders[] = {MXSI_CPU_FORWARD,  MXSI_CPU_REVERSE,  MXSI_CPU_SHUFFLED, MXSI_CPU_SHUFFLED,
                                     MXSI_CPU_SHUFFLED, MXSI_CPU_SHUFFLED, MXSI_CPU_SHUFFLED};
    uint64_t seed = SEED;
    for (const mxsi_cpu_order order : orders) {
        mxsi_cpu_set_order(order, seed++);
        mxsi_cpu_record_failures();
        check();
    }
    mxsi_cpu_set_order(MXSI_CPU_FORWARD, 0);
}

/* In every order the launch fails, in the kernel's file, and the message says this. */
void assert_reported(const char *what, const std::function<void()> &launch) {
    in_every_order([&]() {
        launch();
        const char *const failure = mxsi_cpu_failures();
        if (strstr(failure, what) == nullptr || strstr(failure, "example_kernels.cuh:") == nullptr ||
            strstr(failure, "(block (") == nullptr) {
            fail_msg("expected a failure that says \"%s\", got \"%s\"", what, failure);
        }
    });
}

void assert_clean() {
    assert_string_equal(mxsi_cpu_failures(), "");
}

void a_block_sums_by_shuffles_and_shared_memory(void **) {
    constexpr uint32_t COUNT = 5000; /* the last block is not full */
    constexpr int THREADS = 256;
    constexpr uint32_t BLOCKS = (COUNT + THREADS - 1) / THREADS;
    std::vector<float> values(COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        values[i] = static_cast<float>(i % 97);
    }
    in_every_order([&]() {
        std::vector<float> sums(BLOCKS, -1.0f);
        mxsi_cpu_launch(example_block_sum<THREADS>, BLOCKS, THREADS, 0, values.data(), COUNT, sums.data());
        assert_clean();
        for (uint32_t block = 0; block < BLOCKS; block++) {
            /* Sums of small integers are exact in any order. */
            float expected = 0.0f;
            for (uint32_t i = block * THREADS; i < std::min(COUNT, (block + 1) * THREADS); i++) {
                expected += values[i];
            }
            assert_true(sums[block] == expected);
        }
    });
}

void atomics_append_every_item_once(void **) {
    constexpr uint32_t COUNT = 3000;
    std::vector<std::vector<uint32_t>> lists;
    in_every_order([&]() {
        std::vector<uint32_t> list(COUNT, UINT32_MAX);
        unsigned int length = 0;
        mxsi_cpu_launch(example_append, (COUNT + 127) / 128, 128, 0, COUNT, 7u, list.data(), &length);
        assert_clean();
        assert_int_equal(length, (COUNT + 6) / 7);
        list.resize(length);
        lists.push_back(list);
        std::sort(list.begin(), list.end());
        for (uint32_t i = 0; i < length; i++) {
            assert_int_equal(list[i], 7 * i);
        }
    });
    /* The orders differ, and so does what may depend on them. */
    assert_true(lists[0] != lists[1]);
    assert_true(lists[1] != lists[2]);
    assert_true(lists[2] != lists[3]);
}

void tiles_in_dynamic_shared_memory_transpose_a_matrix(void **) {
    constexpr uint32_t ROWS = 45;
    constexpr uint32_t COLUMNS = 70;
    constexpr uint32_t SIDE = 32;
    std::vector<float> input(size_t{ROWS} * COLUMNS);
    for (size_t i = 0; i < input.size(); i++) {
        input[i] = static_cast<float>(i);
    }
    in_every_order([&]() {
        std::vector<float> output(input.size(), -1.0f);
        mxsi_cpu_launch(example_transpose, dim3(3, 2), dim3(SIDE, SIDE), SIDE * (SIDE + 1) * sizeof(float),
                        input.data(), output.data(), ROWS, COLUMNS);
        assert_clean();
        for (uint32_t row = 0; row < ROWS; row++) {
            for (uint32_t column = 0; column < COLUMNS; column++) {
                assert_true(output[column * ROWS + row] == input[row * COLUMNS + column]);
            }
        }
    });
}

void shared_memory_is_cut_into_parts_of_several_types(void **) {
    alignas(16) float rows[32 * 8];
    alignas(16) const float weights[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (int i = 0; i < 32 * 8; i++) {
        rows[i] = static_cast<float>(i * 37 % 101);
    }
    float expected = 0.0f;
    uint32_t who = 0;
    for (uint32_t row = 0; row < 32; row++) {
        float sum = 0.0f;
        for (uint32_t i = 0; i < 8; i++) {
            sum += rows[row * 8 + i] * weights[i];
        }
        who = sum > expected ? row : who;
        expected = std::max(sum, expected);
    }
    in_every_order([&]() {
        ExampleScore best = {-1.0f, 99};
        mxsi_cpu_launch(example_parts, 1, 32, (33 * 8 + 64) * sizeof(float), rows, weights, &best);
        assert_clean();
        assert_true(best.score == expected);
        assert_int_equal(best.who, who);
    });
}

void draw_as_kernels_do(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
    const uint4 drawn =
        mxsi_philox(make_uint4(counter[0], counter[1], counter[2], counter[3]), make_uint2(key[0], key[1]));
    memcpy(words, &drawn, sizeof drawn);
}

void philox_gives_the_published_words(void **) {
    assert_known_words(draw_as_kernels_do);
}

void philox_is_random123s_for_any_counter_and_key(void **) {
    uint32_t words[6] = {static_cast<uint32_t>(SEED), 1, 2, 3, 4, 5};
    for (int i = 0; i < 10000; i++) {
        for (uint32_t &word : words) {
            word = word * 1664525u + 1013904223u;
        }
        const uint4 got =
            mxsi_philox(make_uint4(words[0], words[1], words[2], words[3]), make_uint2(words[4], words[5]));
        const philox4x32_ctr_t counter = {{words[0], words[1], words[2], words[3]}};
        const philox4x32_key_t key = {{words[4], words[5]}};
        const philox4x32_ctr_t expected = philox4x32(counter, key);
        assert_memory_equal(&got, expected.v, sizeof got);
    }
}

void a_kernel_draws_words_and_exponentials(void **) {
    in_every_order([&]() {
        std::vector<uint4> words(3 * 64);
        std::vector<float> exponentials(words.size());
        mxsi_cpu_launch(example_draw, 3, 64, 0, make_uint2(99, 5), words.data(), exponentials.data());
        assert_clean();
        for (uint32_t i = 0; i < words.size(); i++) {
            const uint4 expected = mxsi_philox(make_uint4(i, 7, 1, 2), make_uint2(99, 5));
            assert_memory_equal(&words[i], &expected, sizeof expected);
            assert_true(exponentials[i] == mxsi_exponential(expected.x));
        }
    });
}

void warp_functions_answer_as_cuda_defines_them(void **) {
    in_every_order([&]() {
        std::vector<int> results(12 * 32, -1);
        mxsi_cpu_launch(example_warp_functions, 1, 32, 0, results.data());
        assert_clean();
        for (int lane = 0; lane < 32; lane++) {
            const int *const of_lane = results.data() + lane;
            assert_int_equal(of_lane[0], (lane + 1) % 32 * 10);
            assert_int_equal(of_lane[32], (lane / 8 * 8 + 3) * 10);
            assert_int_equal(of_lane[64], lane < 5 ? lane : lane - 5);
            assert_int_equal(of_lane[96], lane % 16 + 5 > 15 ? lane : lane + 5);
            assert_int_equal(of_lane[128], lane ^ 9);
            assert_int_equal(of_lane[160], 0x49249249);
            assert_int_equal(of_lane[192], 2);
            assert_int_equal(of_lane[224], 2);
            assert_int_equal(of_lane[256], 31);
            assert_int_equal(of_lane[288], 5);
            assert_int_equal(of_lane[320], lane / 16 * 16 + 15);
            assert_int_equal(of_lane[352], 16);
        }
    });
}

void atomic_functions_answer_as_cuda_defines_them(void **) {
    in_every_order([&]() {
        unsigned int results[12] = {};
        unsigned long long wide = 5;
        float sum = 1.0f;
        results[8] = 1000;
        mxsi_cpu_launch(example_atomics, 1, 64, 0, results, &wide, &sum);
        assert_clean();
        const unsigned int expected[6] = {64 * 63 / 2, 63, 5, 7, 9, UINT32_MAX};
        assert_memory_equal(results, expected, sizeof expected);
        assert_memory_equal(results + 6, expected, sizeof expected);
        assert_true(wide == 63ull << 40);
        assert_true(sum == 33.0f);
    });
}

void neighbouring_bytes_are_no_race(void **) {
    in_every_order([&]() {
        uint32_t result[64];
        mxsi_cpu_launch(example_bytes, 1, 64, 0, result);
        assert_clean();
        for (uint32_t i = 0; i < 64; i++) {
            assert_int_equal(result[i], 3 * (63 - i) + 1);
        }
    });
}

void a_full_block_passes_a_value_through_many_barriers(void **) {
    constexpr uint32_t ROUNDS = 50;
    constexpr uint32_t BLOCKS = 3;
    in_every_order([&]() {
        std::vector<uint32_t> result(BLOCKS * 1024);
        mxsi_cpu_launch(example_relay, BLOCKS, 1024, 0, ROUNDS, result.data());
        assert_clean();
        for (uint32_t i = 0; i < result.size(); i++) {
            assert_int_equal(result[i], (i + ROUNDS) % 1024);
        }
    });
}

void every_thread_reads_all_of_shared_memory(void **) {
    in_every_order([&]() {
        std::vector<float> result(256);
        mxsi_cpu_launch(example_many_reads, 1, 256, 0, 10u, result.data());
        assert_clean();
        for (const float sum : result) {
            assert_true(sum == 10.0f * 255 * 256 / 2);
        }
    });
}

void a_barrier_that_part_of_the_block_skips_is_reported(void **) {
    assert_reported("this barrier is not reached by the whole block: thread (17,0,0) has left the kernel",
                    []() { mxsi_cpu_launch(wrong_divergent_barrier, 1, 64, 0); });
    assert_reported("this barrier is not reached by the whole block: thread (0,0,0) waits at the barrier in",
                    []() { mxsi_cpu_launch(wrong_two_barriers, 1, 64, 0); });
}

void a_read_of_unwritten_shared_memory_is_reported(void **) {
    float result[64];
    assert_reported("element 5 of the shared array values is read, and no thread of this block has written it",
                    [&]() { mxsi_cpu_launch(wrong_unwritten, 1, 64, 0, result); });
    assert_reported("(block (0,0,0), thread (4,0,0))", [&]() { mxsi_cpu_launch(wrong_unwritten, 1, 64, 0, result); });
    assert_reported("no thread of this block has written it",
                    [&]() { mxsi_cpu_launch(wrong_left_behind, 2, 32, 0, result); });
}

void an_index_out_of_range_is_reported(void **) {
    float unused[1];
    assert_reported("index 32 is outside the shared array values of 32 elements",
                    [&]() { mxsi_cpu_launch(wrong_index, 1, 1, 0, 32, unused); });
    assert_reported("index -1 is outside the shared array values of 32 elements",
                    [&]() { mxsi_cpu_launch(wrong_index, 1, 1, 0, -1, unused); });
    assert_reported("index 12 is outside the slice [8, 12) of the shared array memory",
                    []() { mxsi_cpu_launch(wrong_slice_index, 1, 5, 64); });
    assert_reported("a slice of 4 elements from 8 on is not within the shared array memory of 44 bytes",
                    []() { mxsi_cpu_launch(wrong_slice_index, 1, 5, 44); });
    alignas(16) float4 result;
    assert_reported("declare it with the smallest of its types",
                    []() { mxsi_cpu_launch(wrong_smaller_elements, 1, 4, 16); });
    assert_reported("is not aligned", [&]() { mxsi_cpu_launch(wrong_alignment, 1, 64, 0, &result); });
}

void a_missing_barrier_is_reported(void **) {
    float result[64];
    in_every_order([&]() {
        mxsi_cpu_launch(wrong_missing_barrier, 1, 64, 0, 3u, result);
        assert_clean();
        assert_true(result[63] == 2.0f);
    });
    /* Without the first one a thread may find its neighbour's element too early: not yet written, or in a race. */
    in_every_order([&]() {
        mxsi_cpu_launch(wrong_missing_barrier, 1, 64, 0, 2u, result);
        const char *const failure = mxsi_cpu_failures();
        assert_true(strstr(failure, "no thread of this block has written it") != nullptr ||
                    strstr(failure, "with no barrier in between") != nullptr);
    });
    assert_reported("with no barrier in between",
                    [&]() { mxsi_cpu_launch(wrong_missing_barrier, 1, 64, 0, 1u, result); });
    assert_reported("with no barrier in between", [&]() { mxsi_cpu_launch(wrong_two_writers, 1, 2, 0, result); });
    assert_reported("changed atomically", [&]() {
        mxsi_cpu_launch(wrong_read_of_a_running_count, 1, 64, 0, reinterpret_cast<unsigned int *>(result));
    });
}

void only_syncwarp_orders_the_memory_of_a_warp(void **) {
    float result[64];
    in_every_order([&]() {
        mxsi_cpu_launch(wrong_shuffle_for_a_barrier, 2, 32, 0, true, result);
        assert_clean();
    });
    assert_reported("with no barrier in between",
                    [&]() { mxsi_cpu_launch(wrong_shuffle_for_a_barrier, 2, 32, 0, false, result); });
    in_every_order([&]() {
        mxsi_cpu_launch(wrong_syncwarp_for_the_block, 1, 64, 0, result);
        assert_string_not_equal(mxsi_cpu_failures(), "");
    });
}

void a_lane_that_does_not_come_is_reported(void **) {
    int result[32];
    assert_reported("lane 9 is named in the mask and does not come: thread (9,0,0) has left the kernel",
                    [&]() { mxsi_cpu_launch(wrong_absent_lane, 1, 32, 0, result); });
    assert_reported("lane 31 is named in the mask and does not come: the block has no such thread",
                    [&]() { mxsi_cpu_launch(example_warp_functions, 1, 31, 0, result); });
    assert_reported("lane 9 is named in the mask and does not come: thread (9,0,0) waits at the barrier in",
                    [&]() { mxsi_cpu_launch(wrong_lane_at_barrier, 1, 32, 0, result); });
    assert_reported("reads from lane 20, which is not in the mask 0000ffff",
                    [&]() { mxsi_cpu_launch(wrong_source_lane, 1, 32, 0, result); });
    assert_reported("the lane is not in its own mask 0000ffff",
                    [&]() { mxsi_cpu_launch(wrong_own_mask, 1, 32, 0, result); });
}

void a_launch_that_no_gpu_takes_is_reported(void **) {
    uint32_t result[1];
    mxsi_cpu_record_failures();
    mxsi_cpu_launch(example_relay, 1, 1025, 0, 1u, result);
    assert_string_equal(mxsi_cpu_failures(), "launch: a block of 1025 threads");
    mxsi_cpu_record_failures();
    mxsi_cpu_launch(example_relay, dim3(1, 65536), 32, 0, 1u, result);
    assert_string_equal(mxsi_cpu_failures(), "launch: a grid of (1,65536,1) blocks");
    assert_reported("bytes of shared memory are more than any GPU has for a block",
                    []() { mxsi_cpu_launch(wrong_slice_index, 1, 4, (size_t{227} << 10) + 1); });
}

void the_first_failure_is_kept_and_nothing_runs_after_it(void **) {
    uint32_t result[32] = {};
    float unused[1];
    mxsi_cpu_record_failures();
    mxsi_cpu_launch(wrong_index, 1, 1, 0, 32, unused);
    mxsi_cpu_launch(wrong_two_writers, 1, 2, 0, unused);
    mxsi_cpu_launch(example_relay, 1, 32, 0, 1u, result);
    assert_non_null(strstr(mxsi_cpu_failures(), "index 32 is outside"));
    assert_int_equal(result[0], 0);
    mxsi_cpu_record_failures();
    mxsi_cpu_launch(example_relay, 1, 32, 0, 1u, result);
    assert_clean();
    assert_int_equal(result[0], 1);
}

/* The child has not asked for failures to be kept. */
void a_failure_that_nobody_asks_for_ends_the_program(void **) {
    fflush(nullptr);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        float unused[1];
        fclose(stderr);
        mxsi_cpu_launch(wrong_two_writers, 1, 2, 0, unused);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

}  // namespace

int main() {
    printf("Philox: %s; shuffled orders from seed %llu\n", mxsi_cpu_philox_source(),
           static_cast<unsigned long long>(SEED));
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_that_nobody_asks_for_ends_the_program), /* before the others ask */
        cmocka_unit_test(a_block_sums_by_shuffles_and_shared_memory),
        cmocka_unit_test(atomics_append_every_item_once),
        cmocka_unit_test(tiles_in_dynamic_shared_memory_transpose_a_matrix),
        cmocka_unit_test(shared_memory_is_cut_into_parts_of_several_types),
        cmocka_unit_test(philox_gives_the_published_words),
        cmocka_unit_test(philox_is_random123s_for_any_counter_and_key),
        cmocka_unit_test(a_kernel_draws_words_and_exponentials),
        cmocka_unit_test(warp_functions_answer_as_cuda_defines_them),
        cmocka_unit_test(atomic_functions_answer_as_cuda_defines_them),
        cmocka_unit_test(neighbouring_bytes_are_no_race),
        cmocka_unit_test(a_full_block_passes_a_value_through_many_barriers),
        cmocka_unit_test(every_thread_reads_all_of_shared_memory),
        cmocka_unit_test(a_barrier_that_part_of_the_block_skips_is_reported),
        cmocka_unit_test(a_read_of_unwritten_shared_memory_is_reported),
        cmocka_unit_test(an_index_out_of_range_is_reported),
        cmocka_unit_test(a_missing_barrier_is_reported),
        cmocka_unit_test(only_syncwarp_orders_the_memory_of_a_warp),
        cmocka_unit_test(a_lane_that_does_not_come_is_reported),
        cmocka_unit_test(a_launch_that_no_gpu_takes_is_reported),
        cmocka_unit_test(the_first_failure_is_kept_and_nothing_runs_after_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
