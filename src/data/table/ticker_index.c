#include "data/table/ticker_index.h"

#include <string.h>

enum { TICKER_LIMIT = 255 };

/* The length of the UTF-8 character at text, 0 where there is none (RFC 3629: no overlong forms, no surrogates). */
static size_t utf8_length(const unsigned char *text) {
    static const struct {
        unsigned char mask, lead;
        size_t length;
        uint32_t least;
    } FORMS[] = {{0x80, 0x00, 1, 0}, {0xE0, 0xC0, 2, 0x80}, {0xF0, 0xE0, 3, 0x800}, {0xF8, 0xF0, 4, 0x10000}};
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; ++i) {
        if ((text[0] & FORMS[i].mask) != FORMS[i].lead) {
            continue;
        }
        uint32_t point = text[0] & (unsigned char)~FORMS[i].mask;
        for (size_t k = 1; k < FORMS[i].length; ++k) {
            if ((text[k] & 0xC0) != 0x80) {
                return 0;
            }
            point = point << 6 | (text[k] & 0x3Fu);
        }
        const int allowed = point >= FORMS[i].least && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
        return allowed ? FORMS[i].length : 0;
    }
    return 0;
}

const char *mxsi_ticker_fault(const char *text) {
    if (text[0] == '\0') {
        return "is empty";
    }
    if (strnlen(text, TICKER_LIMIT + 1) > TICKER_LIMIT) {
        return "is longer than 255 bytes";
    }
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        if (*at < 0x20 || *at == 0x7F) {
            return "holds a line end or another control character";
        }
        const size_t length = utf8_length(at);
        if (length == 0) {
            return "is not UTF-8: save the file in that encoding";
        }
        at += length;
    }
    return NULL;
}

void mxsi_ticker_index_init(mxsi_ticker_index *index, mxsi_arena *arena) {
    *index = (mxsi_ticker_index){.arena = arena};
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t hash(const char *name) {
    uint64_t value = UINT64_C(14695981039346656037);
    for (; *name != '\0'; ++name) {
        value = (value ^ (unsigned char)*name) * UINT64_C(1099511628211);
    }
    return value;
}

/* The slot that holds name, or the free one where it would go. */
static size_t find_slot(const mxsi_ticker_index *index, const char *name) {
    size_t slot = (size_t)hash(name) & (index->slot_count - 1);
    while (index->slots[slot] != 0 && strcmp(index->names[index->slots[slot] - 1], name) != 0) {
        slot = (slot + 1) & (index->slot_count - 1);
    }
    return slot;
}

size_t mxsi_ticker_index_find(const mxsi_ticker_index *index, const char *name) {
    if (index->slot_count == 0) {
        return MXSI_TICKER_NONE;
    }
    const size_t entry = index->slots[find_slot(index, name)];
    return entry == 0 ? MXSI_TICKER_NONE : entry - 1;
}

static int grow(mxsi_ticker_index *index) {
    const size_t capacity = index->capacity == 0 ? 64 : 2 * index->capacity;
    const char **names = mxsi_arena_allocate(index->arena, capacity, sizeof *names);
    size_t *slots = mxsi_arena_allocate(index->arena, 2 * capacity, sizeof *slots);
    if (names == NULL || slots == NULL) {
        return -1;
    }
    if (index->count > 0) {
        memcpy(names, index->names, index->count * sizeof *names);
    }
    index->names = names;
    index->capacity = capacity;
    index->slots = slots;
    index->slot_count = 2 * capacity;
    for (size_t i = 0; i < index->count; ++i) {
        index->slots[find_slot(index, index->names[i])] = i + 1;
    }
    return 0;
}

size_t mxsi_ticker_index_add(mxsi_ticker_index *index, const char *name, int *added) {
    *added = 0;
    if (index->count == index->capacity && grow(index) != 0) {
        return MXSI_TICKER_NONE;
    }
    const size_t slot = find_slot(index, name);
    if (index->slots[slot] == 0) {
        *added = 1;
        index->names[index->count++] = name;
        index->slots[slot] = index->count;
    }
    return index->slots[slot] - 1;
}
