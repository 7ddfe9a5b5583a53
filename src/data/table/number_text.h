/* Numbers as they stand in price files, the same whatever the locale of the process. */
#ifndef MAXSHARPE_NUMBER_TEXT_H
#define MAXSHARPE_NUMBER_TEXT_H

#include <locale.h>

/* What a text may be. A text can be both: "1.234" is one and a bit, or one thousand two hundred thirty-four. */
typedef struct mxsi_number_shape {
    int missing;    /* blank, -, NA, N/A, #N/A, NaN, null */
    int with_point; /* a number if the point is the decimal sign */
    int with_comma; /* a number if the comma is */
    int has_sign;   /* it holds a point or a comma */
    int percent;    /* a percent sign follows it */
} mxsi_number_shape;

mxsi_number_shape mxsi_number_scan(const char *text);

typedef enum mxsi_number_result {
    MXSI_NUMBER_OK,
    MXSI_NUMBER_MISSING,
    MXSI_NUMBER_BAD,      /* not a number */
    MXSI_NUMBER_TOO_LARGE /* beyond what a double holds */
} mxsi_number_result;

/* Reads a number: an optional sign, digits, strictly grouped by threes or not at all, decimals, an exponent, a percent
 * sign (which *value takes into account and *percent reports). No hexadecimal, no infinity, nothing before or after.
 * c_locale: a locale whose decimal sign is a point. */
mxsi_number_result mxsi_number_parse(const char *text, char decimal_sign, locale_t c_locale, double *value,
                                     int *percent);

#endif
