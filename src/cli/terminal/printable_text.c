#include "cli/terminal/printable_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void blank_control_characters(char *text) {
    for (; *text != '\0'; ++text) {
        const unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f) {
            *text = '?';
        }
    }
}

size_t text_width(const char *text) {
    size_t width = 0;
    for (; *text != '\0'; ++text) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

/* The length of the valid UTF-8 sequence at text (Unicode 15, table 3-7), or 0. */
static size_t utf8_sequence(const unsigned char *text) {
    const unsigned char c = text[0];
    if (c < 0x80) {
        return 1;
    }
    const size_t length = c >= 0xc2 && c <= 0xdf ? 2 : (c & 0xf0) == 0xe0 ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
    if (length == 0) {
        return 0;
    }
    /* The second byte is narrower after these: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
    const unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (text[1] < low || text[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; ++i) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

char *copy_as_utf8(const char *text) {
    static const char replacement[] = "\xef\xbf\xbd";
    char *const copy = malloc(3 * strlen(text) + 1);
    if (copy == NULL) {
        return NULL;
    }
    char *to = copy;
    while (*text != '\0') {
        const size_t length = utf8_sequence((const unsigned char *)text);
        if (length == 0) {
            memcpy(to, replacement, 3);
            to += 3;
            text += 1;
        } else {
            memcpy(to, text, length);
            to += length;
            text += length;
        }
    }
    *to = '\0';
    return copy;
}

char *format_count(char *text, uint64_t count) {
    char digits[COUNT_TEXT_SIZE];
    const int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
    char *to = text;
    for (int i = 0; i < length; ++i) {
        if (i > 0 && (length - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

void format_short(char *text, size_t size, double value) {
    static const char units[] = " kMGTPE";
    size_t unit = 0;
    while (value >= 999.5 && unit < strlen(units) - 1) {
        value /= 1000;
        ++unit;
    }
    const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    (void)snprintf(text, size, unit == 0 ? "%.*f" : "%.*f%c", digits, value, units[unit]);
}
