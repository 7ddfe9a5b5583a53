#include "data/table/calendar_date.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static int is_digit(char c) {
    return c >= '0' && c <= '9';
}

static char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int is_letter(char c) {
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'z';
}

/* Reads a run of least to most digits; 0, or -1 where there is none of that length. */
static int read_number(const char **text, int least, int most, int *value) {
    int count = 0;
    *value = 0;
    for (; is_digit(**text) && count <= most; ++*text, ++count) {
        *value = *value * 10 + (**text - '0');
    }
    return count >= least && count <= most ? 0 : -1;
}

/* Reads an English month, whole or cut to three letters or more; 0, or -1. */
static int read_month(const char **text, int *month) {
    static const char *const NAMES[12] = {"january", "february", "march",     "april",   "may",      "june",
                                          "july",    "august",   "september", "october", "november", "december"};
    size_t length = 0;
    while (is_letter((*text)[length])) {
        ++length;
    }
    for (int i = 0; i < 12 && length >= 3; ++i) {
        size_t same = 0;
        while (same < length && NAMES[i][same] == to_lower((*text)[same])) {
            ++same;
        }
        if (same == length) {
            *month = i + 1;
            *text += length;
            return 0;
        }
    }
    return -1;
}

static int ends_date(const char *text) {
    if (*text == '\0') {
        return 1;
    }
    return (*text == ' ' || *text == 'T' || *text == 't') && is_digit(text[1]) &&
           strspn(text + 1, "0123456789:.,+- ZUTCzutcAPMapm") == strlen(text + 1);
}

static const mxsi_date_text NO_DATE = {MXSI_DATE_NONE, 0, 0, 0};

/* 20240801. Eight digits may be a price as well, so the year must be one that prices have. */
static mxsi_date_text scan_compact(const char *text) {
    enum { FIRST_YEAR = 1600, LAST_YEAR = 2399 };
    int packed = 0;
    if (read_number(&text, 8, 8, &packed) != 0 || !ends_date(text)) {
        return NO_DATE;
    }
    const mxsi_date_text date = {MXSI_DATE_YEAR_FIRST, packed / 10000, packed / 100 % 100, packed % 100};
    return date.year >= FIRST_YEAR && date.year <= LAST_YEAR ? date : NO_DATE;
}

static mxsi_date_text scan_year_first(const char *text) {
    mxsi_date_text date = {MXSI_DATE_YEAR_FIRST, 0, 0, 0};
    if (read_number(&text, 4, 4, &date.year) != 0) {
        return NO_DATE;
    }
    const char separator = *text++;
    if ((separator != '-' && separator != '/' && separator != '.') || read_number(&text, 1, 2, &date.first) != 0 ||
        *text++ != separator || read_number(&text, 1, 2, &date.second) != 0 || !ends_date(text)) {
        return NO_DATE;
    }
    return date;
}

static mxsi_date_text scan_two_numbers(const char *text) {
    mxsi_date_text date = {MXSI_DATE_TWO_NUMBERS, 0, 0, 0};
    if (read_number(&text, 1, 2, &date.first) != 0) {
        return NO_DATE;
    }
    const char separator = *text++;
    if ((separator != '-' && separator != '/' && separator != '.') || read_number(&text, 1, 2, &date.second) != 0 ||
        *text++ != separator || read_number(&text, 4, 4, &date.year) != 0 || !ends_date(text)) {
        return NO_DATE;
    }
    return date;
}

static mxsi_date_text scan_day_month_name(const char *text) {
    mxsi_date_text date = {MXSI_DATE_MONTH_NAME, 0, 0, 0};
    if (read_number(&text, 1, 2, &date.second) != 0) {
        return NO_DATE;
    }
    const char separator = *text++;
    if ((separator != '-' && separator != '/' && separator != ' ') || read_month(&text, &date.first) != 0 ||
        *text++ != separator || read_number(&text, 4, 4, &date.year) != 0 || !ends_date(text)) {
        return NO_DATE;
    }
    return date;
}

static mxsi_date_text scan_month_name_day(const char *text) {
    mxsi_date_text date = {MXSI_DATE_MONTH_NAME, 0, 0, 0};
    if (read_month(&text, &date.first) != 0) {
        return NO_DATE;
    }
    text += *text == '.';
    if (*text++ != ' ' || read_number(&text, 1, 2, &date.second) != 0) {
        return NO_DATE;
    }
    text += *text == ',';
    if (*text++ != ' ' || read_number(&text, 4, 4, &date.year) != 0 || !ends_date(text)) {
        return NO_DATE;
    }
    return date;
}

mxsi_date_text mxsi_date_scan(const char *text) {
    if (!is_digit(*text)) {
        return is_letter(*text) ? scan_month_name_day(text) : NO_DATE;
    }
    mxsi_date_text (*const scanners[])(const char *) = {scan_year_first, scan_compact, scan_two_numbers,
                                                        scan_day_month_name};
    for (size_t i = 0; i < sizeof scanners / sizeof *scanners; ++i) {
        const mxsi_date_text date = scanners[i](text);
        if (date.kind != MXSI_DATE_NONE) {
            return date;
        }
    }
    return NO_DATE;
}

mxsi_date mxsi_date_pack(int year, int month, int day) {
    return (mxsi_date)(year * 10000 + month * 100 + day);
}

int mxsi_date_is_valid(mxsi_date date) {
    static const int DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int year = date / 10000;
    const int month = date / 100 % 100;
    const int day = date % 100;
    if (year < 1 || month < 1 || month > 12 || day < 1) {
        return 0;
    }
    const int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= DAYS[month - 1] + (month == 2 && leap);
}

mxsi_date_string mxsi_date_print(mxsi_date date) {
    mxsi_date_string shown = {{0}};
    (void)snprintf(shown.text, sizeof shown.text, "%04d-%02d-%02d", (int)(date / 10000 % 10000),
                   (int)(date / 100 % 100), (int)(date % 100));
    return shown;
}
