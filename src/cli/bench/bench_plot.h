/* The ladder and the scaling as pictures: the data and the script of each are always written; gnuplot draws where it is
 * installed. */
#ifndef MAXSHARPE_BENCH_PLOT_H
#define MAXSHARPE_BENCH_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/bench/bench_record.h"

typedef enum plot_outcome { PLOT_DRAWN, PLOT_NO_GNUPLOT, PLOT_FAILED } plot_outcome;

/* Data and scripts: `name` becomes a file of the folder. Not one of a picture that would be empty. */
typedef struct plot_file {
    const char *name;
    bool (*has_data)(const bench_record *record);
    void (*write)(FILE *out, const bench_record *record);
} plot_file;

enum { PLOT_FILES = 5 };
extern const plot_file plot_files[PLOT_FILES];

/* Runs gnuplot on a script in its folder. */
plot_outcome plot_draw(const char *folder, const char *script);

#endif
