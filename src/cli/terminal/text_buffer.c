#include "cli/terminal/text_buffer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

enum { FIRST_CAPACITY = 4096 };

/* The stream's write: 0 is its failure, which the stream remembers too. */
static ssize_t append(void *cookie, const char *bytes, size_t count) {
    text_buffer *const buffer = cookie;
    if (count > buffer->capacity - buffer->size) {
        const size_t capacity = FIRST_CAPACITY + 2 * (buffer->size + count);
        char *const text = realloc(buffer->text, capacity);
        if (text == NULL) {
            buffer->failed = true;
            return 0;
        }
        buffer->text = text;
        buffer->capacity = capacity;
    }
    memcpy(buffer->text + buffer->size, bytes, count);
    buffer->size += count;
    return (ssize_t)count;
}

bool text_buffer_open(text_buffer *buffer) {
    *buffer = (text_buffer){.text = NULL};
    buffer->out = fopencookie(buffer, "w", (cookie_io_functions_t){.write = append});
    return buffer->out != NULL;
}

bool text_buffer_close(text_buffer *buffer) {
    if (buffer->out == NULL) {
        return false;
    }
    buffer->failed = ferror(buffer->out) != 0 || buffer->failed;
    buffer->failed = fclose(buffer->out) != 0 || buffer->failed;
    buffer->out = NULL;
    return !buffer->failed && buffer->size > 0;
}

void text_buffer_free(text_buffer *buffer) {
    free(buffer->text);
    *buffer = (text_buffer){.text = NULL};
}
