/* The problem image: what is put in is read back wherever it lies, its hash names all of it, and what is not a whole
 * image of this version and byte order is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "run/problem_image.h"
#include "support/built_problem.h"

/* The header as it lies in memory: what a reader in another language would write down. */
struct header {
    char magic[8];
    uint64_t hash[2];
    uint32_t version;
    uint32_t byte_order;
    uint64_t size;
    struct mxsi_problem problem;
    uint64_t returns_at;
    uint64_t mean_at;
    uint64_t covariance_at;
    uint64_t forced_at;
    uint64_t free_assets_at;
};

/* An image in memory of its own, `distance` bytes behind the beginning of a page. */
struct written {
    unsigned char *memory;
    struct header *header; /* of the image */
    uint64_t size;
};

static struct written write_at(const struct mxsi_problem *problem, size_t distance) {
    struct written written = {.size = mxsi_problem_image_size(problem)};
    assert_true(written.size > 0 && distance % 64 == 0);
    written.memory = aligned_alloc(4096, (distance + written.size + 4095) / 4096 * 4096);
    assert_non_null(written.memory);
    written.header = (void *)memset(written.memory + distance, 0, written.size);
    assert_ptr_equal(mxsi_problem_image_write(written.header, problem), written.header);
    return written;
}

static struct mxsi_image_hash hash_of(const struct mxsi_problem *problem) {
    struct written written = write_at(problem, 0);
    const struct mxsi_image_hash hash = mxsi_problem_image_hash((const void *)written.header);
    free(written.memory);
    return hash;
}

static int is_same_hash(struct mxsi_image_hash left, struct mxsi_image_hash right) {
    return left.high == right.high && left.low == right.low;
}

static const struct mxsi_problem_image *check(const struct written *written) {
    return mxsi_problem_image_check(written->header, written->size);
}

/* Gives an image that was tampered with the hash that it would have had. */
static void hash_again(struct header *header) {
    const size_t skipped = offsetof(struct header, version);
    const XXH128_hash_t hash = XXH3_128bits((const char *)header + skipped, header->size - skipped);
    header->hash[0] = hash.high64;
    header->hash[1] = hash.low64;
}

static void assert_same_problem(const struct mxsi_problem *found, const struct mxsi_problem *expected) {
    const size_t n = expected->assets;
    assert_memory_equal(found, expected, offsetof(struct mxsi_problem, returns));
    assert_int_equal(found->returns == NULL, expected->returns == NULL);
    if (expected->returns != NULL) {
        assert_memory_equal(found->returns, expected->returns, expected->periods * n * sizeof(double));
    }
    assert_memory_equal(found->mean, expected->mean, n * sizeof(double));
    assert_memory_equal(found->covariance, expected->covariance, n * n * sizeof(double));
    assert_memory_equal(found->forced, expected->forced, expected->forced_count * sizeof(uint32_t));
    assert_memory_equal(found->free_assets, expected->free_assets, expected->free_count * sizeof(uint32_t));
}

static void a_problem_read_back_is_the_one_written_and_points_into_its_image(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct written written = write_at(&built.problem, 0);
    const struct mxsi_problem_image *image = check(&written);
    assert_ptr_equal(image, written.header);
    const struct mxsi_problem found = mxsi_problem_image_read(image);
    assert_same_problem(&found, &built.problem);
    const void *const arrays[] = {found.returns, found.mean, found.covariance, found.forced, found.free_assets};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; ++i) {
        assert_true((uintptr_t)arrays[i] > (uintptr_t)image);
        assert_true((uintptr_t)arrays[i] < (uintptr_t)image + written.size);
    }
    free(written.memory);
    destroy_problem(&built);
}

static void every_array_begins_on_a_line_of_64_bytes_behind_the_one_before(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct written written = write_at(&built.problem, 0);
    const struct header *header = written.header;
    const uint64_t n = built.problem.assets;
    const uint64_t pieces[][2] = {
        {0, sizeof *header},
        {header->returns_at, built.problem.periods * n * sizeof(double)},
        {header->mean_at, n * sizeof(double)},
        {header->covariance_at, n * n * sizeof(double)},
        {header->forced_at, built.problem.forced_count * sizeof(uint32_t)},
        {header->free_assets_at, built.problem.free_count * sizeof(uint32_t)},
        {header->size, 0},
    };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; ++i) {
        assert_int_equal(pieces[i][0] % 64, 0);
        assert_true(i == 0 || pieces[i][0] >= pieces[i - 1][0] + pieces[i - 1][1]);
    }
    assert_true(header->size == written.size);
    free(written.memory);
    destroy_problem(&built);
}

static void an_image_is_the_same_bytes_wherever_it_lies(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct written first = write_at(&built.problem, 0);
    struct written second = write_at(&built.problem, 64);
    assert_memory_equal(first.header, second.header, first.size);
    /* Not written there, but moved there. */
    unsigned char *moved = aligned_alloc(64, first.size);
    assert_non_null(moved);
    memcpy(moved, first.header, first.size);
    memset(first.header, 0xff, first.size);
    const struct mxsi_problem_image *image = mxsi_problem_image_check(moved, first.size);
    assert_non_null(image);
    assert_true(is_same_hash(mxsi_problem_image_hash(image), mxsi_problem_image_hash((const void *)second.header)));
    const struct mxsi_problem found = mxsi_problem_image_read(image);
    assert_same_problem(&found, &built.problem);
    free(moved);
    free(first.memory);
    free(second.memory);
    destroy_problem(&built);
}

/* Every byte of an array, changed, changes the hash. */
static void assert_hash_covers(struct mxsi_problem *problem, const void **array, size_t size) {
    const struct mxsi_image_hash before = hash_of(problem);
    const void *const kept = *array;
    unsigned char *changed = malloc(size);
    assert_non_null(changed);
    memcpy(changed, kept, size);
    *array = changed;
    assert_true(is_same_hash(hash_of(problem), before)); /* the numbers, not where they are */
    for (size_t i = 0; i < size; ++i) {
        changed[i] ^= 1;
        assert_false(is_same_hash(hash_of(problem), before));
        changed[i] ^= 1;
    }
    *array = kept;
    free(changed);
}

static void the_hash_changes_with_any_byte_of_any_array(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct mxsi_problem *problem = &built.problem;
    const size_t n = problem->assets;
    assert_hash_covers(problem, (const void **)&problem->returns, problem->periods * n * sizeof(double));
    assert_hash_covers(problem, (const void **)&problem->mean, n * sizeof(double));
    assert_hash_covers(problem, (const void **)&problem->covariance, n * n * sizeof(double));
    assert_hash_covers(problem, (const void **)&problem->forced, problem->forced_count * sizeof(uint32_t));
    assert_hash_covers(problem, (const void **)&problem->free_assets, problem->free_count * sizeof(uint32_t));
    destroy_problem(&built);
}

static void the_hash_changes_with_every_number_that_is_asked(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct mxsi_problem other[9];
    enum { OTHERS = sizeof other / sizeof *other };
    for (size_t i = 0; i < OTHERS; ++i) {
        other[i] = built.problem;
    }
    other[0].assets_per_portfolio += 1;
    other[1].objective += 1;
    other[2].top += 1;
    other[3].portfolios += 1;
    other[4].min_weight += 1e-17;
    other[5].max_weight = 0.2 + 0x1p-54;
    other[6].risk_free = -built.problem.risk_free;
    other[7].periods_per_year += 1e-10;
    other[8].periods -= 1; /* a row fewer */
    for (size_t i = 0; i < OTHERS; ++i) {
        assert_false(is_same_hash(hash_of(&other[i]), hash_of(&built.problem)));
        for (size_t j = 0; j < i; ++j) {
            assert_false(is_same_hash(hash_of(&other[i]), hash_of(&other[j])));
        }
    }
    destroy_problem(&built);
}

/* A checkpoint that names a hash is worth nothing once images change: then their version changes too. Worked out from
 * the layout in problem_image.h by Python's struct.pack and the 128-bit XXH3 of its xxhash. */
static void a_small_problem_has_the_hash_that_it_always_had(void **state) {
    (void)state;
    static const double mean[] = {0.001, 0.002};
    static const double covariance[] = {4e-4, 1e-4, 1e-4, 9e-4};
    static const uint32_t free_assets[] = {0, 1};
    const uint16_t one = 1;
    if (*(const unsigned char *)&one != 1) {
        print_message("a machine of the other byte order has other hashes\n");
        skip();
    }
    const struct mxsi_problem problem = {
        .assets = 2,
        .assets_per_portfolio = 1,
        .free_count = 2,
        .top = 1,
        .portfolios = 2,
        .max_weight = 1.0,
        .risk_free = 0.05,
        .periods_per_year = 252.0,
        .mean = mean,
        .covariance = covariance,
        .free_assets = free_assets,
    };
    const struct mxsi_image_hash hash = hash_of(&problem);
    if (hash.high != UINT64_C(0xd43959f1bd9337cc) || hash.low != UINT64_C(0xd02a28d3ecc3daa0)) {
        fail_msg("the hash is %016llx%016llx", (unsigned long long)hash.high, (unsigned long long)hash.low);
    }
}

static void a_market_of_moments_has_no_returns_in_its_image(void **state) {
    (void)state;
    struct built_problem built;
    build_sampler(&built, 5, 0.0, 1.0, 1);
    assert_null(built.problem.returns);
    struct written written = write_at(&built.problem, 0);
    const struct mxsi_problem_image *image = check(&written);
    assert_non_null(image);
    assert_true(written.header->returns_at == 0);
    const struct mxsi_problem found = mxsi_problem_image_read(image);
    assert_null(found.returns);
    assert_same_problem(&found, &built.problem);
    free(written.memory);
    destroy_problem(&built);
}

static void an_image_with_any_byte_changed_is_refused(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct written written = write_at(&built.problem, 0);
    unsigned char *bytes = (void *)written.header;
    for (uint64_t i = 0; i < written.size; ++i) {
        bytes[i] ^= 0x10;
        if (check(&written) != NULL) {
            fail_msg("byte %llu of %llu can be changed", (unsigned long long)i, (unsigned long long)written.size);
        }
        bytes[i] ^= 0x10;
    }
    assert_non_null(check(&written));
    free(written.memory);
    destroy_problem(&built);
}

static void a_cut_image_is_refused(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct written written = write_at(&built.problem, 0);
    for (uint64_t size = 0; size < written.size; ++size) {
        assert_null(mxsi_problem_image_check(written.header, size));
    }
    /* Nor one that says of itself that it is shorter, or longer than what there is. */
    const uint64_t whole = written.size;
    for (written.size = sizeof(struct header); written.size < whole; written.size += 64) {
        written.header->size = written.size;
        hash_again(written.header);
        assert_null(check(&written));
    }
    free(written.memory);
    destroy_problem(&built);
}

/* Whoever writes these has the hash right. */
static void assert_refused_whatever_its_hash(const struct written *written, void *member, size_t size,
                                             const void *other) {
    unsigned char kept[8];
    memcpy(kept, member, size);
    memcpy(member, other, size);
    hash_again(written->header);
    assert_null(check(written));
    memcpy(member, kept, size);
    hash_again(written->header);
    assert_non_null(check(written));
}

static void other_versions_and_byte_orders_are_refused(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct written written = write_at(&built.problem, 0);
    struct header *header = written.header;
    const uint32_t next_version = header->version + 1;
    const uint32_t no_version = 0;
    const uint32_t other_order = __builtin_bswap32(header->byte_order);
    assert_int_equal(header->version, 1);
    assert_int_equal(header->byte_order, 0x01020304);
    assert_refused_whatever_its_hash(&written, &header->version, 4, &next_version);
    assert_refused_whatever_its_hash(&written, &header->version, 4, &no_version);
    assert_refused_whatever_its_hash(&written, &header->byte_order, 4, &other_order);
    assert_refused_whatever_its_hash(&written, header->magic, 8, "mxsimags");
    free(written.memory);
    destroy_problem(&built);
}

static void an_image_whose_numbers_contradict_its_size_is_refused(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct written written = write_at(&built.problem, 0);
    struct header *header = written.header;
    const uint32_t more_assets = header->problem.assets + 1;
    const uint32_t too_many = UINT32_MAX;
    const uint64_t most_rows = UINT64_MAX;
    const uint64_t elsewhere = header->mean_at + 64;
    const uint64_t outside = header->size;
    const uint64_t nowhere = 0;
    const double *pointer = built.problem.mean;
    assert_refused_whatever_its_hash(&written, &header->problem.assets, 4, &more_assets);
    assert_refused_whatever_its_hash(&written, &header->problem.assets, 4, &too_many);
    assert_refused_whatever_its_hash(&written, &header->problem.forced_count, 4, &too_many);
    assert_refused_whatever_its_hash(&written, &header->problem.free_count, 4, &too_many);
    assert_refused_whatever_its_hash(&written, &header->problem.periods, 8, &most_rows);
    assert_refused_whatever_its_hash(&written, &header->returns_at, 8, &nowhere);
    assert_refused_whatever_its_hash(&written, &header->mean_at, 8, &elsewhere);
    assert_refused_whatever_its_hash(&written, &header->covariance_at, 8, &outside);
    assert_refused_whatever_its_hash(&written, &header->forced_at, 8, &elsewhere);
    assert_refused_whatever_its_hash(&written, &header->free_assets_at, 8, &outside);
    assert_refused_whatever_its_hash(&written, &header->problem.mean, sizeof pointer, &pointer);
    free(written.memory);
    destroy_problem(&built);
}

static void a_problem_beyond_64_bits_has_no_image(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    const uint64_t n = built.problem.assets;
    const uint64_t rows[] = {UINT64_MAX, UINT64_MAX / n / 8, UINT64_MAX / n + 1, UINT64_MAX / n / 8 + 1,
                             (UINT64_C(1) << 60) / n + 1};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
        struct mxsi_problem huge = built.problem;
        huge.periods = rows[i];
        assert_true(mxsi_problem_image_size(&huge) == 0);
    }
    struct mxsi_problem huge = built.problem;
    huge.assets = UINT32_MAX; /* N x N doubles */
    assert_true(mxsi_problem_image_size(&huge) == 0);
    huge.assets = 1 << 29; /* 2^61 bytes: that is a number, whoever has so much */
    huge.returns = NULL;
    assert_true(mxsi_problem_image_size(&huge) > UINT64_C(1) << 61);
    destroy_problem(&built);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_read_back_is_the_one_written_and_points_into_its_image),
        cmocka_unit_test(every_array_begins_on_a_line_of_64_bytes_behind_the_one_before),
        cmocka_unit_test(an_image_is_the_same_bytes_wherever_it_lies),
        cmocka_unit_test(the_hash_changes_with_any_byte_of_any_array),
        cmocka_unit_test(the_hash_changes_with_every_number_that_is_asked),
        cmocka_unit_test(a_small_problem_has_the_hash_that_it_always_had),
        cmocka_unit_test(a_market_of_moments_has_no_returns_in_its_image),
        cmocka_unit_test(an_image_with_any_byte_changed_is_refused),
        cmocka_unit_test(a_cut_image_is_refused),
        cmocka_unit_test(other_versions_and_byte_orders_are_refused),
        cmocka_unit_test(an_image_whose_numbers_contradict_its_size_is_refused),
        cmocka_unit_test(a_problem_beyond_64_bits_has_no_image),
    };
    return cmocka_run_group_tests_name("problem image", tests, NULL, NULL);
}
