/* Words of the command line -> numbers. Strict: the whole word or nothing; independent of the locale (the program
 * never calls setlocale, so a decimal point is a point). */
#ifndef MAXSHARPE_VALUE_TEXT_H
#define MAXSHARPE_VALUE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* A whole number: digits, or a decimal form that is exactly whole, such as 1e6 or 2.5e6. False: it is none, is
 * negative or needs more than 64 bits. */
bool value_parse_count(const char *text, uint64_t *value);

/* A finite decimal number, such as 0.2, -.5 or 1e-3; with a final % its hundredth, rounded once (20% is 0.2). */
bool value_parse_number(const char *text, double *value);

/* FROM:TO, two whole numbers, FROM < TO; an empty FROM is 0, an empty TO is UINT64_MAX. */
bool value_parse_range(const char *text, uint64_t *from, uint64_t *to);

#endif
