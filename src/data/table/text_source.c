#include "data/table/text_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/errors.h"

enum { BLOCK_SIZE = 64 * 1024 };

static const char BYTE_ORDER_MARK[] = "\xEF\xBB\xBF";

struct mxsi_text_source {
    gzFile gzip; /* reads plain files as well; NULL: all bytes are in memory */
    const char *name;
    char *buffer;      /* [BLOCK_SIZE], or NULL over bytes in memory */
    const char *block; /* the bytes at hand: buffer, or the caller's */
    size_t block_size;
    size_t position;
    uint64_t line;
    size_t line_bytes;  /* of this line, handed out so far */
    int after_carriage; /* the last line ended in CR: an LF that follows belongs to it */
};

static mxs_status fail_to_read(const mxsi_text_source *source, mxs_error *error) {
    int code = Z_OK;
    (void)gzerror(source->gzip, &code);
    if (code == Z_MEM_ERROR) {
        return mxsi_fail_memory(error, "reading a file");
    }
    if (code == Z_ERRNO) {
        return mxsi_fail_at(error, MXS_ERROR_DATA, source->name, 0, 0, "cannot be read: %s", strerror(errno));
    }
    return mxsi_fail_at(error, MXS_ERROR_DATA, source->name, 0, 0,
                        "the gzip data is %s: fetch or compress the file again",
                        code == Z_BUF_ERROR ? "cut off before its end" : "corrupt");
}

/* Reads the next block; block_size 0 at the end of the file. */
static mxs_status fill(mxsi_text_source *source, mxs_error *error) {
    source->position = 0;
    source->block_size = 0;
    if (source->gzip == NULL) {
        return MXS_OK;
    }
    const int count = gzread(source->gzip, source->buffer, BLOCK_SIZE);
    if (count < 0) {
        return fail_to_read(source, error);
    }
    source->block_size = (size_t)count;
    if (count < BLOCK_SIZE) {
        /* A truncated gzip reads short without failing: only gzerror tells. */
        int code = Z_OK;
        (void)gzerror(source->gzip, &code);
        if (code != Z_OK && code != Z_STREAM_END) {
            return fail_to_read(source, error);
        }
    }
    return MXS_OK;
}

static mxs_status begin(mxsi_text_source *source, mxs_error *error) {
    if (source->block_size == 0) {
        return mxsi_fail_at(error, MXS_ERROR_DATA, source->name, 0, 0, "the file is empty");
    }
    const size_t mark = sizeof BYTE_ORDER_MARK - 1;
    if (source->block_size >= mark && memcmp(source->block, BYTE_ORDER_MARK, mark) == 0) {
        source->position = mark;
    }
    return MXS_OK;
}

static mxs_status open_file(mxsi_text_source *source, mxs_error *error) {
    const int descriptor = open(source->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) {
        return mxsi_fail_at(error, MXS_ERROR_DATA, source->name, 0, 0, "cannot be opened: %s", strerror(errno));
    }
    struct stat status;
    if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
        (void)close(descriptor);
        return mxsi_fail_at(error, MXS_ERROR_DATA, source->name, 0, 0, "is a directory: name a file");
    }
    source->gzip = gzdopen(descriptor, "rb");
    if (source->gzip == NULL) {
        (void)close(descriptor);
        return mxsi_fail_memory(error, "reading a file");
    }
    (void)gzbuffer(source->gzip, BLOCK_SIZE);
    return MXS_OK;
}

mxs_status mxsi_text_source_open(const char *path, mxsi_text_source **out, mxs_error *error) {
    *out = NULL;
    mxsi_text_source *source = calloc(1, sizeof *source);
    char *buffer = malloc(BLOCK_SIZE);
    if (source == NULL || buffer == NULL) {
        free(source);
        free(buffer);
        return mxsi_fail_memory(error, "reading a file");
    }
    source->name = path;
    source->line = 1;
    source->buffer = buffer;
    source->block = buffer;
    mxs_status status = open_file(source, error);
    if (status == MXS_OK) {
        status = fill(source, error);
    }
    if (status == MXS_OK) {
        status = begin(source, error);
    }
    if (status != MXS_OK) {
        mxsi_text_source_close(source);
        return status;
    }
    *out = source;
    return MXS_OK;
}

mxs_status mxsi_text_source_open_bytes(const void *bytes, size_t size, const char *name, mxsi_text_source **out,
                                       mxs_error *error) {
    *out = NULL;
    mxsi_text_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        return mxsi_fail_memory(error, "reading a file");
    }
    source->name = name;
    source->line = 1;
    source->block = bytes;
    source->block_size = size;
    const mxs_status status = begin(source, error);
    if (status != MXS_OK) {
        mxsi_text_source_close(source);
        return status;
    }
    *out = source;
    return MXS_OK;
}

void mxsi_text_source_close(mxsi_text_source *source) {
    if (source == NULL) {
        return;
    }
    if (source->gzip != NULL) {
        (void)gzclose_r(source->gzip);
    }
    free(source->buffer);
    free(source);
}

/* How many bytes come before the next line end, at most a block. */
static size_t scan_line(const char *bytes, size_t available) {
    const size_t limit = available < BLOCK_SIZE ? available : BLOCK_SIZE;
    size_t length = 0;
    while (length < limit && bytes[length] != '\n' && bytes[length] != '\r') {
        ++length;
    }
    return length;
}

static mxs_status check_piece(const mxsi_text_source *source, const mxsi_text_piece *piece, mxs_error *error) {
    if (memchr(piece->bytes, '\0', piece->length) != NULL) {
        return mxsi_fail_at(error, MXS_ERROR_DATA, source->name, piece->line, 0,
                            "not a text file (byte 0; UTF-16?): save it as CSV in UTF-8");
    }
    if (source->line_bytes > MXSI_LINE_LIMIT) {
        return mxsi_fail_at(error, MXS_ERROR_DATA, source->name, piece->line, 0,
                            "the line is longer than %zu MiB: is this a CSV file?", MXSI_LINE_LIMIT >> 20);
    }
    return MXS_OK;
}

mxs_status mxsi_text_source_next(mxsi_text_source *source, mxsi_text_piece *piece, mxs_error *error) {
    *piece = (mxsi_text_piece){.bytes = "", .length = 0, .line = source->line, .ends_line = 0};
    for (;;) {
        if (source->position == source->block_size) {
            const mxs_status status = fill(source, error);
            if (status != MXS_OK || source->block_size == 0) {
                return status;
            }
        }
        if (!source->after_carriage) {
            break;
        }
        source->after_carriage = 0;
        if (source->block[source->position] == '\n') {
            ++source->position;
        }
    }
    const size_t available = source->block_size - source->position;
    piece->bytes = source->block + source->position;
    piece->length = scan_line(piece->bytes, available);
    source->position += piece->length;
    source->line_bytes += piece->length;
    if (piece->length < available && piece->length < BLOCK_SIZE) {
        piece->ends_line = 1;
        source->after_carriage = piece->bytes[piece->length] == '\r';
        ++source->position;
        ++source->line;
    }
    const mxs_status status = check_piece(source, piece, error);
    if (piece->ends_line) {
        source->line_bytes = 0;
    }
    return status;
}

void mxsi_text_source_sample(const mxsi_text_source *source, const char **bytes, size_t *length) {
    const size_t available = source->block_size - source->position;
    *bytes = source->block + source->position;
    *length = available < BLOCK_SIZE ? available : BLOCK_SIZE;
}

int mxsi_text_source_is_gzip(const mxsi_text_source *source) {
    return source->gzip != NULL && !gzdirect(source->gzip);
}

const char *mxsi_text_source_name(const mxsi_text_source *source) {
    return source->name;
}
