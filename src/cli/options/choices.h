/* Enums as options take them: their words, in the order in which they are offered, made from one list each. */
#ifndef MAXSHARPE_CHOICES_H
#define MAXSHARPE_CHOICES_H

#include <stddef.h>

typedef struct choice_set {
    const char *const *words; /* [count] */
    size_t count;
    int (*parse)(const char *word, void *value); /* 1, and the enum at value; 0: no word of it, and nothing changes */
    const char *(*name)(const void *value);      /* the word of the enum at value; NULL: it has none */
} choice_set;

extern const choice_set input_choices;
extern const choice_set missing_choices;
extern const choice_set draws_choices;
extern const choice_set backend_choices;
extern const choice_set evaluator_choices; /* without the ladder's, which are for comparisons */
extern const choice_set report_format_choices;
extern const choice_set document_format_choices; /* of what is no list of portfolios */
extern const choice_set progress_choices;

/* The position of a word in words[count]; -1: it is none of them. */
int choice_position(const char *word, const char *const *words, size_t count);

/* All words into list, cut to its size: "text, json or csv" with the joints ", " and " or "; returns list. */
char *list_choices(const choice_set *choices, const char *joint, const char *last_joint, char *list, size_t size);

/* The set `set` of an enum of the program, from its list in the form of maxsharpe/types.h. */
#define CHOICE_WORD(name, value, text) text,
#define CHOICE_VALUE(name, value, text) name,
#define DEFINE_CHOICES(set, type, LIST)                                                         \
    static const char *const set##_words[] = {LIST(CHOICE_WORD)};                               \
    static const type set##_values[] = {LIST(CHOICE_VALUE)};                                    \
    static int set##_parse(const char *word, void *value) {                                     \
        const int at = choice_position(word, set##_words, sizeof set##_words / sizeof(char *)); \
        if (at >= 0) {                                                                          \
            *(type *)value = set##_values[at];                                                  \
        }                                                                                       \
        return at >= 0;                                                                         \
    }                                                                                           \
    static const char *set##_name(const void *value) {                                          \
        for (size_t i = 0; i < sizeof set##_values / sizeof(type); ++i) {                       \
            if (set##_values[i] == *(const type *)value) {                                      \
                return set##_words[i];                                                          \
            }                                                                                   \
        }                                                                                       \
        return NULL;                                                                            \
    }                                                                                           \
    const choice_set set = {set##_words, sizeof set##_words / sizeof(char *), set##_parse, set##_name}

#endif
