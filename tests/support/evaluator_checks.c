#include "support/evaluator_checks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engines/cpu/evaluators/weight_table.h"
#include "problem/portfolio.h"
#include "sampling/rescore.h"
#include "sampling/simulation_counter.h"
#include "screening/screen_bound.h"
#include "support/seeded_random.h"

enum { GUARD = 64 };

/* In the child. */
struct bench {
    const struct mxsi_evaluator_kind *kind;
    const struct mxsi_task *task;
    const struct mxsi_lanes *lanes;
    void *evaluator;
    unsigned char *guard; /* [GUARD] bytes behind the evaluator's memory */
    struct mxsi_rescorer rescorer;
    struct evaluator_report *report; /* in memory that it shares with the test */
    float first_bar;                 /* of what was screened last: its first simulation's bar, and its best one's */
    float best_bar;
};

#define COMPLAIN(...) ((void)snprintf(bench->report->complaint, sizeof bench->report->complaint, __VA_ARGS__), 0)

static int set_up(struct bench *bench) {
    const size_t size = (mxsi_evaluator_memory(bench->kind, bench->task) + 63) / 64 * 64;
    const uint32_t k = bench->task->problem->assets_per_portfolio;
    unsigned char *memory = aligned_alloc(64, size + GUARD);
    void *rescorer_memory = aligned_alloc(64, (mxsi_rescorer_size(k) + 63) / 64 * 64);
    if (memory == NULL || rescorer_memory == NULL) {
        return COMPLAIN("no memory");
    }
    memset(memory, 0, size);
    bench->guard = memset(memory + size, 0xa5, GUARD);
    mxsi_rescorer_init(&bench->rescorer, bench->task->problem, bench->task->sampling, rescorer_memory);
    bench->evaluator = mxsi_evaluator_create(bench->kind, bench->task, bench->lanes, memory, bench->report->complaint,
                                             sizeof bench->report->complaint);
    return bench->evaluator != NULL;
}

static int check_guard(const struct bench *bench) {
    for (int i = 0; i < GUARD; ++i) {
        if (bench->guard[i] != 0xa5) {
            return COMPLAIN("memory behind the evaluator's was written to");
        }
    }
    return 1;
}

/* One simulation against its definition: its upper bound, among bounds up to `highest`, where `bar` was to be reached.
 * 0 where they differ. */
static int check_bound(struct bench *bench, uint32_t attempt, double sharpe, float upper, float highest, float bar) {
    const double scale = bench->task->screening->value_scale;
    const float own = mxsi_screen_bar(sharpe, scale);
    bench->first_bar = bench->best_bar == -HUGE_VALF ? own : bench->first_bar;
    bench->best_bar = fmaxf(bench->best_bar, own);
    ++bench->report->accepted;
    if (upper == -HUGE_VALF && own < bar) {
        ++bench->report->ruled_out;
        return 1;
    }
    if (!(upper >= own)) {
        return COMPLAIN("attempt %u: the Sharpe ratio is %.17g, its bar %.9g, the bound %.9g", attempt, sharpe,
                        (double)own, (double)upper);
    }
    bench->report->widest_gap = fmax(bench->report->widest_gap, (double)upper - sharpe / scale);
    return upper <= highest ? 1 : COMPLAIN("attempt %u is higher than the highest", attempt);
}

/* One attempt of a block. */
static int check_attempt(struct bench *bench, const struct mxsi_block *block, const struct mxsi_screen *screen,
                         uint32_t i, uint32_t *accepted) {
    const struct mxsi_identity identity = {block->rank, block->tile, block->first_attempt + i};
    struct mxsi_score score = {0};
    const int outcome = mxsi_rescore(&bench->rescorer, &identity, &score);
    const float upper = screen->upper[i];
    if (outcome != 0 || *accepted == block->wanted) {
        bench->report->rejected += outcome != 0;
        return upper == -HUGE_VALF ? 1 : COMPLAIN("attempt %u does not count, but its bound is %g", i, (double)upper);
    }
    ++*accepted;
    return check_bound(bench, identity.attempt, score.value, upper, screen->highest, block->bar);
}

static int check_block(struct bench *bench, const struct mxsi_block *block) {
    const struct mxsi_block_evaluator_kind *kind = (const void *)bench->kind;
    struct mxsi_screen screen = {0};
    struct mxsi_worker_times times = {0};
    uint32_t accepted = 0;
    kind->screen(bench->evaluator, block, &screen, &times);
    int has_highest = screen.accepted == 0;
    bench->best_bar = -HUGE_VALF;
    for (uint32_t i = 0; i < block->attempts; ++i) {
        if (!check_attempt(bench, block, &screen, i, &accepted)) {
            return 0;
        }
        has_highest |= screen.upper[i] == screen.highest;
    }
    if (screen.accepted != accepted || !has_highest) {
        return COMPLAIN("%u attempts are accepted and not %u, or none of them is the highest", screen.accepted,
                        accepted);
    }
    return check_guard(bench);
}

/* The same block when there are leaders already: what can reach them is not lost. */
static int check_barred_block(struct bench *bench, const struct mxsi_block *block, size_t i) {
    const float bars[] = {bench->best_bar, bench->first_bar, -fabsf(bench->first_bar), bench->best_bar};
    struct mxsi_block barred = *block;
    barred.bar = bench->kind->every_variance ? -HUGE_VALF : bars[i];
    return check_block(bench, &barred);
}

static int check_blocks(struct bench *bench) {
    const struct mxsi_block_evaluator_kind *kind = (const void *)bench->kind;
    const struct mxsi_problem *problem = bench->task->problem;
    const uint32_t most = kind->max_attempts(bench->task);
    uint32_t assets[CHECKED_MAX_K];
    uint32_t chosen[CHECKED_MAX_K];
    struct seeded_random random = {bench->task->sampling->seed};
    const uint32_t step = most / 5 / MXSI_LANES_MULTIPLE * MXSI_LANES_MULTIPLE;
    for (uint32_t attempts = MXSI_LANES_MULTIPLE; attempts <= most; attempts += step) {
        const uint64_t rank = random_below(&random, problem->portfolios);
        mxsi_portfolio_assets(problem, rank, assets, chosen);
        kind->select_portfolio(bench->evaluator, assets);
        const uint32_t wanted[] = {attempts, 1, attempts / 3, MXSI_TILE_SIZE};
        for (size_t i = 0; i < 4; ++i) {
            const struct mxsi_block block = {rank,
                                             (uint32_t)random_below(&random, 5),
                                             (uint32_t)random_below(&random, 3) * most,
                                             attempts,
                                             wanted[i] < MXSI_TILE_SIZE ? wanted[i] : MXSI_TILE_SIZE,
                                             -HUGE_VALF};
            if (!check_block(bench, &block) || !check_barred_block(bench, &block, i)) {
                return 0;
            }
        }
    }
    return 1;
}

/* Portfolios screened at a time, and what came of them. Of many of them, some are looked at closely. */
enum { MOST_CLOSELY = 4 };

struct group {
    uint32_t count;
    uint32_t step; /* from one that is looked at to the next */
    uint64_t rank[MXSI_TABLE_MAX_PORTFOLIOS];
    uint32_t assets[MXSI_TABLE_MAX_PORTFOLIOS * CHECKED_MAX_K];
    float highest[MXSI_TABLE_MAX_PORTFOLIOS];
    double sharpe[MOST_CLOSELY][MXSI_TILE_SIZE]; /* by definition */
};

static int choose_group(struct bench *bench, const struct mxsi_weight_table *table, struct seeded_random *random,
                        uint32_t count, struct group *group) {
    const struct mxsi_problem *problem = bench->task->problem;
    uint32_t chosen[CHECKED_MAX_K];
    group->count = count;
    group->step = count <= MOST_CLOSELY ? 1 : (count - 1) / (MOST_CLOSELY - 1);
    for (uint32_t p = 0; p < count; ++p) {
        group->rank[p] = random_below(random, problem->portfolios);
        mxsi_portfolio_assets(problem, group->rank[p], group->assets + (size_t)p * problem->assets_per_portfolio,
                              chosen);
    }
    for (uint32_t p = 0; p < count; p += group->step) {
        for (uint32_t i = 0; i < table->count; ++i) {
            const struct mxsi_identity identity = {group->rank[p], table->tile, table->attempt[i]};
            struct mxsi_score score = {0};
            if (mxsi_rescore(&bench->rescorer, &identity, &score) != 0) {
                return COMPLAIN("attempt %u is no simulation", identity.attempt);
            }
            group->sharpe[p / group->step][i] = score.value;
        }
    }
    return 1;
}

/* One portfolio's simulations of a table. */
static int check_portfolio(struct bench *bench, const struct mxsi_weight_table *table, const struct group *group,
                           uint32_t p, float bar) {
    const struct mxsi_table_evaluator_kind *kind = (const void *)bench->kind;
    const float highest = group->highest[p];
    const float *upper = highest > -HUGE_VALF ? kind->portfolio_bounds(bench->evaluator, p) : NULL;
    int has_highest = upper == NULL;
    for (uint32_t i = 0; i < table->count; ++i) {
        const float bound = upper == NULL ? -HUGE_VALF : upper[i];
        if (!check_bound(bench, table->attempt[i], group->sharpe[p / group->step][i], bound, highest, bar)) {
            return 0;
        }
        has_highest |= bound == highest;
    }
    return has_highest ? check_guard(bench) : COMPLAIN("no simulation of portfolio %u is the highest", p);
}

static int check_group(struct bench *bench, const struct mxsi_weight_table *table, struct group *group, float bar) {
    const struct mxsi_table_evaluator_kind *kind = (const void *)bench->kind;
    struct mxsi_worker_times times = {0};
    memset(group->highest, 0xff, sizeof group->highest); /* NaN */
    kind->screen_portfolios(bench->evaluator, group->assets, group->count,
                            bench->kind->every_variance ? -HUGE_VALF : bar, group->highest, &times);
    bench->best_bar = -HUGE_VALF;
    for (uint32_t p = 0; p < group->count; p += group->step) {
        if (!check_portfolio(bench, table, group, p, bar)) {
            return 0;
        }
    }
    for (uint32_t p = 0; p < group->count; ++p) {
        if (isnan(group->highest[p])) {
            return COMPLAIN("nothing is said of portfolio %u", p);
        }
    }
    return 1;
}

/* One tile: groups of portfolios without a bar, then with bars that their simulations have set. */
static int check_tile(struct bench *bench, struct mxsi_weight_table *table, uint32_t tile,
                      struct seeded_random *random) {
    const struct mxsi_table_evaluator_kind *kind = (const void *)bench->kind;
    static struct group group;
    struct mxsi_worker_times times = {0};
    const uint32_t counts[] = {1, 3, kind->max_portfolios};
    (void)mxsi_weight_table_draw(table, tile);
    kind->load_table(bench->evaluator, table, &times);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; ++i) {
        if (!choose_group(bench, table, random, counts[i], &group) || !check_group(bench, table, &group, -HUGE_VALF)) {
            return 0;
        }
        const float bars[] = {bench->first_bar, -fabsf(bench->first_bar), bench->best_bar};
        for (size_t b = 0; b < sizeof bars / sizeof *bars; ++b) {
            if (!check_group(bench, table, &group, bars[b])) {
                return 0;
            }
        }
    }
    return 1;
}

static int check_tables(struct bench *bench) {
    struct mxsi_weight_table table = {.count = 0};
    struct seeded_random random = {bench->task->sampling->seed};
    const uint32_t last = (uint32_t)bench->task->sampling->tiles_per_portfolio - 1;
    const size_t size = (size_t)mxsi_weight_table_lay_out(&table, bench->task, 0);
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);
    if (memory == NULL) {
        return COMPLAIN("no memory");
    }
    (void)mxsi_weight_table_lay_out(&table, bench->task, (uintptr_t)memset(memory, 0, size));
    mxsi_weight_table_init(&table, bench->task, bench->lanes);
    return check_tile(bench, &table, 0, &random) && check_tile(bench, &table, last, &random) &&
           check_tile(bench, &table, 0, &random);
}

static struct evaluator_report run_in_child(struct bench *bench, int (*check)(struct bench *)) {
    struct evaluator_report *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    bench->report = shared;
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(set_up(bench) && check(bench) ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    const struct evaluator_report report = *shared;
    (void)munmap(shared, sizeof *shared);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fail_msg("%s, %s: %s (wait status %d)", bench->kind->name, bench->lanes->name, report.complaint, status);
    }
    return report;
}

struct evaluator_report check_block_evaluator(const struct mxsi_block_evaluator_kind *kind,
                                              const struct mxsi_task *task, const struct mxsi_lanes *lanes) {
    struct bench bench = {.kind = &kind->base, .task = task, .lanes = lanes};
    return run_in_child(&bench, check_blocks);
}

struct evaluator_report check_table_evaluator(const struct mxsi_table_evaluator_kind *kind,
                                              const struct mxsi_task *task, const struct mxsi_lanes *lanes) {
    struct bench bench = {.kind = &kind->base, .task = task, .lanes = lanes};
    return run_in_child(&bench, check_tables);
}
