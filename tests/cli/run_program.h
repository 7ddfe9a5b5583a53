/* Runs the program as a user does, with what it prints captured in memory. */
#ifndef MAXSHARPE_TESTS_RUN_PROGRAM_H
#define MAXSHARPE_TESTS_RUN_PROGRAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct program_run {
    int status; /* the exit status; minus the number of the signal that ended it */
    char *out;
    size_t out_size;
    char *err;
} program_run;

/* How a run differs from the usual one. */
typedef struct program_setup {
    const char *stdout_path; /* opened as its stdout, which is then not captured; "": closed */
    int stdout_descriptor;   /* its stdout, where it is not 0 */
    bool stderr_closed;
    bool stderr_terminal;     /* its stderr is a terminal */
    uint64_t file_size_limit; /* RLIMIT_FSIZE; 0: none */
    uint64_t memory_limit;    /* RLIMIT_AS; 0: none */
    int signal;               /* sent once; 0: none. Needs --progress always */
    const char *signal_after; /* ... as soon as a line of stderr contains this */
    int signal_again;         /* sent `pause_us` microseconds after it; 0: none */
    unsigned pause_us;
    const char *libraries; /* a folder in which its libraries are looked for first; NULL: none */
} program_setup;

/* The words after "maxsharpe", parted by single spaces; NULL-safe free with program_run_free. */
program_run run_program(const char *words);
program_run run_program_with(const program_setup *setup, const char *words);
void program_run_free(program_run *run);

/* maxsharpe search EXAMPLE_MARKET words; on the CPU, unless they say --backend. */
program_run run_search(const char *words);

/* The same, or any words, with --format json: the object, of a run that has to succeed. json_decref it. */
json_t *search_as_json(const char *words);
json_t *program_as_json(const char *words);

/* A member by its path, "best.weights"; fails the test where there is none. Borrowed. */
const json_t *json_at(const json_t *root, const char *path);
double json_number_at(const json_t *root, const char *path);
json_int_t json_integer_at(const json_t *root, const char *path);
const char *json_text_at(const json_t *root, const char *path);

/* Exactly one line on stderr, "maxsharpe: ...", not counting warnings. */
void assert_one_error_line(const program_run *run);

/* status, one error line that contains `says`, and nothing on stdout. */
void assert_failed(const program_run *run, int status, const char *says);

/* A new empty folder; removed by remove_folder with the files in it. */
void make_folder(char path[64]);
void remove_folder(const char *path);
size_t count_files(const char *folder);

void write_file(const char *path, const char *text);
char *read_file(const char *path); /* free it; NULL: it cannot be read */

#endif
