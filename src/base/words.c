/* The names and the parsing of every enum that a user types or reads, from the lists in maxsharpe/types.h. */
#include "maxsharpe/types.h"

#include <stddef.h>
#include <string.h>

struct word {
    int value;
    const char *text;
};

#define WORD(name, value, text) {value, text},
static const struct word input_words[] = {MXS_INPUT_LIST(WORD)};
static const struct word missing_words[] = {MXS_MISSING_LIST(WORD)};
static const struct word objective_words[] = {MXS_OBJECTIVE_LIST(WORD)};
static const struct word draws_words[] = {MXS_DRAWS_LIST(WORD)};
static const struct word sampler_words[] = {MXS_SAMPLER_LIST(WORD)};
static const struct word backend_words[] = {MXS_BACKEND_LIST(WORD)};
static const struct word evaluator_words[] = {MXS_EVALUATOR_LIST(WORD) MXS_EVALUATOR_LADDER_LIST(WORD)};
static const struct word origin_words[] = {MXS_ORIGIN_LIST(WORD)};
static const struct word bound_words[] = {MXS_BOUND_LIST(WORD)};

static const char *text_of(const struct word *words, size_t count, int value) {
    for (size_t i = 0; i < count; ++i) {
        if (words[i].value == value) {
            return words[i].text;
        }
    }
    return NULL;
}

static const struct word *word_of(const struct word *words, size_t count, const char *text) {
    for (size_t i = 0; i < count; ++i) {
        if (strcmp(words[i].text, text) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

#define FUNCTIONS(what)                                                                                    \
    const char *mxs_##what##_name(mxs_##what value) {                                                      \
        return text_of(what##_words, sizeof what##_words / sizeof *what##_words, (int)value);              \
    }                                                                                                      \
    int mxs_##what##_parse(const char *text, mxs_##what *value) {                                          \
        const struct word *word = word_of(what##_words, sizeof what##_words / sizeof *what##_words, text); \
        if (word != NULL) {                                                                                \
            *value = (mxs_##what)word->value;                                                              \
        }                                                                                                  \
        return word != NULL;                                                                               \
    }
MXS_WORDS_LIST(FUNCTIONS)
