/* Tickers: which names are allowed, and finding one among many. */
#ifndef MAXSHARPE_TICKER_INDEX_H
#define MAXSHARPE_TICKER_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define MXSI_TICKER_NONE ((size_t)-1)

/* Why text cannot be a ticker ("is empty"), or NULL where it can: one line of UTF-8 of up to 255 bytes. */
const char *mxsi_ticker_fault(const char *text);

/* Distinct names in order of appearance. Names are borrowed, the rest lives in the arena. */
typedef struct mxsi_ticker_index {
    mxsi_arena *arena;
    const char **names; /* [count] */
    size_t count;
    size_t capacity;
    size_t *slots; /* [slot_count] index + 1, 0: free; slot_count a power of two */
    size_t slot_count;
} mxsi_ticker_index;

void mxsi_ticker_index_init(mxsi_ticker_index *index, mxsi_arena *arena);

/* The place of a name, or MXSI_TICKER_NONE. */
size_t mxsi_ticker_index_find(const mxsi_ticker_index *index, const char *name);

/* The place of a name, which is added at the end where it is new; *added says so. MXSI_TICKER_NONE: no memory. */
size_t mxsi_ticker_index_add(mxsi_ticker_index *index, const char *name, int *added);

#endif
