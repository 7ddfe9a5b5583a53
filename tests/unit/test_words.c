/* The words that a user types or reads: every enum's names parse back, and nothing else does. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "maxsharpe/types.h"

/* An enum's functions, with an int for its type. */
#define ADAPT(what)                                            \
    static const char *what##_name(int value) {                \
        return mxs_##what##_name((mxs_##what)value);           \
    }                                                          \
    static int what##_parse(const char *text, int *value) {    \
        mxs_##what parsed = (mxs_##what) * value;              \
        const int is_word = mxs_##what##_parse(text, &parsed); \
        *value = (int)parsed;                                  \
        return is_word;                                        \
    }
MXS_WORDS_LIST(ADAPT)

struct words {
    const char *what;
    const char *(*name)(int value);
    int (*parse)(const char *text, int *value);
    const char *promised; /* all of them, with their values: a program that was built years ago counts on these */
};

#define FUNCTIONS(what) #what, what##_name, what##_parse

static const struct words ENUMS[] = {
    {FUNCTIONS(input), "prices=0 returns=1 moments=2"},
    {FUNCTIONS(missing), "drop-assets=0 drop-rows=1 error=2"},
    {FUNCTIONS(objective), "sharpe=0"},
    {FUNCTIONS(draws), "fresh=0 shared=1"},
    {FUNCTIONS(sampler), "rejection=0 fixed-sum=1 equal-weights=2"},
    {FUNCTIONS(backend), "auto=0 cpu=1 cuda=2"},
    {FUNCTIONS(evaluator),
     "auto=0 openblas=1 fused=2 staged=3 full-product=16 row-wise=17 mean-first=18 single=19 fused-full=20"},
    {FUNCTIONS(origin), "simulated=0 solved=1 given=2"},
    {FUNCTIONS(bound), "unknown=0 open=1 proven=2"},
};

#define ONE(what) +1
enum { ENUMS_COUNT = sizeof ENUMS / sizeof *ENUMS, BEYOND = 300 };
_Static_assert((int)ENUMS_COUNT == (int)(0 MXS_WORDS_LIST(ONE)), "an enum is not tested");

/* The values that have a name, as in `promised`. */
static void spell(const struct words *words, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (int value = 0; value < BEYOND; ++value) {
        if (words->name(value) != NULL) {
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s=%d", used == 0 ? "" : " ", words->name(value), value);
            assert_true(used < size);
        }
    }
}

static void every_enum_has_its_words_and_their_values_are_stable(void **state) {
    (void)state;
    for (size_t i = 0; i < ENUMS_COUNT; ++i) {
        char text[512];
        spell(&ENUMS[i], text, sizeof text);
        assert_string_equal(text, ENUMS[i].promised);
    }
}

static void every_name_parses_back_to_its_value(void **state) {
    (void)state;
    for (size_t i = 0; i < ENUMS_COUNT; ++i) {
        for (int value = 0; value < BEYOND; ++value) {
            if (ENUMS[i].name(value) != NULL) {
                int parsed = -1;
                assert_true(ENUMS[i].parse(ENUMS[i].name(value), &parsed));
                assert_int_equal(parsed, value);
            }
        }
    }
}

static void no_word_of_an_enum_stands_twice(void **state) {
    (void)state;
    for (size_t i = 0; i < ENUMS_COUNT; ++i) {
        for (int value = 0; value < BEYOND; ++value) {
            for (int other = 0; other < value; ++other) {
                const char *const names[] = {ENUMS[i].name(value), ENUMS[i].name(other)};
                assert_true(names[0] == NULL || names[1] == NULL || strcmp(names[0], names[1]) != 0);
            }
        }
    }
}

static void a_value_that_is_none_has_no_name(void **state) {
    (void)state;
    static const int none[] = {-1, BEYOND, 4095, INT_MAX};
    for (size_t i = 0; i < ENUMS_COUNT; ++i) {
        for (size_t j = 0; j < sizeof none / sizeof *none; ++j) {
            assert_null(ENUMS[i].name(none[j]));
        }
    }
    for (int value = MXS_EVALUATOR_STAGED + 1; value < MXS_EVALUATOR_FULL_PRODUCT; ++value) {
        assert_null(mxs_evaluator_name((mxs_evaluator)value));
    }
}

static void assert_no_word(const struct words *words, const char *text) {
    int value = 2;
    if (words->parse(text, &value) || value != 2) {
        fail_msg("\"%s\" is taken for a word of %s", text, words->what);
    }
}

/* Changed in case, cut, lengthened, and with a blank; the words of the other enums that are none of this one. */
static void a_text_that_is_none_is_refused_and_leaves_the_value_alone(void **state) {
    (void)state;
    for (size_t i = 0; i < ENUMS_COUNT; ++i) {
        assert_no_word(&ENUMS[i], "");
        assert_no_word(&ENUMS[i], "0");
        for (int value = 0; value < BEYOND; ++value) {
            const char *name = ENUMS[i].name(value);
            if (name == NULL) {
                continue;
            }
            char text[64];
            (void)snprintf(text, sizeof text, "%s", name);
            text[0] = (char)(text[0] - 'a' + 'A');
            assert_no_word(&ENUMS[i], text);
            (void)snprintf(text, sizeof text, "%.*s", (int)strlen(name) - 1, name);
            assert_no_word(&ENUMS[i], text);
            (void)snprintf(text, sizeof text, "%ss", name);
            assert_no_word(&ENUMS[i], text);
            (void)snprintf(text, sizeof text, " %s", name);
            assert_no_word(&ENUMS[i], text);
            for (size_t other = 0; other < ENUMS_COUNT; ++other) {
                char mark[64];
                char all[512];
                (void)snprintf(mark, sizeof mark, " %s=", name);
                (void)snprintf(all, sizeof all, " %s", ENUMS[other].promised);
                if (strstr(all, mark) == NULL) {
                    assert_no_word(&ENUMS[other], name);
                }
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_enum_has_its_words_and_their_values_are_stable),
        cmocka_unit_test(every_name_parses_back_to_its_value),
        cmocka_unit_test(no_word_of_an_enum_stands_twice),
        cmocka_unit_test(a_value_that_is_none_has_no_name),
        cmocka_unit_test(a_text_that_is_none_is_refused_and_leaves_the_value_alone),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
