/* A task in shared memory: what is put in is read back, by this process, its children and other programs; nothing of it
 * has a name. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/task_image.h"
#include "support/built_problem.h"
#include "support/process_watch.h"
#include "support/second_program.h"

static void make_image(const struct mxsi_task *task, struct mxsi_task_image *image) {
    mxs_error error = {.message = ""};
    if (mxsi_task_image_create(task, image, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
}

static int same_bytes(const void *a, const void *b, size_t size) {
    return size == 0 || (a != NULL && b != NULL && memcmp(a, b, size) == 0);
}

static int same_problem(const struct mxsi_problem *a, const struct mxsi_problem *b) {
    const size_t n = a->assets;
    return same_bytes(a, b, offsetof(struct mxsi_problem, returns)) && (a->returns == NULL) == (b->returns == NULL) &&
           (a->returns == NULL || same_bytes(a->returns, b->returns, a->periods * n * sizeof(double))) &&
           same_bytes(a->mean, b->mean, n * sizeof(double)) &&
           same_bytes(a->covariance, b->covariance, n * n * sizeof(double)) &&
           same_bytes(a->forced, b->forced, a->forced_count * sizeof(uint32_t)) &&
           same_bytes(a->free_assets, b->free_assets, a->free_count * sizeof(uint32_t));
}

static int same_task(const struct mxsi_task *a, const struct mxsi_task *b) {
    const size_t n = a->problem->assets;
    return same_problem(a->problem, b->problem) &&
           same_bytes(a->sampling, b->sampling, offsetof(struct mxsi_sampling, table)) &&
           (a->sampling->table == NULL) == (b->sampling->table == NULL) &&
           same_bytes(a->sampling->table, b->sampling->table, a->sampling->table_size) &&
           same_bytes(a->screening, b->screening, offsetof(struct mxsi_screening, excess)) &&
           same_bytes(a->screening->excess, b->screening->excess, n * sizeof(float)) &&
           same_bytes(a->screening->risk, b->screening->risk, n * n * sizeof(float)) &&
           same_bytes(a->screening->floor, b->screening->floor, n * sizeof(double)) &&
           same_bytes(a->screening->ceiling, b->screening->ceiling, n * sizeof(double));
}

static void a_task_read_back_is_the_one_put_in(void **state) {
    (void)state;
    struct built_problem built;
    struct mxsi_task_image image;
    build_full_problem(&built);
    make_image(&built.task, &image);
    const struct mxsi_task found = mxsi_task_image_read(&image);
    assert_true(same_task(&found, &built.task));
    assert_ptr_not_equal(found.problem->mean, built.problem.mean);
    assert_ptr_equal(mxsi_problem_image_check(image.problem_image, mxsi_problem_image_size(&built.problem)),
                     image.problem_image);
    mxsi_task_image_destroy(&image);
    destroy_problem(&built);
}

static int compare_pieces(const void *left, const void *right) {
    const uintptr_t a = *(const uintptr_t *)left;
    const uintptr_t b = *(const uintptr_t *)right;
    return (a > b) - (a < b);
}

static void every_array_begins_on_a_line_of_64_bytes_and_touches_no_other(void **state) {
    (void)state;
    struct built_problem built;
    struct mxsi_task_image image;
    build_full_problem(&built);
    make_image(&built.task, &image);
    const size_t n = built.problem.assets;
    const uintptr_t begin = (uintptr_t)image.shared.bytes;
    uintptr_t pieces[][2] = {
        {(uintptr_t)image.problem_image, mxsi_problem_image_size(&built.problem)},
        {(uintptr_t)image.sampling.table, built.sampling.table_size},
        {(uintptr_t)image.screening.excess, n * sizeof(float)},
        {(uintptr_t)image.screening.risk, n * n * sizeof(float)},
        {(uintptr_t)image.screening.floor, n * sizeof(double)},
        {(uintptr_t)image.screening.ceiling, n * sizeof(double)},
        {begin + image.shared.size, 0},
    };
    enum { PIECES = sizeof pieces / sizeof *pieces };
    qsort(pieces, PIECES, sizeof *pieces, compare_pieces);
    assert_true(pieces[0][0] > begin);
    for (size_t i = 0; i < PIECES; ++i) {
        assert_int_equal(pieces[i][0] % 64, 0);
        assert_true(i == 0 || pieces[i][0] >= pieces[i - 1][0] + pieces[i - 1][1]);
    }
    mxsi_task_image_destroy(&image);
    destroy_problem(&built);
}

static void moments_and_a_sampler_without_a_table_leave_those_arrays_out(void **state) {
    (void)state;
    struct built_problem built;
    struct mxsi_task_image image;
    build_sampler(&built, 5, 0.0, 1.0, 1);
    make_image(&built.task, &image);
    const struct mxsi_task found = mxsi_task_image_read(&image);
    assert_null(found.problem->returns);
    assert_null(found.sampling->table);
    assert_true(same_task(&found, &built.task));
    mxsi_task_image_destroy(&image);
    destroy_problem(&built);
}

static void a_forked_child_reads_it_where_its_parent_does(void **state) {
    (void)state;
    struct built_problem built;
    struct mxsi_task_image image;
    build_full_problem(&built);
    make_image(&built.task, &image);
    const pid_t pid = fork();
    if (pid == 0) {
        const struct mxsi_task found = mxsi_task_image_read(&image);
        _exit(same_task(&found, &built.task) ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    mxsi_task_image_destroy(&image);
    destroy_problem(&built);
}

/* What the second program does: makes the same problem for itself, and compares. */
static int read_from_descriptor(int descriptor) {
    struct built_problem built;
    struct mxsi_task_image image;
    build_full_problem(&built);
    if (mxsi_task_image_map(descriptor, &image) != 0) {
        return 2;
    }
    const struct mxsi_task found = mxsi_task_image_read(&image);
    const int is_same = same_task(&found, &built.task);
    mxsi_task_image_destroy(&image);
    destroy_problem(&built);
    return is_same ? 0 : 1;
}

static void another_program_that_is_handed_its_descriptor_reads_the_same_task(void **state) {
    (void)state;
    struct built_problem built;
    struct mxsi_task_image image;
    build_full_problem(&built);
    make_image(&built.task, &image);
    assert_int_equal(run_second_program("read", image.shared.descriptor), 0);
    mxsi_task_image_destroy(&image);
    destroy_problem(&built);
}

/* Maps it once more; the descriptor is the mapping's own, and is gone with it. */
static int can_be_mapped(const struct mxsi_task_image *image) {
    struct mxsi_task_image again;
    const int can = mxsi_task_image_map(dup(image->shared.descriptor), &again) == 0;
    assert_int_equal(can, again.shared.bytes != NULL);
    mxsi_task_image_destroy(&again);
    return can;
}

static void what_is_no_task_of_this_version_is_not_mapped(void **state) {
    (void)state;
    struct built_problem built;
    struct mxsi_task_image image;
    struct mxsi_shared_memory other;
    build_full_problem(&built);
    make_image(&built.task, &image);
    assert_true(can_be_mapped(&image));
    unsigned char *bytes = image.shared.bytes;
    for (size_t i = 0; i < 12; ++i) { /* the magic, and the version behind it */
        bytes[i] ^= 1;
        assert_false(can_be_mapped(&image));
        bytes[i] ^= 1;
    }
    unsigned char *mean = bytes + ((const unsigned char *)image.problem.mean - bytes);
    mean[3] ^= 1; /* the problem's own hash tells */
    assert_false(can_be_mapped(&image));
    mean[3] ^= 1;
    assert_true(can_be_mapped(&image));
    assert_int_equal(mxsi_shared_memory_create(1 << 16, &other), 0);
    struct mxsi_task_image none;
    assert_int_equal(mxsi_task_image_map(dup(other.descriptor), &none), -1);
    memcpy(other.bytes, image.shared.bytes, image.shared.size < other.size ? image.shared.size : other.size);
    assert_int_equal(mxsi_task_image_map(dup(other.descriptor), &none), -1); /* longer than it says */
    assert_int_equal(mxsi_task_image_map(-1, &none), -1);
    mxsi_shared_memory_close(&other);
    mxsi_task_image_destroy(&image);
    destroy_problem(&built);
}

/* Other programs may have memory of their own in /dev/shm, so only our name is looked for. */
static int is_named_in_dev_shm(void) {
    DIR *directory = opendir("/dev/shm");
    int found = 0;
    const struct dirent *entry = NULL;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        found |= strstr(entry->d_name, "maxsharpe") != NULL;
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    return found;
}

static void an_image_has_no_name_and_leaves_no_descriptor(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    const int free_descriptor = dup(0); /* the lowest one */
    assert_int_equal(close(free_descriptor), 0);
    for (int i = 0; i < 50; ++i) {
        struct mxsi_task_image image;
        make_image(&built.task, &image);
        assert_false(is_named_in_dev_shm());
        assert_true(can_be_mapped(&image));
        mxsi_task_image_destroy(&image);
    }
    const int descriptor = dup(0);
    assert_int_equal(descriptor, free_descriptor);
    assert_int_equal(close(descriptor), 0);
    destroy_problem(&built);
}

static void assert_too_large(const struct mxsi_task *task) {
    struct mxsi_task_image image;
    memset(&image, 0xa5, sizeof image);
    mxs_error error = {.message = ""};
    assert_int_equal(mxsi_task_image_create(task, &image, &error), MXS_ERROR_MEMORY);
    assert_int_equal(error.status, MXS_ERROR_MEMORY);
    assert_non_null(strstr(error.message, "the shared memory of the problem would need"));
    assert_non_null(strstr(error.message, "use fewer assets or rows"));
    assert_null(strchr(error.message, '\n'));
    assert_null(image.shared.bytes);
    mxsi_task_image_destroy(&image); /* there is nothing to destroy */
}

static void a_task_that_no_machine_can_hold_is_out_of_memory(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    const uint64_t n = built.problem.assets;
    const uint64_t periods = built.problem.periods;
    const uint64_t rows[] = {
        UINT64_MAX,
        UINT64_MAX / n / 8,     /* the arrays alone fit 64 bits */
        UINT64_MAX / n + 1,     /* rows x assets is a small number modulo 2^64 */
        UINT64_MAX / n / 8 + 1, /* and so are the bytes */
        (UINT64_C(1) << 59) / n,
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
        built.problem.periods = rows[i];
        assert_too_large(&built.task);
    }
    built.problem.periods = periods;
    built.problem.returns = NULL;
    built.problem.assets = UINT32_MAX; /* N x N doubles */
    assert_too_large(&built.task);
    built.problem.assets = 1 << 29; /* those fit 63 bits, but no machine */
    assert_too_large(&built.task);
    built.problem.assets = (uint32_t)n;
    built.sampling.table_size = UINT64_MAX - 64;
    assert_too_large(&built.task);
    built.sampling.table_size = INT64_MAX;
    assert_too_large(&built.task);
    destroy_problem(&built);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, watch_begin, watch_end)

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "read") == 0) {
        return read_from_descriptor((int)strtol(argv[2], NULL, 10));
    }
    const struct CMUnitTest tests[] = {
        WATCHED(a_task_read_back_is_the_one_put_in),
        WATCHED(every_array_begins_on_a_line_of_64_bytes_and_touches_no_other),
        WATCHED(moments_and_a_sampler_without_a_table_leave_those_arrays_out),
        WATCHED(a_forked_child_reads_it_where_its_parent_does),
        WATCHED(another_program_that_is_handed_its_descriptor_reads_the_same_task),
        WATCHED(what_is_no_task_of_this_version_is_not_mapped),
        WATCHED(an_image_has_no_name_and_leaves_no_descriptor),
        WATCHED(a_task_that_no_machine_can_hold_is_out_of_memory),
    };
    return cmocka_run_group_tests_name("task image", tests, NULL, NULL);
}
