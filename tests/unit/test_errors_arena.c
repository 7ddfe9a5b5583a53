/* Error messages, statuses, and the memory that handles live in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/errors.h"
#include "maxsharpe/maxsharpe.h"

static void a_failure_fills_the_error_and_returns_its_status(void **state) {
    (void)state;
    mxs_error error = {.status = MXS_OK, .line = 9, .column = 9, .message = "old"};
    assert_int_equal(mxsi_fail(&error, MXS_ERROR_DATA, "%d of %s", 3, "four"), MXS_ERROR_DATA);
    assert_int_equal(error.status, MXS_ERROR_DATA);
    assert_int_equal(error.line, 0);
    assert_int_equal(error.column, 0);
    assert_string_equal(error.message, "3 of four");
}

static void a_caller_need_not_want_the_message(void **state) {
    (void)state;
    assert_int_equal(mxsi_fail(NULL, MXS_ERROR_MEMORY, "%s", "nobody reads this"), MXS_ERROR_MEMORY);
    assert_int_equal(mxsi_fail_at(NULL, MXS_ERROR_DATA, "file", 1, 2, "nor this"), MXS_ERROR_DATA);
    assert_int_equal(mxsi_fail_memory(NULL, "this"), MXS_ERROR_MEMORY);
}

static void a_place_stands_before_the_message_as_far_as_it_is_known(void **state) {
    (void)state;
    mxs_error error;
    (void)mxsi_fail_at(&error, MXS_ERROR_DATA, "a.csv", 12, 3, "no %s", "number");
    assert_string_equal(error.message, "a.csv:12:3: no number");
    assert_int_equal(error.line, 12);
    assert_int_equal(error.column, 3);
    (void)mxsi_fail_at(&error, MXS_ERROR_DATA, "a.csv", 12, 0, "no number");
    assert_string_equal(error.message, "a.csv:12: no number");
    assert_int_equal(error.column, 0);
    (void)mxsi_fail_at(&error, MXS_ERROR_DATA, "a.csv", 0, 0, "no number");
    assert_string_equal(error.message, "a.csv: no number");
    (void)mxsi_fail_at(&error, MXS_ERROR_DATA, "%s%n", UINT64_MAX, UINT64_MAX, "no number");
    assert_string_equal(error.message, "%s%n:18446744073709551615:18446744073709551615: no number");
}

static void a_failure_has_no_hint_but_the_one_it_is_given(void **state) {
    (void)state;
    mxs_error error;
    memset(&error, 0x55, sizeof error);
    (void)mxsi_fail(&error, MXS_ERROR_DATA, "first");
    assert_int_equal(error.hint, MXS_HINT_NONE);
    assert_string_equal(error.subject, "");
    assert_int_equal(mxsi_advise(&error, mxsi_fail(&error, MXS_ERROR_DATA, "second"), MXS_HINT_EXCLUDE, "A"),
                     MXS_ERROR_DATA);
    assert_int_equal(error.hint, MXS_HINT_EXCLUDE);
    assert_string_equal(error.subject, "A");
    assert_string_equal(error.message, "second");
    assert_int_equal(mxsi_advise(&error, MXS_ERROR_ARGUMENT, MXS_HINT_NO_RANGE, NULL), MXS_ERROR_ARGUMENT);
    assert_string_equal(error.subject, "");
    (void)mxsi_advise(&error, MXS_ERROR_DATA, MXS_HINT_EXCLUDE, "A");
    (void)mxsi_fail_at(&error, MXS_ERROR_DATA, "a.csv", 1, 1, "third");
    assert_int_equal(error.hint, MXS_HINT_NONE);
    assert_string_equal(error.subject, "");
    assert_int_equal(mxsi_advise(NULL, MXS_ERROR_DATA, MXS_HINT_EXCLUDE, "A"), MXS_ERROR_DATA);
}

static void every_hint_has_words_that_are_no_command_line_s(void **state) {
    (void)state;
#define ADVICE(name, value, text) {name, value},
    static const struct {
        mxs_hint hint;
        int value;
    } HINTS[] = {MXS_HINT_LIST(ADVICE)};
#undef ADVICE
    for (size_t i = 0; i < sizeof HINTS / sizeof *HINTS; ++i) {
        const char *words = mxs_hint_string(HINTS[i].hint);
        assert_int_equal(HINTS[i].hint, i); /* values are stable and without gaps */
        assert_int_equal(HINTS[i].value, i);
        assert_true((words[0] == '\0') == (HINTS[i].hint == MXS_HINT_NONE));
        assert_null(strstr(words, "--"));
    }
    assert_string_equal(mxs_hint_string((mxs_hint)(sizeof HINTS / sizeof *HINTS)), "");
    assert_string_equal(mxs_hint_string((mxs_hint)-1), "");
}

static void out_of_memory_says_what_for(void **state) {
    (void)state;
    mxs_error error;
    assert_int_equal(mxsi_fail_memory(&error, "the search"), MXS_ERROR_MEMORY);
    assert_string_equal(error.message, "not enough memory for the search");
}

static void a_message_is_one_printable_line(void **state) {
    (void)state;
    mxs_error error;
    (void)mxsi_fail(&error, MXS_ERROR_DATA, "'%s'", "a\nb\tc\x1b[31m\x7f\r\xc3\xa9");
    assert_string_equal(error.message, "'a?b?c?[31m??\xc3\xa9'"); /* UTF-8 stays */
    (void)mxsi_fail_at(&error, MXS_ERROR_DATA, "evil\nfile", 1, 1, "x");
    assert_string_equal(error.message, "evil?file:1:1: x");
}

static void a_message_that_is_too_long_is_cut_and_still_ends(void **state) {
    (void)state;
    struct {
        mxs_error error;
        char behind;
    } guarded = {.behind = 'g'};
    char text[3 * MXS_ERROR_MESSAGE_SIZE];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)mxsi_fail(&guarded.error, MXS_ERROR_DATA, "%s", text);
    assert_int_equal(strlen(guarded.error.message), MXS_ERROR_MESSAGE_SIZE - 1);
    (void)mxsi_fail_at(&guarded.error, MXS_ERROR_DATA, "f", 1, 2, "%s", text);
    assert_int_equal(strlen(guarded.error.message), MXS_ERROR_MESSAGE_SIZE - 1);
    assert_memory_equal(guarded.error.message, "f:1:2: xxx", 10);
    assert_int_equal(guarded.behind, 'g');
}

static void a_long_path_does_not_push_the_reason_out(void **state) {
    (void)state;
    mxs_error error;
    char path[4096];
    memset(path, '/', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    (void)mxsi_fail_at(&error, MXS_ERROR_DATA, path, 7, 8, "the reason");
    assert_non_null(strstr(error.message, "/:7:8: the reason"));
}

static void every_status_has_its_text_and_a_stranger_has_one_too(void **state) {
    (void)state;
#define ASSERT_STATUS(name, value, text) \
    assert_int_equal((name), (value));   \
    assert_string_equal(mxs_status_string(name), text);
    MXS_STATUS_LIST(ASSERT_STATUS)
#undef ASSERT_STATUS
    assert_string_equal(mxs_status_string((mxs_status)8), "unknown status");
    assert_string_equal(mxs_status_string((mxs_status)12345), "unknown status");
}

static void the_version_is_that_of_the_header(void **state) {
    (void)state;
    char expected[32];
    (void)snprintf(expected, sizeof expected, "%d.%d.%d", MXS_VERSION_MAJOR, MXS_VERSION_MINOR, MXS_VERSION_PATCH);
    assert_string_equal(mxs_version(), expected);
}

static void what_an_arena_gives_is_zeroed_aligned_and_apart(void **state) {
    (void)state;
    enum { PIECES = 200 };
    mxsi_arena *arena = mxsi_arena_create();
    assert_non_null(arena);
    unsigned char *pieces[PIECES];
    for (size_t i = 0; i < PIECES; ++i) {
        pieces[i] = mxsi_arena_allocate(arena, i, 3);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 64, 0);
        for (size_t j = 0; j < 3 * i; ++j) {
            assert_int_equal(pieces[i][j], 0);
        }
        memset(pieces[i], (int)i, 3 * i);
    }
    for (size_t i = 0; i < PIECES; ++i) {
        for (size_t j = 0; j < 3 * i; ++j) {
            assert_int_equal(pieces[i][j], i);
        }
    }
    mxsi_arena_destroy(arena);
}

static void a_size_that_overflows_or_cannot_be_had_is_null(void **state) {
    (void)state;
    mxsi_arena *arena = mxsi_arena_create();
    assert_non_null(arena);
    assert_null(mxsi_arena_allocate(arena, SIZE_MAX, 1));
    assert_null(mxsi_arena_allocate(arena, SIZE_MAX / 2 + 2, 2)); /* 2 modulo 2^64 */
    assert_null(mxsi_arena_allocate(arena, SIZE_MAX - 127, 1));
    assert_null(mxsi_arena_allocate(arena, UINT64_C(1) << 32, UINT64_C(1) << 32));
    assert_non_null(mxsi_arena_allocate(arena, 0, 8));
    assert_non_null(mxsi_arena_allocate(arena, 8, 0));
    assert_non_null(mxsi_arena_allocate(arena, 8, 8)); /* the failures left it usable */
    mxsi_arena_destroy(arena);
    mxsi_arena_destroy(NULL);
}

static void strings_are_copied_and_formatted(void **state) {
    (void)state;
    mxsi_arena *arena = mxsi_arena_create();
    assert_non_null(arena);
    char original[] = "AAPL";
    const char *copy = mxsi_arena_copy_string(arena, original);
    original[0] = 'X';
    assert_string_equal(copy, "AAPL");
    assert_string_equal(mxsi_arena_copy_string(arena, ""), "");
    assert_string_equal(mxsi_arena_format(arena, "%d|%s", 42, copy), "42|AAPL");
    const char *wide = mxsi_arena_format(arena, "%5000d", 1);
    assert_int_equal(strlen(wide), 5000);
    mxsi_arena_destroy(arena);
}

static void lines_grow_without_losing_any(void **state) {
    (void)state;
    mxsi_arena *arena = mxsi_arena_create();
    assert_non_null(arena);
    mxsi_messages lines = {0};
    char text[16];
    for (int i = 0; i < 100; ++i) {
        (void)snprintf(text, sizeof text, "line %d", i);
        assert_int_equal(mxsi_messages_append(arena, &lines, text), 0);
    }
    assert_int_equal(lines.count, 100);
    for (int i = 0; i < 100; ++i) {
        (void)snprintf(text, sizeof text, "line %d", i);
        assert_string_equal(lines.items[i], text);
    }
    mxsi_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_fills_the_error_and_returns_its_status),
        cmocka_unit_test(a_caller_need_not_want_the_message),
        cmocka_unit_test(a_place_stands_before_the_message_as_far_as_it_is_known),
        cmocka_unit_test(a_failure_has_no_hint_but_the_one_it_is_given),
        cmocka_unit_test(every_hint_has_words_that_are_no_command_line_s),
        cmocka_unit_test(out_of_memory_says_what_for),
        cmocka_unit_test(a_message_is_one_printable_line),
        cmocka_unit_test(a_message_that_is_too_long_is_cut_and_still_ends),
        cmocka_unit_test(a_long_path_does_not_push_the_reason_out),
        cmocka_unit_test(every_status_has_its_text_and_a_stranger_has_one_too),
        cmocka_unit_test(the_version_is_that_of_the_header),
        cmocka_unit_test(what_an_arena_gives_is_zeroed_aligned_and_apart),
        cmocka_unit_test(a_size_that_overflows_or_cannot_be_had_is_null),
        cmocka_unit_test(strings_are_copied_and_formatted),
        cmocka_unit_test(lines_grow_without_losing_any),
    };
    return cmocka_run_group_tests_name("errors and arena", tests, NULL, NULL);
}
