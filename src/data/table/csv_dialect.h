/* Which character separates the cells of a CSV text. */
#ifndef MAXSHARPE_CSV_DIALECT_H
#define MAXSHARPE_CSV_DIALECT_H

#include <stddef.h>

/* ',', ';', '\t' or '|' from the first lines of a text, characters within quotes not counted; '\0' where none of them
 * separates anything. */
char mxsi_csv_detect_delimiter(const char *sample, size_t length);

/* "comma-separated" and so on. Never NULL. */
const char *mxsi_csv_delimiter_name(char delimiter);

#endif
