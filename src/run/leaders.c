#include "run/leaders.h"

#include <math.h>
#include <string.h>

size_t mxsi_leaders_size(uint32_t capacity) {
    return sizeof(struct mxsi_leaders) + (size_t)capacity * sizeof(struct mxsi_leader);
}

void mxsi_leaders_init(struct mxsi_leaders *leaders, uint32_t capacity) {
    leaders->capacity = capacity;
    leaders->count = 0;
}

static int is_better(const struct mxsi_leader *a, const struct mxsi_leader *b) {
    if (a->sharpe != b->sharpe) {
        return a->sharpe > b->sharpe;
    }
    if (a->identity.rank != b->identity.rank) {
        return a->identity.rank < b->identity.rank;
    }
    if (a->identity.tile != b->identity.tile) {
        return a->identity.tile < b->identity.tile;
    }
    return a->identity.attempt < b->identity.attempt;
}

static uint32_t position_of(const struct mxsi_leaders *leaders, uint64_t rank) {
    uint32_t i = 0;
    while (i < leaders->count && leaders->items[i].identity.rank != rank) {
        ++i;
    }
    return i;
}

double mxsi_leaders_bar(const struct mxsi_leaders *leaders, uint64_t rank) {
    const uint32_t own = position_of(leaders, rank);
    if (own < leaders->count) {
        return leaders->items[own].sharpe;
    }
    return leaders->count == leaders->capacity ? leaders->items[leaders->count - 1].sharpe : -HUGE_VAL;
}

int mxsi_leaders_offer(struct mxsi_leaders *leaders, const struct mxsi_leader *candidate) {
    /* `hole` is the place that the candidate's portfolio, or else the last leader, gives up. */
    uint32_t hole = position_of(leaders, candidate->identity.rank);
    if (hole == leaders->count) {
        if (leaders->count < leaders->capacity) {
            ++leaders->count;
        } else {
            --hole;
            if (!is_better(candidate, &leaders->items[hole])) {
                return 0;
            }
        }
    } else if (!is_better(candidate, &leaders->items[hole])) {
        return 0;
    }
    uint32_t low = 0; /* the candidate's place: before the first leader that it beats */
    uint32_t high = hole;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (is_better(candidate, &leaders->items[middle])) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    memmove(&leaders->items[low + 1], &leaders->items[low], (size_t)(hole - low) * sizeof leaders->items[0]);
    leaders->items[low] = *candidate;
    return 1;
}

void mxsi_leaders_copy(struct mxsi_leaders *to, const struct mxsi_leaders *from) {
    to->capacity = from->capacity;
    to->count = from->count;
    memcpy(to->items, from->items, from->count * sizeof from->items[0]);
}
