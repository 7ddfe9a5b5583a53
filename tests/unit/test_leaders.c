/* The heap of leaders against two plain models: all offers sorted at the end, and a sorted list kept in step. */
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

enum { MAX_CAPACITY = 40, MAX_OFFERS = 400, MOST_LEADERS = 10000, GUARD = 64 };

/* Leaders with a guard behind their memory. */
struct list {
    struct mxsi_leaders leaders;
    unsigned char *memory;
    size_t size;
};

static struct mxsi_leaders *make_list(struct list *list, uint32_t capacity) {
    list->size = mxsi_leaders_size(capacity);
    list->memory = aligned_alloc(64, (list->size + GUARD + 63) / 64 * 64);
    assert_non_null(list->memory);
    memset(list->memory, 0xa5, list->size + GUARD);
    mxsi_leaders_init(&list->leaders, capacity, list->memory);
    return &list->leaders;
}

static void free_list(struct list *list) {
    for (size_t i = list->size; i < list->size + GUARD; ++i) {
        assert_int_equal(list->memory[i], 0xa5);
    }
    free(list->memory);
}

static int compare_leaders(const void *left, const void *right) {
    const struct mxsi_leader *a = left;
    const struct mxsi_leader *b = right;
    if (a->value != b->value) {
        return a->value > b->value ? -1 : 1;
    }
    if (a->identity.rank != b->identity.rank) {
        return a->identity.rank < b->identity.rank ? -1 : 1;
    }
    if (a->identity.tile != b->identity.tile) {
        return a->identity.tile < b->identity.tile ? -1 : 1;
    }
    return a->identity.attempt < b->identity.attempt ? -1 : a->identity.attempt > b->identity.attempt;
}

static struct mxsi_leader leader_of(double value, uint64_t rank, uint32_t tile, uint32_t attempt) {
    return (struct mxsi_leader){value, {rank, tile, attempt}};
}

/* The leader in place i, best first; the leaders stay the heap that they are. */
static void assert_leader(const struct mxsi_leaders *leaders, uint32_t i, double value, uint64_t rank, uint32_t tile,
                          uint32_t attempt) {
    struct mxsi_leader sorted[MAX_CAPACITY];
    assert_true(i < leaders->count);
    memcpy(sorted, leaders->items, leaders->count * sizeof *sorted);
    qsort(sorted, leaders->count, sizeof *sorted, compare_leaders);
    assert_true(sorted[i].value == value);
    assert_true(sorted[i].identity.rank == rank);
    assert_int_equal(sorted[i].identity.tile, tile);
    assert_int_equal(sorted[i].identity.attempt, attempt);
}

static int offer(struct mxsi_leaders *leaders, double value, uint64_t rank, uint32_t tile, uint32_t attempt) {
    const struct mxsi_leader candidate = leader_of(value, rank, tile, attempt);
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
    free_list(&list);
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
    free_list(&list);
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
    free_list(&list);
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
    free_list(&list);
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
    free_list(&list);
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

/* Sorts the leaders, which are a heap no longer. */
static void assert_same_list(struct mxsi_leaders *leaders, const struct mxsi_leader *expected, uint32_t count,
                             uint64_t seed) {
    const double best = count > 0 ? expected[0].value : -HUGE_VAL;
    int is_same = leaders->count == count && leaders->best == best;
    mxsi_leaders_sort(leaders);
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
            assert_true(!changed || offers[i].value >= bar); /* nothing below the bar mattered */
            assert_true(changed || offers[i].value <= bar);  /* nothing above it did not */
        }
        assert_same_list(leaders, offers, model(offers, count, capacity), seed);
        free_list(&list);
    }
}

/* Best first, one place a rank: what the heap stands for. */
struct naive {
    uint32_t capacity;
    uint32_t count;
    struct mxsi_leader *items;
};

static uint32_t naive_place(const struct naive *naive, uint64_t rank) {
    uint32_t place = 0;
    while (place < naive->count && naive->items[place].identity.rank != rank) {
        ++place;
    }
    return place;
}

static double naive_bar(const struct naive *naive, uint64_t rank) {
    const uint32_t place = naive_place(naive, rank);
    if (place < naive->count) {
        return naive->items[place].value;
    }
    return naive->count == naive->capacity ? naive->items[naive->count - 1].value : -HUGE_VAL;
}

static int naive_offer(struct naive *naive, const struct mxsi_leader *candidate) {
    uint32_t last = naive_place(naive, candidate->identity.rank); /* the place that becomes free */
    if (last == naive->count && naive->count == naive->capacity) {
        --last;
    }
    if (last < naive->count && compare_leaders(&naive->items[last], candidate) <= 0) {
        return 0;
    }
    naive->count += last == naive->count;
    for (; last > 0 && compare_leaders(candidate, &naive->items[last - 1]) < 0; --last) {
        naive->items[last] = naive->items[last - 1];
    }
    naive->items[last] = *candidate;
    return 1;
}

/* Ranks one after the other, or far apart by a power of two, near the ends of what 64 bits hold: neighbours and
 * strangers in the index by rank. */
static uint64_t random_rank(struct seeded_random *random, uint64_t ranks, unsigned shift, uint64_t first) {
    return first + (random_below(random, ranks) << shift);
}

static void assert_in_step(struct seeded_random *random, uint32_t capacity, size_t offers, uint64_t ranks,
                           uint64_t values) {
    const unsigned shift = (unsigned)random_below(random, 48);
    const uint64_t first = random_below(random, 2) == 0 ? 0 : UINT64_MAX / 2;
    struct naive naive = {.capacity = capacity, .items = calloc(capacity, sizeof *naive.items)};
    struct list list;
    struct mxsi_leaders *leaders = make_list(&list, capacity);
    assert_non_null(naive.items);
    for (size_t i = 0; i < offers; ++i) {
        const struct mxsi_leader candidate =
            leader_of((double)random_below(random, values) - 10.0, random_rank(random, ranks, shift, first),
                      (uint32_t)random_below(random, 3), (uint32_t)random_below(random, 4));
        const uint64_t other = random_rank(random, ranks, shift, first);
        assert_true(mxsi_leaders_bar(leaders, candidate.identity.rank) == naive_bar(&naive, candidate.identity.rank));
        assert_int_equal(mxsi_leaders_offer(leaders, &candidate), naive_offer(&naive, &candidate));
        assert_int_equal(leaders->count, naive.count);
        assert_true(leaders->best == naive.items[0].value);
        assert_true(mxsi_leaders_bar(leaders, other) == naive_bar(&naive, other));
    }
    assert_same_list(leaders, naive.items, naive.count, 557);
    free_list(&list);
    free(naive.items);
}

static void after_every_offer_the_leaders_are_those_of_a_sorted_list(void **state) {
    (void)state;
    const uint64_t seed = 557;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct seeded_random random = {seed};
    for (uint32_t capacity = 1; capacity <= 100; ++capacity) {
        const size_t offers = 20 + 30 * (size_t)capacity;
        assert_in_step(&random, capacity, offers, 1 + random_below(&random, 3 * capacity), 20); /* ties */
        assert_in_step(&random, capacity, offers, 1 + random_below(&random, 3 * capacity), 1u << 30);
    }
}

/* As many as can be asked for. */
static void ten_thousand_leaders_are_those_of_a_sorted_list(void **state) {
    (void)state;
    struct seeded_random random = {558};
    assert_in_step(&random, MOST_LEADERS, 30000, 20000, 1u << 30); /* some 15,000 ranks: the list is full */
    assert_in_step(&random, MOST_LEADERS, 30000, 20000, 50);
}

static void shuffle(struct seeded_random *random, struct mxsi_leader *offers, size_t count) {
    for (size_t i = count; i > 1; --i) {
        const size_t j = (size_t)random_below(random, i);
        const struct mxsi_leader swap = offers[i - 1];
        offers[i - 1] = offers[j];
        offers[j] = swap;
    }
}

static void offers_in_any_order_leave_the_same_leaders(void **state) {
    (void)state;
    const uint64_t seed = 559;
    struct seeded_random random = {seed};
    static struct mxsi_leader offers[MAX_OFFERS];
    static struct mxsi_leader sorted[MAX_OFFERS];
    for (int round = 0; round < 100; ++round) {
        const uint32_t capacity = 1 + (uint32_t)random_below(&random, MAX_CAPACITY);
        make_offers(&random, offers, MAX_OFFERS, 1 + random_below(&random, 3 * capacity));
        memcpy(sorted, offers, sizeof sorted);
        const uint32_t count = model(sorted, MAX_OFFERS, capacity);
        for (int order = 0; order < 4; ++order) {
            struct list list;
            struct mxsi_leaders *leaders = make_list(&list, capacity);
            shuffle(&random, offers, MAX_OFFERS);
            for (size_t i = 0; i < MAX_OFFERS; ++i) {
                (void)mxsi_leaders_offer(leaders, &offers[i]);
            }
            assert_same_list(leaders, sorted, count, seed);
            free_list(&list);
        }
    }
}

/* A list as it lies in shared memory, with a guard behind it. */
struct shared_list {
    _Alignas(struct mxsi_leader_list) unsigned char bytes[sizeof(struct mxsi_leader_list) +
                                                          MAX_CAPACITY * sizeof(struct mxsi_leader) + GUARD];
};

static const struct mxsi_leader_list *copy_to(struct shared_list *shared, const struct mxsi_leaders *leaders) {
    memset(shared, 0xa5, sizeof *shared);
    struct mxsi_leader_list *list = (void *)shared->bytes;
    mxsi_leaders_copy(list, leaders);
    for (size_t i = mxsi_leader_list_size(leaders->count); i < sizeof shared->bytes; ++i) {
        assert_int_equal(shared->bytes[i], 0xa5);
    }
    return list;
}

/* Offers dealt to four lists, and the lists merged in some order. */
static void lists_merged_in_any_order_are_the_same_list(void **state) {
    (void)state;
    static const int ORDERS[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}};
    const uint64_t seed = 556;
    struct seeded_random random = {seed};
    static struct shared_list copies[4];
    static struct mxsi_leader offers[MAX_OFFERS];
    for (int round = 0; round < 200; ++round) {
        const uint32_t capacity = 1 + (uint32_t)random_below(&random, 12);
        make_offers(&random, offers, MAX_OFFERS, 1 + random_below(&random, 3 * capacity));
        struct list parts[4];
        struct mxsi_leaders *dealt[4];
        const struct mxsi_leader_list *copied[4];
        for (int p = 0; p < 4; ++p) {
            dealt[p] = make_list(&parts[p], capacity);
        }
        for (size_t i = 0; i < MAX_OFFERS; ++i) {
            (void)mxsi_leaders_offer(dealt[random_below(&random, 4)], &offers[i]);
        }
        for (int p = 0; p < 4; ++p) {
            copied[p] = copy_to(&copies[p], dealt[p]);
            free_list(&parts[p]);
        }
        const uint32_t count = model(offers, MAX_OFFERS, capacity);
        for (size_t o = 0; o < 3; ++o) {
            struct list merged;
            struct mxsi_leaders *leaders = make_list(&merged, capacity);
            for (int p = 0; p < 4; ++p) {
                mxsi_leaders_offer_list(leaders, copied[ORDERS[o][p]]);
            }
            assert_same_list(leaders, offers, count, seed);
            free_list(&merged);
        }
    }
}

static void a_copy_takes_the_used_part_only(void **state) {
    (void)state;
    struct list from_list;
    static struct shared_list shared;
    struct mxsi_leaders *from = make_list(&from_list, 5);
    assert_int_equal(copy_to(&shared, from)->count, 0);
    (void)offer(from, 1.0, 1, 2, 3);
    (void)offer(from, 2.0, 4, 5, 6);
    const struct mxsi_leader_list *copy = copy_to(&shared, from);
    assert_int_equal(copy->count, 2);
    assert_memory_equal(copy->items, from->items, 2 * sizeof *copy->items);
    free_list(&from_list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_come_first_and_the_worst_drops_out),
        cmocka_unit_test(ties_go_to_the_lower_rank_then_tile_then_attempt),
        cmocka_unit_test(a_rank_has_one_place_that_its_better_simulation_takes),
        cmocka_unit_test(the_bar_is_what_a_rank_must_reach),
        cmocka_unit_test(a_list_of_one_keeps_the_best),
        cmocka_unit_test(random_offers_leave_what_sorting_them_would),
        cmocka_unit_test(after_every_offer_the_leaders_are_those_of_a_sorted_list),
        cmocka_unit_test(ten_thousand_leaders_are_those_of_a_sorted_list),
        cmocka_unit_test(offers_in_any_order_leave_the_same_leaders),
        cmocka_unit_test(lists_merged_in_any_order_are_the_same_list),
        cmocka_unit_test(a_copy_takes_the_used_part_only),
    };
    return cmocka_run_group_tests_name("leaders", tests, NULL, NULL);
}
