#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/options/option_row.h"
#include "cli/options/value_text.h"
#include "cli/terminal/messages.h"

void refuse_value(const option_row *row, const char *text, const char *wrong, ...) {
    char what[320];
    va_list arguments;
    va_start(arguments, wrong);
    (void)vsnprintf(what, sizeof what, wrong, arguments);
    va_end(arguments);
    if (row->name != NULL) {
        print_error("option '--%s': '%s' %s", row->name, text, what);
    } else {
        print_error("%s: '%s' %s", row->value, text, what);
    }
}

char *describe_value(const option_row *row, char *text) {
    if (row->value == NULL && row->kind->takes_value) {
        return list_choices(row->limits.choices, "|", "|", text, OPTION_VALUE_SIZE);
    }
    (void)snprintf(text, OPTION_VALUE_SIZE, "%s", row->value != NULL ? row->value : "");
    return text;
}

char *describe_preset(const option_row *row, const void *arguments, char *text) {
    text[0] = '\0';
    if (row->preset != NULL) {
        (void)snprintf(text, OPTION_VALUE_SIZE, "%s", row->preset);
    } else if (row->kind->show != NULL) {
        row->kind->show(row, (const char *)arguments + row->field, text, OPTION_VALUE_SIZE);
    }
    return text;
}

/* ---- flags ---- */

static bool read_flag(const option_row *row, const char *text, void *field) {
    (void)row;
    (void)text;
    *(bool *)field = true;
    return true;
}

const option_kind option_flag = {.read = read_flag};
const option_kind option_help = {.outcome = ARGUMENTS_HELP};
const option_kind option_version = {.outcome = ARGUMENTS_VERSION};

/* ---- whole numbers ---- */

static bool read_count(const option_row *row, const char *text, void *field) {
    const uint64_t least = row->limits.counts.least;
    const uint64_t most = row->limits.counts.most;
    uint64_t parsed = 0;
    if (!value_parse_count(text, &parsed) || parsed < least || parsed > most) {
        refuse_value(row, text, "is not a whole number from %" PRIu64 " to %" PRIu64, least, most);
        return false;
    }
    *(uint64_t *)field = parsed;
    return true;
}

static bool read_size(const option_row *row, const char *text, void *field) {
    uint64_t count = 0;
    const bool taken = read_count(row, text, &count);
    *(size_t *)field = taken ? (size_t)count : *(size_t *)field;
    return taken;
}

static bool read_unsigned(const option_row *row, const char *text, void *field) {
    uint64_t count = 0;
    const bool taken = read_count(row, text, &count);
    *(unsigned *)field = taken ? (unsigned)count : *(unsigned *)field;
    return taken;
}

static void show_count(const option_row *row, const void *field, char *text, size_t size) {
    (void)row;
    (void)snprintf(text, size, "%" PRIu64, *(const uint64_t *)field);
}

static void show_size(const option_row *row, const void *field, char *text, size_t size) {
    (void)row;
    (void)snprintf(text, size, "%zu", *(const size_t *)field);
}

static void show_unsigned(const option_row *row, const void *field, char *text, size_t size) {
    (void)row;
    (void)snprintf(text, size, "%u", *(const unsigned *)field);
}

const option_kind option_count = {.takes_value = true, .read = read_count, .show = show_count};
const option_kind option_size = {.takes_value = true, .read = read_size, .show = show_size};
const option_kind option_unsigned = {.takes_value = true, .read = read_unsigned, .show = show_unsigned};

static bool read_range(const option_row *row, const char *text, void *field) {
    count_range *const range = field;
    if (!value_parse_range(text, &range->from, &range->to)) {
        refuse_value(row, text, "is not FROM:TO, two whole numbers with FROM < TO");
        return false;
    }
    return true;
}

const option_kind option_range = {.takes_value = true, .read = read_range};

/* ---- numbers ---- */

static bool read_number(const option_row *row, const char *text, void *field) {
    const double least = row->limits.numbers.least;
    const double most = row->limits.numbers.most;
    double parsed = 0;
    if (!value_parse_number(text, &parsed) || parsed < least || parsed > most) {
        refuse_value(row, text, "is not a number from %g to %g", least, most);
        return false;
    }
    *(double *)field = parsed;
    return true;
}

static void show_number(const option_row *row, const void *field, char *text, size_t size) {
    (void)row;
    (void)snprintf(text, size, "%g", *(const double *)field);
}

const option_kind option_number = {.takes_value = true, .read = read_number, .show = show_number};

/* ---- words ---- */

static bool read_choice(const option_row *row, const char *text, void *field) {
    char list[256];
    if (!row->limits.choices->parse(text, field)) {
        refuse_value(row, text, "is not %s", list_choices(row->limits.choices, ", ", " or ", list, sizeof list));
        return false;
    }
    return true;
}

static void show_choice(const option_row *row, const void *field, char *text, size_t size) {
    const char *const name = row->limits.choices->name(field);
    (void)snprintf(text, size, "%s", name != NULL ? name : "");
}

static bool read_choice_mask(const option_row *row, const char *text, void *field) {
    unsigned all = 0;
    for (const char *start = text;;) {
        char word[64];
        unsigned one = 0;
        const size_t length = strcspn(start, ",");
        (void)snprintf(word, sizeof word, "%.*s", (int)length, start);
        if (!read_choice(row, word, &one)) {
            return false;
        }
        all |= one;
        if (start[length] == '\0') {
            break;
        }
        start += length + 1;
    }
    *(unsigned *)field = all;
    return true;
}

const option_kind option_choice = {
    .takes_value = true, .read = read_choice, .show = show_choice, .completion = COMPLETE_CHOICE};
const option_kind option_choice_mask = {.takes_value = true, .read = read_choice_mask, .completion = COMPLETE_CHOICES};

/* ---- text ---- */

static bool read_text(const option_row *row, const char *text, void *field) {
    (void)row;
    *(const char **)field = text;
    return true;
}

const option_kind option_text = {.takes_value = true, .read = read_text};
const option_kind option_file = {.takes_value = true, .read = read_text, .completion = COMPLETE_FILE};
const option_kind option_folder = {.takes_value = true, .read = read_text, .completion = COMPLETE_FOLDER};
