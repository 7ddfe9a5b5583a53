#include "cli/options/choices.h"

#include <stdio.h>
#include <string.h>

#include "cli/options/report_format.h"
#include "cli/terminal/progress_bar.h"
#include "maxsharpe/types.h"

int choice_position(const char *word, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (strcmp(word, words[i]) == 0) {
            return (int)i;
        }
    }
    return -1;
}

char *list_choices(const choice_set *choices, const char *joint, const char *last_joint, char *list, size_t size) {
    size_t used = 0;
    list[0] = '\0';
    for (size_t i = 0; i < choices->count && used < size; ++i) {
        used += (size_t)snprintf(list + used, size - used, "%s%s",
                                 i == 0                    ? ""
                                 : i + 1 == choices->count ? last_joint
                                                           : joint,
                                 choices->words[i]);
    }
    return list;
}

/* The library parses and names its own enums; the words decide which of them an option offers. */
#define LIBRARY_CHOICES(what, LIST)                                                                \
    static const char *const what##_words[] = {LIST(CHOICE_WORD)};                                 \
    static int parse_##what(const char *word, void *value) {                                       \
        const size_t count = sizeof what##_words / sizeof(char *);                                 \
        return choice_position(word, what##_words, count) >= 0 && mxs_##what##_parse(word, value); \
    }                                                                                              \
    static const char *name_##what(const void *value) {                                            \
        return mxs_##what##_name(*(const mxs_##what *)value);                                      \
    }                                                                                              \
    const choice_set what##_choices = {what##_words, sizeof what##_words / sizeof(char *), parse_##what, name_##what}

LIBRARY_CHOICES(input, MXS_INPUT_LIST);
LIBRARY_CHOICES(missing, MXS_MISSING_LIST);
LIBRARY_CHOICES(draws, MXS_DRAWS_LIST);
LIBRARY_CHOICES(backend, MXS_BACKEND_LIST);
LIBRARY_CHOICES(evaluator, MXS_EVALUATOR_LIST);

DEFINE_CHOICES(report_format_choices, report_format, REPORT_FORMAT_LIST);
DEFINE_CHOICES(document_format_choices, report_format, DOCUMENT_FORMAT_LIST);
DEFINE_CHOICES(progress_choices, progress_mode, PROGRESS_MODE_LIST);
