#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

/* Every allocation is a block of its own in a list: a handle makes a few dozen, so there is nothing to pool. */
struct block {
    struct block *next;
};

struct mxsi_arena {
    struct block *blocks;
};

mxsi_arena *mxsi_arena_create(void) {
    return calloc(1, sizeof(mxsi_arena));
}

void mxsi_arena_destroy(mxsi_arena *arena) {
    if (arena == NULL) {
        return;
    }
    struct block *block = arena->blocks;
    while (block != NULL) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

void *mxsi_arena_allocate(mxsi_arena *arena, size_t count, size_t size) {
    if (size != 0 && count > (SIZE_MAX - 2 * ALIGNMENT) / size) {
        return NULL;
    }
    const size_t payload = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct block *block = aligned_alloc(ALIGNMENT, ALIGNMENT + payload);
    if (block == NULL) {
        return NULL;
    }
    memset(block, 0, ALIGNMENT + payload);
    block->next = arena->blocks;
    arena->blocks = block;
    return (char *)block + ALIGNMENT;
}

char *mxsi_arena_copy_string(mxsi_arena *arena, const char *text) {
    const size_t size = strlen(text) + 1;
    char *copy = mxsi_arena_allocate(arena, size, 1);
    if (copy != NULL) {
        memcpy(copy, text, size);
    }
    return copy;
}

char *mxsi_arena_format(mxsi_arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return NULL;
    }
    char *text = mxsi_arena_allocate(arena, (size_t)length + 1, 1);
    if (text != NULL) {
        va_start(arguments, format);
        (void)vsnprintf(text, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }
    return text;
}

int mxsi_messages_append(mxsi_arena *arena, mxsi_messages *messages, const char *text) {
    if (messages->count == messages->capacity) {
        const size_t capacity = messages->capacity == 0 ? 8 : 2 * messages->capacity;
        const char **items = mxsi_arena_allocate(arena, capacity, sizeof *items);
        if (items == NULL) {
            return -1;
        }
        if (messages->count > 0) {
            memcpy(items, messages->items, messages->count * sizeof *items);
        }
        messages->items = items;
        messages->capacity = capacity;
    }
    const char *copy = mxsi_arena_copy_string(arena, text);
    if (copy == NULL) {
        return -1;
    }
    messages->items[messages->count++] = copy;
    return 0;
}
