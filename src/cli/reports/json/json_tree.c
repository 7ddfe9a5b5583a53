#include "cli/reports/json/json_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal/printable_text.h"

void json_set_member(json_builder *builder, json_t *object, const char *key, json_t *value) {
    if (json_object_set_new(object, key, value) != 0) {
        builder->failed = true;
    }
}

void json_append_item(json_builder *builder, json_t *array, json_t *value) {
    if (json_array_append_new(array, value) != 0) {
        builder->failed = true;
    }
}

json_t *json_text(const char *text) {
    char *const copy = copy_as_utf8(text);
    json_t *const made = copy != NULL ? json_string_nocheck(copy) : NULL;
    free(copy);
    return made;
}

void json_set_text(json_builder *builder, json_t *object, const char *key, const char *text) {
    json_set_member(builder, object, key, text != NULL ? json_text(text) : json_null());
}

void json_set_real(json_builder *builder, json_t *object, const char *key, double value) {
    json_set_member(builder, object, key, isfinite(value) ? json_real(value) : json_null());
}

/* The keys of 64-bit counts. jansson's integers are signed: a larger one is built as a string and loses its quotation
 * marks when it is printed. */
static const char *const count_keys[] = {"seed",          "rank",        "portfolios",        "first_portfolio",
                                         "end_portfolio", "simulations", "simulations_total", "simulations_done"};
enum { COUNT_KEYS = sizeof count_keys / sizeof count_keys[0] };

void json_set_count(json_builder *builder, json_t *object, const char *key, uint64_t value) {
    json_set_member(
        builder, object, key,
        value <= INT64_MAX ? json_integer((json_int_t)value) : json_sprintf("%llu", (unsigned long long)value));
}

/* The length of `"key": "` at text, for one of the count keys, or 0. Within a JSON string a quotation mark has a
 * backslash before it, so this can stand nowhere but at a member. */
static size_t quoted_count_key(const char *text) {
    for (size_t i = 0; i < COUNT_KEYS; ++i) {
        const size_t length = strlen(count_keys[i]);
        if (text[0] == '"' && strncmp(text + 1, count_keys[i], length) == 0 &&
            strncmp(text + 1 + length, "\": \"", 4) == 0) {
            return length + 5;
        }
    }
    return 0;
}

/* Prints a dumped tree, the quoted counts without their quotation marks. */
static void print_with_counts(FILE *out, const char *text) {
    for (const char *key; (key = strchr(text, '"')) != NULL;) {
        (void)fwrite(text, 1, (size_t)(key - text), out);
        const size_t length = quoted_count_key(key);
        if (length == 0) {
            (void)fputc('"', out);
            text = key + 1;
            continue;
        }
        (void)fwrite(key, 1, length - 1, out);
        const char *const digits = key + length;
        const size_t digit_count = strspn(digits, "0123456789");
        (void)fwrite(digits, 1, digit_count, out);
        text = digits + digit_count + 1;
    }
    (void)fputs(text, out);
}

bool json_print(FILE *out, const json_t *root) {
    char *const text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    if (text == NULL) {
        return false;
    }
    print_with_counts(out, text);
    (void)fputc('\n', out);
    free(text);
    return true;
}
