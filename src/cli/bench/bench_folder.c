#include "cli/bench/bench_folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/bench/bench_plot.h"
#include "cli/terminal/messages.h"
#include "cli/terminal/output_file.h"
#include "cli/terminal/text_buffer.h"

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

static bool is_file_of(const char *folder, const char *name, const char *input) {
    char path[PATH_MAX];
    const int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < PATH_MAX && paths_are_one_file(path, input);
}

bool bench_folder_holds(const char *folder, const char *input) {
    static const char *const others[] = {"bench.txt",  "bench.json",  "ladder.svg",
                                         "ladder.png", "scaling.svg", "scaling.png"};
    bool holds = false;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; ++i) {
        holds = holds || is_file_of(folder, others[i], input);
    }
    for (size_t i = 0; i < PLOT_FILES; ++i) {
        holds = holds || is_file_of(folder, plot_files[i].name, input);
    }
    return holds;
}

static bool write_file(const char *folder, const char *name, const char *text, size_t size) {
    char path[PATH_MAX];
    output_file file;
    if (!path_in(folder, name, path) || !output_file_prepare(&file, path)) {
        return false;
    }
    const int reason = output_file_write(&file, text, size);
    if (reason != 0) {
        print_error("cannot write '%s': %s", path, strerror(reason));
    }
    return reason == 0;
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
    text_buffer buffer;
    bool written = false;
    if (text_buffer_open(&buffer)) {
        make(buffer.out, record);
    }
    if (!text_buffer_close(&buffer)) {
        print_error("not enough memory to write '%s/%s'", folder, name);
    } else {
        written = write_file(folder, name, buffer.text, buffer.size);
    }
    text_buffer_free(&buffer);
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
