#include "run/leaders.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

size_t mxsi_leader_list_size(uint32_t capacity) {
    return sizeof(struct mxsi_leader_list) + (size_t)capacity * sizeof(struct mxsi_leader);
}

/* Twice as many as there are leaders: probing stays short. */
static uint32_t slots_for(uint32_t capacity) {
    uint32_t slots = 4;
    while (slots < 2 * capacity) {
        slots *= 2;
    }
    return slots;
}

size_t mxsi_leaders_size(uint32_t capacity) {
    return mxsi_whole_cache_lines(capacity * sizeof(struct mxsi_leader)) +
           mxsi_whole_cache_lines(capacity * sizeof(uint32_t)) +
           mxsi_whole_cache_lines(slots_for(capacity) * sizeof(uint32_t));
}

void mxsi_leaders_init(struct mxsi_leaders *leaders, uint32_t capacity, void *memory) {
    uintptr_t at = (uintptr_t)memory;
    *leaders = (struct mxsi_leaders){.capacity = capacity, .slots = slots_for(capacity), .best = -HUGE_VAL};
    leaders->items = mxsi_take_cache_lines(&at, capacity * sizeof *leaders->items);
    leaders->slot_of = mxsi_take_cache_lines(&at, capacity * sizeof *leaders->slot_of);
    leaders->index = mxsi_take_cache_lines(&at, leaders->slots * sizeof *leaders->index);
    memset(leaders->index, 0, leaders->slots * sizeof *leaders->index);
}

static int is_better(const struct mxsi_leader *a, const struct mxsi_leader *b) {
    if (a->value != b->value) {
        return a->value > b->value;
    }
    if (a->identity.rank != b->identity.rank) {
        return a->identity.rank < b->identity.rank;
    }
    if (a->identity.tile != b->identity.tile) {
        return a->identity.tile < b->identity.tile;
    }
    return a->identity.attempt < b->identity.attempt;
}

/* Fibonacci hashing: ranks come one after the other. */
static uint32_t home_of(const struct mxsi_leaders *leaders, uint64_t rank) {
    return (uint32_t)((rank * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (leaders->slots - 1);
}

/* The slot in which the rank stands, or the free one where it would. */
static uint32_t slot_of_rank(const struct mxsi_leaders *leaders, uint64_t rank) {
    uint32_t slot = home_of(leaders, rank);
    while (leaders->index[slot] != 0 && leaders->items[leaders->index[slot] - 1].identity.rank != rank) {
        slot = (slot + 1) & (leaders->slots - 1);
    }
    return slot;
}

static void put(struct mxsi_leaders *leaders, uint32_t place, struct mxsi_leader item, uint32_t slot) {
    leaders->items[place] = item;
    leaders->slot_of[place] = slot;
    leaders->index[slot] = place + 1;
}

/* Frees a slot; those behind it that it had kept from their homes move up. */
static void free_slot(struct mxsi_leaders *leaders, uint32_t slot) {
    const uint32_t mask = leaders->slots - 1;
    uint32_t hole = slot;
    leaders->index[hole] = 0;
    for (uint32_t next = (hole + 1) & mask; leaders->index[next] != 0; next = (next + 1) & mask) {
        const uint32_t place = leaders->index[next] - 1;
        const uint32_t home = home_of(leaders, leaders->items[place].identity.rank);
        if (((next - home) & mask) >= ((next - hole) & mask)) {
            leaders->index[hole] = place + 1;
            leaders->slot_of[place] = hole;
            leaders->index[next] = 0;
            hole = next;
        }
    }
}

/* Moves the item at `place` towards the leaves, where its betters belong. */
static void sink(struct mxsi_leaders *leaders, uint32_t place) {
    const struct mxsi_leader item = leaders->items[place];
    const uint32_t slot = leaders->slot_of[place];
    for (uint32_t child = 2 * place + 1; child < leaders->count; child = 2 * place + 1) {
        if (child + 1 < leaders->count && is_better(&leaders->items[child], &leaders->items[child + 1])) {
            ++child;
        }
        if (!is_better(&item, &leaders->items[child])) {
            break;
        }
        put(leaders, place, leaders->items[child], leaders->slot_of[child]);
        place = child;
    }
    put(leaders, place, item, slot);
}

/* Moves the item at `place` towards the root, where the worst one is. */
static void rise(struct mxsi_leaders *leaders, uint32_t place) {
    const struct mxsi_leader item = leaders->items[place];
    const uint32_t slot = leaders->slot_of[place];
    while (place > 0 && is_better(&leaders->items[(place - 1) / 2], &item)) {
        const uint32_t parent = (place - 1) / 2;
        put(leaders, place, leaders->items[parent], leaders->slot_of[parent]);
        place = parent;
    }
    put(leaders, place, item, slot);
}

double mxsi_leaders_bar(const struct mxsi_leaders *leaders, uint64_t rank) {
    const uint32_t found = leaders->index[slot_of_rank(leaders, rank)];
    if (found != 0) {
        return leaders->items[found - 1].value;
    }
    return leaders->count == leaders->capacity ? leaders->items[0].value : -HUGE_VAL;
}

int mxsi_leaders_offer(struct mxsi_leaders *leaders, const struct mxsi_leader *candidate) {
    uint32_t slot = slot_of_rank(leaders, candidate->identity.rank);
    if (leaders->index[slot] != 0) { /* the portfolio leads already */
        const uint32_t place = leaders->index[slot] - 1;
        if (!is_better(candidate, &leaders->items[place])) {
            return 0;
        }
        leaders->items[place] = *candidate;
        sink(leaders, place);
    } else if (leaders->count < leaders->capacity) {
        put(leaders, leaders->count++, *candidate, slot);
        rise(leaders, leaders->count - 1);
    } else {
        if (!is_better(candidate, &leaders->items[0])) {
            return 0;
        }
        free_slot(leaders, leaders->slot_of[0]);
        slot = slot_of_rank(leaders, candidate->identity.rank);
        put(leaders, 0, *candidate, slot);
        sink(leaders, 0);
    }
    leaders->best = candidate->value > leaders->best ? candidate->value : leaders->best;
    return 1;
}

void mxsi_leaders_offer_list(struct mxsi_leaders *leaders, const struct mxsi_leader_list *list) {
    const uint32_t count = list->count;
    for (uint32_t i = 0; i < count && count <= leaders->capacity; ++i) {
        (void)mxsi_leaders_offer(leaders, &list->items[i]);
    }
}

void mxsi_leaders_copy(struct mxsi_leader_list *list, const struct mxsi_leaders *leaders) {
    list->count = leaders->count;
    memcpy(list->items, leaders->items, leaders->count * sizeof *list->items);
}

static int compare_leaders(const void *a, const void *b) {
    return is_better(b, a) - is_better(a, b);
}

void mxsi_leaders_sort(struct mxsi_leaders *leaders) {
    qsort(leaders->items, leaders->count, sizeof *leaders->items, compare_leaders);
}
