/* Where the report goes under -o: the whole of it under its final name, or nothing. */
#ifndef MAXSHARPE_OUTPUT_FILE_H
#define MAXSHARPE_OUTPUT_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

typedef struct output_file {
    const char *path;      /* as the user wrote it */
    char target[PATH_MAX]; /* what it is after following symbolic links */
    int descriptor;        /* one of ours that leads to the same file: written to as it stands; -1: none */
    bool in_place;         /* a device, pipe or socket: written as it is, there is nothing to rename */
    mode_t mode;           /* permissions of the file to be */
} output_file;

/* Finds out whether path can be written, before the work whose result it is to hold; creates and changes nothing.
 * False: one line on stderr has said why. */
bool output_file_prepare(output_file *output, const char *path);

/* Whether two paths lead to the same regular file, by whatever names and links. */
bool paths_are_one_file(const char *path, const char *other);

/* Writes text: to a temporary file beside the target, which then takes its name. 0, or the errno of what failed: then
 * what the file held before is untouched, and no temporary file is left. */
int output_file_write(const output_file *output, const char *text, size_t size);

#endif
