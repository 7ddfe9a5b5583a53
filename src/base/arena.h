/* Memory that lives and dies together: everything a handle owns is allocated from its arena. */
#ifndef MAXSHARPE_ARENA_H
#define MAXSHARPE_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct mxsi_arena mxsi_arena;

/* The bytes of whole 64-byte cache lines that hold so many bytes. */
static inline size_t mxsi_whole_cache_lines(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

/* Hands out 64-byte aligned pieces of one block of memory, one after the other; from address 0 it only measures. */
static inline void *mxsi_take_cache_lines(uintptr_t *at, size_t bytes) {
    void *piece = (void *)*at;
    *at += mxsi_whole_cache_lines(bytes);
    return piece;
}

mxsi_arena *mxsi_arena_create(void); /* NULL: out of memory */
void mxsi_arena_destroy(mxsi_arena *arena);

/* count * size zeroed bytes, 64-byte aligned (a cache line, and the widest vector); NULL: out of memory, or the
 * product overflows. */
void *mxsi_arena_allocate(mxsi_arena *arena, size_t count, size_t size);

char *mxsi_arena_copy_string(mxsi_arena *arena, const char *text); /* NULL: out of memory */

__attribute__((format(printf, 2, 3))) char *mxsi_arena_format(mxsi_arena *arena, const char *format,
                                                              ...); /* NULL: out of memory */

/* A list of messages that grows in an arena: the warnings of a market, a problem, a result. */
typedef struct mxsi_messages {
    const char **items;
    size_t count;
    size_t capacity;
} mxsi_messages;

/* Appends a copy of text. 0, or -1: out of memory. */
int mxsi_messages_append(mxsi_arena *arena, mxsi_messages *messages, const char *text);

#endif
