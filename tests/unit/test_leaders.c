/* The list of leaders against a plain model: every candidate of a rank kept at its best, then sorted. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run/leaders.h"
#include "support/seeded_random.h"

enum { MAX_CAPACITY = 40, MAX_OFFERS = 400 };

/* A list with a guard behind it. */
struct list {
    _Alignas(16) unsigned char bytes[sizeof(struct mxsi_leaders) + (MAX_CAPACITY + 1) * sizeof(struct mxsi_leader)];
};

static struct mxsi_leaders *make_list(struct list *list, uint32_t capacity) {
    memset(list, 0xa5, sizeof *list);
    struct mxsi_leaders *leaders = (void *)list->bytes;
    mxsi_leaders_init(leaders, capacity);
    return leaders;
}

static void assert_nothing_written_behind(const struct list *list, uint32_t capacity) {
    for (size_t i = mxsi_leaders_size(capacity); i < sizeof list->bytes; ++i) {
        assert_int_equal(list->bytes[i], 0xa5);
    }
}

static struct mxsi_leader leader_of(double sharpe, uint64_t rank, uint32_t tile, uint32_t attempt) {
    return (struct mxsi_leader){sharpe, {rank, tile, attempt}};
}

static void assert_leader(const struct mxsi_leaders *leaders, uint32_t i, double sharpe, uint64_t rank, uint32_t tile,
                          uint32_t attempt) {
    assert_true(i < leaders->count);
    assert_true(leaders->items[i].sharpe == sharpe);
    assert_true(leaders->items[i].identity.rank == rank);
    assert_int_equal(leaders->items[i].identity.tile, tile);
    assert_int_equal(leaders->items[i].identity.attempt, attempt);
}

static int offer(struct mxsi_leaders *leaders, double sharpe, uint64_t rank, uint32_t tile, uint32_t attempt) {
    const struct mxsi_leader candidate = leader_of(sharpe, rank, tile, attempt);
    return mxsi_leaders_offer(leaders, &candidate);
}

static void the_best_come_first_and_the_worst_drops_out(void **state) {
    (void)state;
    struct list list;
    struct mxsi_leaders *leaders = make_list(&list, 3);
    assert_int_equal(offer(leaders, 1.0, 10, 0, 0), 1);
    assert_int_equal(offer(leaders, 3.0, 30, 0, 0), 1);
    assert_int_equal(offer(leaders, 2.0, 20, 0, 0), 1);
    assert_int_equal(offer(leaders, 0.5, 5, 0, 0), 0);
    assert_int_equal(offer(leaders, 2.5, 25, 0, 0), 1);
    assert_int_equal(leaders->count, 3);
    assert_leader(leaders, 0, 3.0, 30, 0, 0);
    assert_leader(leaders, 1, 2.5, 25, 0, 0);
    assert_leader(leaders, 2, 2.0, 20, 0, 0);
    assert_nothing_written_behind(&list, 3);
}

static void ties_go_to_the_lower_rank_then_tile_then_attempt(void **state) {
    (void)state;
    struct list list;
    struct mxsi_leaders *leaders = make_list(&list, 2);
    assert_int_equal(offer(leaders, 1.0, 7, 3, 3), 1);
    assert_int_equal(offer(leaders, 1.0, 7, 3, 4), 0);
    assert_int_equal(offer(leaders, 1.0, 7, 4, 0), 0);
    assert_int_equal(offer(leaders, 1.0, 7, 3, 3), 0); /* itself */
    assert_int_equal(offer(leaders, 1.0, 7, 3, 2), 1);
    assert_int_equal(offer(leaders, 1.0, 7, 2, 9), 1);
    assert_leader(leaders, 0, 1.0, 7, 2, 9);
    assert_int_equal(leaders->count, 1);
    assert_int_equal(offer(leaders, 1.0, 8, 0, 0), 1);
    assert_int_equal(offer(leaders, 1.0, 9, 0, 0), 0);
    assert_int_equal(offer(leaders, 1.0, UINT64_C(1) << 40, 0, 0), 0);
    assert_int_equal(offer(leaders, 1.0, 6, 9, 9), 1);
    assert_leader(leaders, 0, 1.0, 6, 9, 9);
    assert_leader(leaders, 1, 1.0, 7, 2, 9);
}

static void a_rank_has_one_place_that_its_better_simulation_takes(void **state) {
    (void)state;
    struct list list;
    struct mxsi_leaders *leaders = make_list(&list, 3);
    (void)offer(leaders, 3.0, 1, 0, 0);
    (void)offer(leaders, 2.0, 2, 0, 0);
    (void)offer(leaders, 1.0, 3, 0, 0);
    assert_int_equal(offer(leaders, 2.5, 3, 5, 6), 1); /* rises past 2, which stays */
    assert_leader(leaders, 1, 2.5, 3, 5, 6);
    assert_leader(leaders, 2, 2.0, 2, 0, 0);
    assert_int_equal(offer(leaders, 2.9, 1, 0, 1), 0); /* the leader's own worse one */
    assert_int_equal(offer(leaders, 2.4, 3, 0, 0), 0);
    assert_int_equal(leaders->count, 3);
}

static void the_bar_is_what_a_rank_must_reach(void **state) {
    (void)state;
    struct list list;
    struct mxsi_leaders *leaders = make_list(&list, 2);
    assert_true(mxsi_leaders_bar(leaders, 1) == -HUGE_VAL);
    (void)offer(leaders, -2.0, 1, 0, 0);
    assert_true(mxsi_leaders_bar(leaders, 1) == -2.0);
    assert_true(mxsi_leaders_bar(leaders, 2) == -HUGE_VAL); /* there is room */
    (void)offer(leaders, 5.0, 2, 0, 0);
    assert_true(mxsi_leaders_bar(leaders, 2) == 5.0); /* its own best */
    assert_true(mxsi_leaders_bar(leaders, 1) == -2.0);
    assert_true(mxsi_leaders_bar(leaders, 3) == -2.0); /* the last leader's */
}

static void a_list_of_one_keeps_the_best(void **state) {
    (void)state;
    struct list list;
    struct mxsi_leaders *leaders = make_list(&list, 1);
    (void)offer(leaders, -1.0, 4, 0, 0);
    (void)offer(leaders, 0.0, 3, 0, 0);
    (void)offer(leaders, -0.0, 2, 0, 0); /* equal: the lower rank */
    assert_leader(leaders, 0, 0.0, 2, 0, 0);
    assert_int_equal(leaders->count, 1);
    assert_nothing_written_behind(&list, 1);
}

static int compare_leaders(const void *left, const void *right) {
    const struct mxsi_leader *a = left;
    const struct mxsi_leader *b = right;
    if (a->sharpe != b->sharpe) {
        return a->sharpe > b->sharpe ? -1 : 1;
    }
    if (a->identity.rank != b->identity.rank) {
        return a->identity.rank < b->identity.rank ? -1 : 1;
    }
    if (a->identity.tile != b->identity.tile) {
        return a->identity.tile < b->identity.tile ? -1 : 1;
    }
    return a->identity.attempt < b->identity.attempt ? -1 : a->identity.attempt > b->identity.attempt;
}

/* Sorts all offers and keeps the first of each rank. Returns how many, at most capacity, stand in offers then. */
static uint32_t model(struct mxsi_leader *offers, size_t count, uint32_t capacity) {
    qsort(offers, count, sizeof *offers, compare_leaders);
    uint32_t kept = 0;
    for (size_t i = 0; i < count && kept < capacity; ++i) {
        uint32_t j = 0;
        while (j < kept && offers[j].identity.rank != offers[i].identity.rank) {
            ++j;
        }
        if (j == kept) {
            offers[kept++] = offers[i];
        }
    }
    return kept;
}

static void assert_same_list(const struct mxsi_leaders *leaders, const struct mxsi_leader *expected, uint32_t count,
                             uint64_t seed) {
    int is_same = leaders->count == count;
    for (uint32_t i = 0; i < count && is_same; ++i) {
        is_same = compare_leaders(&leaders->items[i], &expected[i]) == 0;
    }
    if (!is_same) {
        fail_msg("the lists differ (seed %llu, capacity %u)", (unsigned long long)seed, leaders->capacity);
    }
}

/* Few distinct values, so that ties of every kind happen. */
static void make_offers(struct seeded_random *random, struct mxsi_leader *offers, size_t count, uint64_t ranks) {
    for (size_t i = 0; i < count; ++i) {
        offers[i] = leader_of((double)random_below(random, 20) - 10.0, random_below(random, ranks),
                              (uint32_t)random_below(random, 3), (uint32_t)random_below(random, 4));
    }
}

static void random_offers_leave_what_sorting_them_would(void **state) {
    (void)state;
    const uint64_t seed = 555;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct seeded_random random = {seed};
    struct list list;
    static struct mxsi_leader offers[MAX_OFFERS];
    for (int round = 0; round < 400; ++round) {
        const uint32_t capacity = 1 + (uint32_t)random_below(&random, MAX_CAPACITY);
        const size_t count = (size_t)random_below(&random, MAX_OFFERS);
        make_offers(&random, offers, count, 1 + random_below(&random, 2 * capacity));
        struct mxsi_leaders *leaders = make_list(&list, capacity);
        for (size_t i = 0; i < count; ++i) {
            const double bar = mxsi_leaders_bar(leaders, offers[i].identity.rank);
            const int changed = mxsi_leaders_offer(leaders, &offers[i]);
            assert_true(!changed || offers[i].sharpe >= bar); /* nothing below the bar mattered */
            assert_true(changed || offers[i].sharpe <= bar);  /* nothing above it did not */
        }
        assert_same_list(leaders, offers, model(offers, count, capacity), seed);
        assert_nothing_written_behind(&list, capacity);
    }
}

/* Offers dealt to four lists, and the lists merged in some order. */
static void lists_merged_in_any_order_are_the_same_list(void **state) {
    (void)state;
    static const int ORDERS[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}};
    const uint64_t seed = 556;
    struct seeded_random random = {seed};
    static struct list parts[4];
    static struct mxsi_leader offers[MAX_OFFERS];
    struct list merged;
    for (int round = 0; round < 200; ++round) {
        const uint32_t capacity = 1 + (uint32_t)random_below(&random, 12);
        make_offers(&random, offers, MAX_OFFERS, 1 + random_below(&random, 3 * capacity));
        struct mxsi_leaders *dealt[4];
        for (int p = 0; p < 4; ++p) {
            dealt[p] = make_list(&parts[p], capacity);
        }
        for (size_t i = 0; i < MAX_OFFERS; ++i) {
            (void)mxsi_leaders_offer(dealt[random_below(&random, 4)], &offers[i]);
        }
        const uint32_t count = model(offers, MAX_OFFERS, capacity);
        for (size_t o = 0; o < 3; ++o) {
            struct mxsi_leaders *leaders = make_list(&merged, capacity);
            for (int p = 0; p < 4; ++p) {
                for (uint32_t i = 0; i < dealt[ORDERS[o][p]]->count; ++i) {
                    (void)mxsi_leaders_offer(leaders, &dealt[ORDERS[o][p]]->items[i]);
                }
            }
            assert_same_list(leaders, offers, count, seed);
        }
    }
}

static void a_copy_takes_the_used_part_only(void **state) {
    (void)state;
    struct list from_list;
    struct list to_list;
    struct mxsi_leaders *from = make_list(&from_list, 5);
    struct mxsi_leaders *to = make_list(&to_list, 5);
    (void)offer(from, 1.0, 1, 2, 3);
    (void)offer(from, 2.0, 4, 5, 6);
    mxsi_leaders_copy(to, from);
    assert_int_equal(to->capacity, 5);
    assert_int_equal(to->count, 2);
    assert_leader(to, 0, 2.0, 4, 5, 6);
    assert_leader(to, 1, 1.0, 1, 2, 3);
    assert_nothing_written_behind(&to_list, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_come_first_and_the_worst_drops_out),
        cmocka_unit_test(ties_go_to_the_lower_rank_then_tile_then_attempt),
        cmocka_unit_test(a_rank_has_one_place_that_its_better_simulation_takes),
        cmocka_unit_test(the_bar_is_what_a_rank_must_reach),
        cmocka_unit_test(a_list_of_one_keeps_the_best),
        cmocka_unit_test(random_offers_leave_what_sorting_them_would),
        cmocka_unit_test(lists_merged_in_any_order_are_the_same_list),
        cmocka_unit_test(a_copy_takes_the_used_part_only),
    };
    return cmocka_run_group_tests_name("leaders", tests, NULL, NULL);
}
