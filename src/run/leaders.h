/* The leaders of a run: the M best portfolios so far, each with its best candidate. One order everywhere: the higher
 * value in double, then the lower rank, tile, attempt; so lists merge to the same list in any order. */
#ifndef MAXSHARPE_LEADERS_H
#define MAXSHARPE_LEADERS_H

#include <stddef.h>
#include <stdint.h>

#include "sampling/sampling.h"

struct mxsi_leader {
    double value; /* of the objective */
    struct mxsi_identity identity;
};

/* As it lies in shared memory: no pointers, in no order. */
struct mxsi_leader_list {
    uint32_t count;
    uint32_t unused;
    struct mxsi_leader items[]; /* ranks distinct */
};

size_t mxsi_leader_list_size(uint32_t capacity); /* bytes */

/* A heap whose first item is the worst leader, and where each rank stands in it. */
struct mxsi_leaders {
    uint32_t capacity;
    uint32_t count;
    uint32_t slots;            /* of the index, a power of two */
    double best;               /* -HUGE_VAL while there is none */
    struct mxsi_leader *items; /* [capacity] */
    uint32_t *slot_of;         /* [capacity] where an item's place is in the index */
    uint32_t *index;           /* [slots] places in items, plus 1; 0: free. By rank, with linear probing */
};

/* Bytes of memory that leaders work in. */
size_t mxsi_leaders_size(uint32_t capacity);

/* memory: mxsi_leaders_size bytes, 64-byte aligned; it stays the caller's. There are no leaders. */
void mxsi_leaders_init(struct mxsi_leaders *leaders, uint32_t capacity, void *memory);

/* What a candidate of the portfolio `rank` must reach to matter: the portfolio's own best where it leads already,
 * else the last leader where the list is full, else -HUGE_VAL. Reaching it exactly matters: the identity decides. */
double mxsi_leaders_bar(const struct mxsi_leaders *leaders, uint64_t rank);

/* Takes the candidate in where it belongs. 1 where the leaders changed. */
int mxsi_leaders_offer(struct mxsi_leaders *leaders, const struct mxsi_leader *candidate);

/* What another process has listed, which has room for `capacity` items; where it says that there are more, none. */
void mxsi_leaders_offer_list(struct mxsi_leaders *leaders, const struct mxsi_leader_list *list);

/* list has room for `capacity` items. */
void mxsi_leaders_copy(struct mxsi_leader_list *list, const struct mxsi_leaders *leaders);

/* Best first, and no longer a heap: nothing is offered after that. */
void mxsi_leaders_sort(struct mxsi_leaders *leaders);

#endif
