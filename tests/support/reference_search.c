#include "support/reference_search.h"

#include <math.h>
#include <string.h>

struct moments {
    double mean[REFERENCE_MAX_K];
    double covariance[REFERENCE_MAX_K][REFERENCE_MAX_K];
};

static void compute_moments(const struct reference_problem *problem, struct moments *moments) {
    const size_t n = problem->assets;
    const size_t t = problem->periods;
    for (size_t i = 0; i < n; ++i) {
        long double sum = 0.0L;
        for (size_t row = 0; row < t; ++row) {
            sum += (long double)problem->returns[row * n + i];
        }
        moments->mean[i] = (double)(sum / (long double)t);
    }
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) {
            long double sum = 0.0L;
            for (size_t row = 0; row < t; ++row) {
                sum += ((long double)problem->returns[row * n + i] - (long double)moments->mean[i]) *
                       ((long double)problem->returns[row * n + j] - (long double)moments->mean[j]);
            }
            moments->covariance[i][j] = (double)(sum / (long double)(t - 1));
        }
    }
}

static double sharpe_of(const struct reference_problem *problem, const struct moments *moments, const size_t *assets,
                        const double *weights) {
    double expected_return = 0.0;
    double variance = 0.0;
    for (size_t i = 0; i < problem->k; ++i) {
        expected_return += weights[i] * moments->mean[assets[i]];
        for (size_t j = 0; j < problem->k; ++j) {
            variance += weights[i] * weights[j] * moments->covariance[assets[i]][assets[j]];
        }
    }
    return (problem->periods_per_year * expected_return - problem->risk_free) /
           sqrt(problem->periods_per_year * variance);
}

static double condition_of(const struct reference_problem *problem, const struct moments *moments, const size_t *assets,
                           const double *weights) {
    double excess = -problem->risk_free;
    double excess_size = fabs(problem->risk_free);
    double variance = 0.0;
    double variance_size = 0.0;
    for (size_t i = 0; i < problem->k; ++i) {
        const double term = problem->periods_per_year * weights[i] * moments->mean[assets[i]];
        excess += term;
        excess_size += fabs(term);
        for (size_t j = 0; j < problem->k; ++j) {
            const double product = weights[i] * weights[j] * moments->covariance[assets[i]][assets[j]];
            variance += product;
            variance_size += fabs(product);
        }
    }
    return excess_size / fabs(excess) + variance_size / variance;
}

/* A walk through the K-subsets of the assets in lexicographic order. */
struct walk {
    const struct reference_problem *problem;
    size_t assets[REFERENCE_MAX_K];
    uint64_t rank; /* of the next portfolio that qualifies */
    void (*visit)(struct walk *walk);
    void *user;
};

static void walk_on(struct walk *walk, size_t depth, size_t next) {
    const struct reference_problem *problem = walk->problem;
    if (depth == problem->k) {
        size_t wanted = 0;
        size_t held = 0;
        for (size_t i = 0; i < problem->assets; ++i) {
            wanted += problem->included[i];
        }
        for (size_t i = 0; i < depth; ++i) {
            held += problem->included[walk->assets[i]];
        }
        if (held == wanted) {
            walk->visit(walk);
            ++walk->rank;
        }
        return;
    }
    for (size_t asset = next; asset < problem->assets; ++asset) {
        walk->assets[depth] = asset;
        walk_on(walk, depth + 1, asset + 1);
    }
}

static void visit_nothing(struct walk *walk) {
    (void)walk;
}

uint64_t reference_count(const struct reference_problem *problem) {
    struct walk walk = {.problem = problem, .visit = visit_nothing};
    walk_on(&walk, 0, 0);
    return walk.rank;
}

struct search {
    struct moments moments;
    struct reference_draws draws;
    struct reference_portfolio *best;
    size_t count;
    size_t capacity;
};

static uint64_t stream_of(const struct reference_problem *problem, uint64_t rank) {
    return problem->shared_draws ? UINT64_MAX : rank;
}

/* Portfolios come in the order of their ranks, so an equal one never goes before those that are there. */
static void insert(struct search *search, const struct reference_portfolio *portfolio) {
    size_t place = search->count;
    while (place > 0 && portfolio->sharpe > search->best[place - 1].sharpe) {
        --place;
    }
    if (place == search->capacity) {
        return;
    }
    if (search->count < search->capacity) {
        ++search->count;
    }
    memmove(search->best + place + 1, search->best + place, (search->count - 1 - place) * sizeof *portfolio);
    search->best[place] = *portfolio;
}

/* All simulations of one portfolio: in each tile the first attempts that are accepted. */
static void visit_simulations(struct walk *walk) {
    const struct reference_problem *problem = walk->problem;
    struct search *search = walk->user;
    if (walk->rank < problem->first || walk->rank >= problem->end) {
        return;
    }
    struct reference_portfolio found = {.sharpe = -HUGE_VAL, .rank = walk->rank};
    memcpy(found.assets, walk->assets, sizeof found.assets);
    uint64_t left = search->draws.sampler == REFERENCE_EQUAL_WEIGHTS ? 1 : problem->simulations;
    for (uint32_t tile = 0; left > 0; ++tile) {
        uint32_t wanted = left < REFERENCE_TILE ? (uint32_t)left : (uint32_t)REFERENCE_TILE;
        left -= wanted;
        for (uint32_t attempt = 0; wanted > 0; ++attempt) {
            double weights[REFERENCE_MAX_K];
            if (!reference_draw(&search->draws, stream_of(problem, walk->rank), tile, attempt, weights)) {
                continue;
            }
            --wanted;
            const double sharpe = sharpe_of(problem, &search->moments, found.assets, weights);
            if (sharpe > found.sharpe) {
                found.sharpe = sharpe;
                found.tile = tile;
                found.attempt = attempt;
                memcpy(found.weights, weights, problem->k * sizeof *weights);
            }
        }
    }
    found.condition = condition_of(problem, &search->moments, found.assets, found.weights);
    insert(search, &found);
}

static void search_init(struct search *search, const struct reference_problem *problem) {
    compute_moments(problem, &search->moments);
    reference_draws_init(&search->draws, problem->k, problem->seed, problem->min_weight, problem->max_weight);
}

size_t reference_search(const struct reference_problem *problem, struct reference_portfolio *best, size_t capacity) {
    struct search search = {.best = best, .capacity = capacity};
    struct walk walk = {.problem = problem, .visit = visit_simulations, .user = &search};
    search_init(&search, problem);
    walk_on(&walk, 0, 0);
    return search.count;
}

static void visit_wanted_rank(struct walk *walk) {
    struct reference_portfolio *portfolio = walk->user;
    if (walk->rank == portfolio->rank) {
        memcpy(portfolio->assets, walk->assets, sizeof portfolio->assets);
    }
}

int reference_simulation(const struct reference_problem *problem, uint64_t rank, uint32_t tile, uint32_t attempt,
                         struct reference_portfolio *portfolio) {
    struct search search = {0};
    struct walk walk = {.problem = problem, .visit = visit_wanted_rank, .user = portfolio};
    *portfolio = (struct reference_portfolio){.rank = rank, .tile = tile, .attempt = attempt};
    search_init(&search, problem);
    walk_on(&walk, 0, 0);
    if (rank >= walk.rank ||
        !reference_draw(&search.draws, stream_of(problem, rank), tile, attempt, portfolio->weights)) {
        return 0;
    }
    portfolio->sharpe = sharpe_of(problem, &search.moments, portfolio->assets, portfolio->weights);
    portfolio->condition = condition_of(problem, &search.moments, portfolio->assets, portfolio->weights);
    return 1;
}
