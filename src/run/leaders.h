/* The leaders of a search: the M best portfolios so far, each with its best simulation. One order everywhere: the
 * higher Sharpe ratio in double, then the lower rank, tile, attempt; so lists merge to the same list in any order. */
#ifndef MAXSHARPE_LEADERS_H
#define MAXSHARPE_LEADERS_H

#include <stddef.h>

#include "problem/search_inputs.h"

struct mxsi_leader {
    double sharpe;
    struct mxsi_identity identity;
};

/* Lives in shared memory: no pointers. */
struct mxsi_leaders {
    uint32_t capacity;
    uint32_t count;
    struct mxsi_leader items[]; /* best first, ranks distinct */
};

size_t mxsi_leaders_size(uint32_t capacity); /* bytes */
void mxsi_leaders_init(struct mxsi_leaders *leaders, uint32_t capacity);

/* What a simulation of the portfolio `rank` must reach to matter: the portfolio's own best where it leads already,
 * else the last leader where the list is full, else -HUGE_VAL. Reaching it exactly matters: the identity decides. */
double mxsi_leaders_bar(const struct mxsi_leaders *leaders, uint64_t rank);

/* Takes the candidate in where it belongs. 1 where the list changed. */
int mxsi_leaders_offer(struct mxsi_leaders *leaders, const struct mxsi_leader *candidate);

/* Copies the used part. `to` has room for from->capacity. */
void mxsi_leaders_copy(struct mxsi_leaders *to, const struct mxsi_leaders *from);

#endif
