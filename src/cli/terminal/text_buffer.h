/* A text that is made whole before it goes anywhere. It grows as it is written and remembers when it could not, which
 * glibc's open_memstream does not: that one gives a cut text and no error. */
#ifndef MAXSHARPE_TEXT_BUFFER_H
#define MAXSHARPE_TEXT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct text_buffer {
    FILE *out;   /* what the text is written to, from open to close; its functions need not be asked how they fared */
    char *text;  /* [size], complete once text_buffer_close has said so; owned */
    size_t size; /* bytes */
    size_t capacity;
    bool failed; /* something that was written is missing */
} text_buffer;

/* The buffer stays where it is until it is closed: its stream points to it. False: out of memory; close and free it all
 * the same. */
bool text_buffer_open(text_buffer *buffer);

/* Ends the writing. False: out of memory, the text is not all there; nor is one that is empty, as none of ours is. */
bool text_buffer_close(text_buffer *buffer);

void text_buffer_free(text_buffer *buffer);

#endif
