/* The bytes of a text file, plain or gzip, handed out by physical line.
 *
 * A line ends at LF, CR LF or CR. Memory stays at one block however long a line is: a long line comes in pieces. */
#ifndef MAXSHARPE_TEXT_SOURCE_H
#define MAXSHARPE_TEXT_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "maxsharpe/status.h"

/* Far above any real price file (a line of a million prices), far below what would hurt. */
#define MXSI_LINE_LIMIT ((size_t)16 << 20)

typedef struct mxsi_text_source mxsi_text_source;

/* Part of a line without its end; empty and not ends_line: the text is over. Valid until the next call. */
typedef struct mxsi_text_piece {
    const char *bytes;
    size_t length;
    uint64_t line; /* 1-based */
    int ends_line; /* a line end follows the bytes */
} mxsi_text_piece;

/* Opens the file at path as *out; path is borrowed for as long as the source lives. A byte order mark is skipped.
 * MXS_ERROR_DATA: missing, unreadable, a directory, empty, a broken gzip. */
mxs_status mxsi_text_source_open(const char *path, mxsi_text_source **out, mxs_error *error);

/* The same over bytes in memory (plain text), borrowed; name stands for the path in messages. */
mxs_status mxsi_text_source_open_bytes(const void *bytes, size_t size, const char *name, mxsi_text_source **out,
                                       mxs_error *error);

void mxsi_text_source_close(mxsi_text_source *source);

/* MXS_ERROR_DATA: a NUL byte, a line beyond MXSI_LINE_LIMIT, a read that fails, a truncated or corrupt gzip. */
mxs_status mxsi_text_source_next(mxsi_text_source *source, mxsi_text_piece *piece, mxs_error *error);

/* The beginning of the text, to look at before anything was read: up to one block. */
void mxsi_text_source_sample(const mxsi_text_source *source, const char **bytes, size_t *length);

int mxsi_text_source_is_gzip(const mxsi_text_source *source);

const char *mxsi_text_source_name(const mxsi_text_source *source);

#endif
