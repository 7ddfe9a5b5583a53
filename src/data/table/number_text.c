#include "data/table/number_text.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Longer than any double printed in full precision with an exponent, and any price. */
enum { PLAIN_SIZE = 512 };

static int is_digit(char c) {
    return c >= '0' && c <= '9';
}

static int is_missing(const char *text) {
    static const char *const WORDS[] = {"", "-", "na", "n/a", "#n/a", "nan", "null"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; ++i) {
        if (strcasecmp(text, WORDS[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

static size_t count_digits(const char *text) {
    size_t count = 0;
    while (is_digit(text[count])) {
        ++count;
    }
    return count;
}

/* The length of the digits before the decimal sign, grouped by threes or plain; 0 where the grouping is wrong. */
static size_t integer_length(const char *text, char group_sign) {
    size_t length = count_digits(text);
    if (text[length] != group_sign) {
        return length;
    }
    if (length == 0 || length > 3 || text[0] == '0') {
        return 0;
    }
    while (text[length] == group_sign) {
        if (count_digits(text + length + 1) != 3) {
            return 0;
        }
        length += 4;
    }
    return length;
}

/* Whether text is a number with this decimal sign. plain (may be NULL) takes it as strtod wants it. */
static int parse_shape(const char *text, char decimal_sign, char plain[PLAIN_SIZE], int *percent) {
    const char group_sign = decimal_sign == '.' ? ',' : '.';
    const char *at = text + (*text == '+' || *text == '-');
    const size_t integer = integer_length(at, group_sign);
    at += integer;
    size_t decimals = 0;
    if (*at == decimal_sign) {
        decimals = count_digits(at + 1);
        at += 1 + decimals;
    }
    if (integer + decimals == 0) {
        return 0;
    }
    if (*at == 'e' || *at == 'E') {
        const char *exponent = at + 1;
        exponent += *exponent == '+' || *exponent == '-';
        const size_t digits = count_digits(exponent);
        if (digits == 0) {
            return 0;
        }
        at = exponent + digits;
    }
    const char *end = at;
    at += *at == ' ' && at[1] == '%';
    *percent = *at == '%';
    at += *percent;
    if (*at != '\0' || end - text >= PLAIN_SIZE) {
        return 0;
    }
    if (plain != NULL) {
        for (; text < end; ++text) {
            if (*text != group_sign) {
                *plain++ = *text == decimal_sign ? '.' : *text;
            }
        }
        *plain = '\0';
    }
    return 1;
}

mxsi_number_shape mxsi_number_scan(const char *text) {
    mxsi_number_shape shape = {0};
    shape.missing = is_missing(text);
    if (shape.missing) {
        return shape;
    }
    int percent = 0;
    shape.with_point = parse_shape(text, '.', NULL, &percent);
    shape.percent = shape.with_point && percent;
    shape.with_comma = parse_shape(text, ',', NULL, &percent);
    shape.percent = shape.percent || (shape.with_comma && percent);
    shape.has_sign = strpbrk(text, ".,") != NULL;
    return shape;
}

/* 12.3% is read as 12.3e-2: dividing 12.3 by 100 would round twice. plain is as parse_shape makes it. */
static double parse_hundredths(const char *plain, locale_t c_locale) {
    /* Beyond it lies nothing but zero and infinity, however many digits stand before the exponent. */
    enum { EXPONENT_LIMIT = 100000, EXPONENT_SIZE = 16 };
    const size_t length = strcspn(plain, "eE");
    long exponent = plain[length] == '\0' ? 0 : strtol(plain + length + 1, NULL, 10);
    exponent = exponent > EXPONENT_LIMIT ? EXPONENT_LIMIT : exponent;
    exponent = exponent < -EXPONENT_LIMIT ? -EXPONENT_LIMIT : exponent;
    char scaled[PLAIN_SIZE + EXPONENT_SIZE];
    memcpy(scaled, plain, length);
    (void)snprintf(scaled + length, sizeof scaled - length, "e%ld", exponent - 2);
    return strtod_l(scaled, NULL, c_locale);
}

mxsi_number_result mxsi_number_parse(const char *text, char decimal_sign, locale_t c_locale, double *value,
                                     int *percent) {
    char plain[PLAIN_SIZE];
    *value = (double)NAN;
    *percent = 0;
    if (is_missing(text)) {
        return MXSI_NUMBER_MISSING;
    }
    if (!parse_shape(text, decimal_sign, plain, percent)) {
        return MXSI_NUMBER_BAD;
    }
    const double parsed = *percent ? parse_hundredths(plain, c_locale) : strtod_l(plain, NULL, c_locale);
    if (!isfinite(parsed)) {
        return MXSI_NUMBER_TOO_LARGE;
    }
    *value = parsed;
    return MXSI_NUMBER_OK;
}
