#include "cli/options/value_text.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The parts of [sign] digits [. digits] [e [sign] digits], as places in the text. */
typedef struct decimal {
    bool negative;
    const char *significand; /* digits and at most one point */
    size_t significand_length;
    size_t fraction_digits; /* digits after the point */
    long exponent;          /* 0 where none is written; held within +-EXPONENT_LIMIT */
    bool has_exponent;
    const char *end; /* the first character behind it */
} decimal;

enum { EXPONENT_LIMIT = 100000 };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void scan_exponent(const char *text, decimal *number) {
    const char *at = text + 1; /* behind the e */
    const bool negative = *at == '-';
    if (*at == '-' || *at == '+') {
        ++at;
    }
    if (!is_digit(*at)) {
        return;
    }
    long exponent = 0;
    for (; is_digit(*at); ++at) {
        if (exponent < EXPONENT_LIMIT) {
            exponent = 10 * exponent + (*at - '0');
        }
    }
    number->exponent = negative ? -exponent : exponent;
    number->has_exponent = true;
    number->end = at;
}

static bool scan_decimal(const char *text, decimal *number) {
    *number = (decimal){.negative = *text == '-'};
    const char *at = text + (*text == '-' || *text == '+');
    number->significand = at;
    size_t digits = 0;
    bool point = false;
    for (; is_digit(*at) || (*at == '.' && !point); ++at) {
        if (*at == '.') {
            point = true;
            continue;
        }
        ++digits;
        number->fraction_digits += point;
    }
    number->significand_length = (size_t)(at - number->significand);
    number->end = at;
    if (digits == 0 || digits > EXPONENT_LIMIT) {
        return false;
    }
    if (*at == 'e' || *at == 'E') {
        scan_exponent(at, number);
    }
    return true;
}

static bool append_digit(uint64_t *value, unsigned digit) {
    return !__builtin_mul_overflow(*value, UINT64_C(10), value) &&
           !__builtin_add_overflow(*value, (uint64_t)digit, value);
}

bool value_parse_count(const char *text, uint64_t *value) {
    decimal number;
    if (!scan_decimal(text, &number) || *number.end != '\0' || text[0] == '-' || text[0] == '+') {
        return false;
    }
    /* The number is its digits, read without the point, times ten to this power. A zero at the end of the digits is
     * worth one of it. */
    long power = number.exponent - (long)number.fraction_digits;
    size_t length = number.significand_length;
    while (length > 0 && (number.significand[length - 1] == '0' || number.significand[length - 1] == '.')) {
        power += number.significand[length - 1] == '0';
        --length;
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < length; ++i) {
        const char c = number.significand[i];
        if (c != '.' && !append_digit(&sum, (unsigned)(c - '0'))) {
            return false;
        }
    }
    if (sum == 0) {
        *value = 0;
        return true;
    }
    if (power < 0) {
        return false;
    }
    for (; power > 0; --power) {
        if (!append_digit(&sum, 0)) {
            return false;
        }
    }
    *value = sum;
    return true;
}

bool value_parse_number(const char *text, double *value) {
    decimal number;
    if (!scan_decimal(text, &number)) {
        return false;
    }
    double parsed = 0;
    if (*number.end == '\0') {
        parsed = strtod(text, NULL);
    } else if (number.end[0] == '%' && number.end[1] == '\0' && !number.has_exponent) {
        char hundredth[128]; /* 12.3% is read as 12.3e-2: dividing 12.3 by 100 would round twice */
        const int length = snprintf(hundredth, sizeof hundredth, "%.*se-2", (int)(number.end - text), text);
        if (length < 0 || (size_t)length >= sizeof hundredth) {
            return false;
        }
        parsed = strtod(hundredth, NULL);
    } else {
        return false;
    }
    if (!isfinite(parsed)) {
        return false;
    }
    *value = parsed;
    return true;
}

bool value_parse_range(const char *text, uint64_t *from, uint64_t *to) {
    enum { PART_SIZE = 64 };
    const char *const colon = strchr(text, ':');
    if (colon == NULL || colon - text >= PART_SIZE) {
        return false;
    }
    char start[PART_SIZE];
    (void)snprintf(start, sizeof start, "%.*s", (int)(colon - text), text);
    uint64_t first = 0;
    uint64_t end = UINT64_MAX;
    if ((start[0] != '\0' && !value_parse_count(start, &first)) ||
        (colon[1] != '\0' && (!value_parse_count(colon + 1, &end) || end == UINT64_MAX)) || first >= end) {
        return false;
    }
    *from = first;
    *to = end;
    return true;
}
