/* Text from files and arguments, made fit for a terminal, a table and JSON; and numbers made readable. */
#ifndef MAXSHARPE_PRINTABLE_TEXT_H
#define MAXSHARPE_PRINTABLE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Replaces every control character by '?': what is left is one line and moves no cursor. */
void blank_control_characters(char *text);

/* How many columns a UTF-8 text takes: its characters. */
size_t text_width(const char *text);

/* A copy in which every byte that is not part of valid UTF-8 is U+FFFD; free it. NULL: out of memory. */
char *copy_as_utf8(const char *text);

enum { COUNT_TEXT_SIZE = 32 };

/* "1,234,567" into text[COUNT_TEXT_SIZE]; returns text. */
char *format_count(char *text, uint64_t count);

/* Three digits and a unit of thousands: 1234567 -> "1.23M". */
void format_short(char *text, size_t size, double value);

#endif
