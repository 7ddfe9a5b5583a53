/* The folder of -o: made before the work, filled after it. */
#ifndef MAXSHARPE_BENCH_FOLDER_H
#define MAXSHARPE_BENCH_FOLDER_H

#include <stdbool.h>

#include "cli/bench/bench_record.h"

/* Makes the folder where there is none, and finds out whether it can be written. False: one line on stderr has said
 * why. */
bool bench_folder_prepare(const char *folder);

/* Whether `input` is one of the files that bench_folder_write may write or have drawn, by whatever name or link. */
bool bench_folder_holds(const char *folder, const char *input);

/* Writes the reports, the data, and the pictures where gnuplot is there; a picture that is not drawn is a warning.
 * False: a file could not be written, and one line on stderr has said why. */
bool bench_folder_write(const char *folder, const bench_record *record);

#endif
