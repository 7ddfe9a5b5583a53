#include "cli/bench/bench_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/bench/bench_plot.h"
#include "cli/terminal/messages.h"
#include "cli/terminal/output_file.h"

/* False: one line on stderr. */
static bool path_in(const char *folder, const char *name, char path[PATH_MAX]) {
    const int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    if (length < 0 || length >= PATH_MAX) {
        print_error("cannot write to '%s': %s", folder, strerror(ENAMETOOLONG));
        return false;
    }
    return true;
}

bool bench_folder_prepare(const char *folder) {
    char path[PATH_MAX];
    output_file file;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        print_error("cannot make the folder '%s': %s", folder, strerror(errno));
        return false;
    }
    return path_in(folder, "bench.json", path) && output_file_prepare(&file, path);
}

static bool write_file(const char *folder, const char *name, const char *text, size_t size) {
    char path[PATH_MAX];
    output_file file;
    return path_in(folder, name, path) && output_file_prepare(&file, path) && output_file_write(&file, text, size);
}

static void write_text(FILE *out, const bench_record *record) {
    write_bench_text(out, record);
}

static void write_json(FILE *out, const bench_record *record) {
    (void)write_bench_json(out, record); /* an empty file is seen below */
}

/* In memory first: the file holds all of it or is not touched. */
static bool write_made(const char *folder, const char *name, const bench_record *record,
                       void (*make)(FILE *out, const bench_record *record)) {
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    if (out != NULL) {
        make(out, record);
    }
    bool written = false;
    if (out == NULL || fclose(out) != 0 || size == 0) {
        print_error("not enough memory to write '%s/%s'", folder, name);
    } else {
        written = write_file(folder, name, text, size);
    }
    free(text);
    return written;
}

/* False: no other needs to be tried. */
static bool draw(const char *folder, const char *script) {
    char line[PATH_MAX];
    switch (plot_draw(folder, script)) {
    case PLOT_NO_GNUPLOT:
        print_warning("gnuplot is not installed: the plots are left out, their data and scripts are there");
        return false;
    case PLOT_FAILED:
        (void)snprintf(line, sizeof line, "gnuplot did not draw %s/%s", folder, script);
        print_warning(line);
        return true;
    default:
        return true;
    }
}

bool bench_folder_write(const char *folder, const bench_record *record) {
    bool written =
        write_made(folder, "bench.txt", record, write_text) && write_made(folder, "bench.json", record, write_json);
    for (size_t i = 0; i < PLOT_FILES && written; ++i) {
        if (plot_files[i].has_data(record)) {
            written = write_made(folder, plot_files[i].name, record, plot_files[i].write);
        }
    }
    bool drawing = written;
    for (size_t i = 0; i < PLOT_FILES && drawing; ++i) {
        const char *const ending = strrchr(plot_files[i].name, '.');
        if (plot_files[i].has_data(record) && strcmp(ending, ".gp") == 0) {
            drawing = draw(folder, plot_files[i].name);
        }
    }
    return written;
}
