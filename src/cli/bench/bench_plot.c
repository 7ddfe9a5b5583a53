#include "cli/bench/bench_plot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_NOT_FOUND = 127 };

/* ---- data ---- */

static bool ladder_has_data(const bench_record *record) {
    bool any = false;
    for (size_t i = 0; i < record->ladder.count; ++i) {
        any = any || rung_ran(&record->ladder.rungs[i]);
    }
    return any;
}

static void write_ladder_data(FILE *out, const bench_record *record) {
    (void)fputs("# rung name simulations/s least most factor portfolios runs\n", out);
    for (size_t i = 0; i < record->ladder.count; ++i) {
        const ladder_rung *const rung = &record->ladder.rungs[i];
        if (rung_ran(rung)) {
            (void)fprintf(out, "%d \"%s\" %.9g %.9g %.9g %.6g %llu %zu\n", rung->number, rung->name,
                          sample_median(&rung->rate), sample_least(&rung->rate), sample_most(&rung->rate),
                          rung_factor(&record->ladder, rung), (unsigned long long)rung->portfolios, rung->rate.count);
        }
    }
}

static bool scaling_has_data(const bench_record *record) {
    bool any = false;
    for (size_t i = 0; i < SCALING_TABLES; ++i) {
        any = any || record->scaling.tables[i].rows[0].seconds.count > 0;
    }
    return any;
}

/* One block an evaluator, two blank lines between them: what gnuplot calls an index. */
static void write_scaling_data(FILE *out, const bench_record *record) {
    const bench_scaling *const scaling = &record->scaling;
    (void)fputs("# workers seconds least most speed-up worker sampling returns variances\n", out);
    for (size_t i = 0; i < SCALING_TABLES; ++i) {
        const scaling_table *const table = &scaling->tables[i];
        if (table->rows[0].seconds.count == 0) {
            continue;
        }
        (void)fprintf(out, "\"%s\"\n", mxs_evaluator_name(table->evaluator));
        for (size_t j = 0; j < table->count && table->rows[j].seconds.count > 0; ++j) {
            const scaling_row *const row = &table->rows[j];
            (void)fprintf(out, "%u %.6g %.6g %.6g %.5g %.6g %.6g %.6g %.6g\n", row->workers,
                          sample_median(&row->seconds), sample_least(&row->seconds), sample_most(&row->seconds),
                          scaling_speed_up(table, row), sample_median(&row->worker), sample_median(&row->sampling),
                          sample_median(&row->returns), sample_median(&row->variances));
        }
        (void)fputs("\n\n", out);
    }
}

static bool sizes_have_data(const bench_record *record) {
    return record->sizes.series[0].count > 0;
}

static void write_sizes_data(FILE *out, const bench_record *record) {
    (void)fputs("# K portfolios S simulations CPU-seconds GPU-seconds (NaN: none)\n", out);
    for (size_t i = 0; i < SIZE_SERIES; ++i) {
        const size_series *const series = &record->sizes.series[i];
        for (size_t j = 0; j < series->count; ++j) {
            const size_row *const row = &series->rows[j];
            (void)fprintf(out, "%zu %llu %llu %.0f %.6g %.6g\n", row->assets_per_portfolio,
                          (unsigned long long)row->portfolios, (unsigned long long)row->simulations_per_portfolio,
                          row->simulations, sample_median(&row->cpu), sample_median(&row->gpu));
        }
        (void)fputs("\n\n", out);
    }
}

/* ---- scripts ---- */

/* A title that names the machine; a quotation mark would end it. */
static void write_title(FILE *out, const bench_record *record, const char *what) {
    (void)fprintf(out, "set title '%s (", what);
    for (const char *c = record->machine.cpu; *c != '\0'; ++c) {
        (void)fputc(*c == '\'' ? ' ' : *c, out);
    }
    (void)fprintf(out, ", %.10s)' noenhanced\n", record->machine.date);
}

/* Plots twice: once as SVG, once as PNG by whichever of its terminals is there. */
static void write_drawing(FILE *out, const char *name, const char *plot) {
    (void)fprintf(out, "set terminal svg size 900,540 background '#ffffff'\nset output '%s.svg'\n%s\n", name, plot);
    (void)fprintf(out,
                  "if (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) {\n    set terminal pngcairo size 900,540\n"
                  "} else {\n    set terminal png size 900,540\n}\nset output '%s.png'\nreplot\n",
                  name);
}

static void write_ladder_script(FILE *out, const bench_record *record) {
    write_title(out, record, "Simulations a second, by method");
    (void)fputs(
        "set logscale y\nset format y '10^{%T}'\nset yrange [*:*]\nset grid y\nunset key\n"
        "set style fill solid 0.7\nset boxwidth 0.7\nset xtics rotate by -35\nset bmargin 7\nset rmargin 8\n",
        out);
    write_drawing(out, "ladder",
                  "plot 'ladder.dat' using 0:3:xtic(2) with boxes lc rgb '#3b6ea5', \\\n"
                  "     '' using 0:3:4:5 with yerrorbars lc rgb '#202020' pt 7 ps 0.2, \\\n"
                  "     '' using 0:($5*1.6):(sprintf($6 < 100 ? '%.3gx' : '%.0fx', $6)) with labels");
}

static void write_scaling_script(FILE *out, const bench_record *record) {
    write_title(out, record, "Speed-up over one worker");
    (void)fprintf(out,
                  "cores = %u\nset xlabel 'worker processes'\nset ylabel 'speed-up'\nset logscale x 2\n"
                  "set xrange [1:*]\nset yrange [0:1.1*cores]\nset key left top\nset grid\n",
                  record->scaling.cores);
    write_drawing(out, "scaling",
                  "plot for [i=0:*] 'scaling.dat' index i using 1:5 with linespoints lw 2 pt 7 "
                  "title columnheader(1), \\\n"
                  "     (x < cores ? x : cores) with lines dt 2 lc rgb '#808080' title 'one for each core'");
}

const plot_file plot_files[PLOT_FILES] = {
    {"ladder.dat", ladder_has_data, write_ladder_data},    {"ladder.gp", ladder_has_data, write_ladder_script},
    {"scaling.dat", scaling_has_data, write_scaling_data}, {"scaling.gp", scaling_has_data, write_scaling_script},
    {"sizes.dat", sizes_have_data, write_sizes_data},
};

/* ---- gnuplot ---- */

/* In the child: its words, which the report is not to be mixed with, go nowhere. */
static void become_gnuplot(const char *folder, const char *script) {
    static char program[] = "gnuplot";
    char *const words[] = {program, (char *)script, NULL};
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere < 0 || chdir(folder) != 0 || dup2(nowhere, STDIN_FILENO) < 0 || dup2(nowhere, STDOUT_FILENO) < 0 ||
        dup2(nowhere, STDERR_FILENO) < 0) {
        _exit(1);
    }
    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGXFSZ, SIG_DFL);
    (void)execvp(program, words);
    _exit(errno == ENOENT ? EXIT_NOT_FOUND : 1);
}

plot_outcome plot_draw(const char *folder, const char *script) {
    const pid_t child = fork();
    if (child < 0) {
        return PLOT_FAILED;
    }
    if (child == 0) {
        become_gnuplot(folder, script);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return PLOT_FAILED;
        }
    }
    if (!WIFEXITED(status)) {
        return PLOT_FAILED;
    }
    return WEXITSTATUS(status) == 0                ? PLOT_DRAWN
           : WEXITSTATUS(status) == EXIT_NOT_FOUND ? PLOT_NO_GNUPLOT
                                                   : PLOT_FAILED;
}
