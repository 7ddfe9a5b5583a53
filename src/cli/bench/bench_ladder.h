/* The ladder: how one problem is solved, from the original's mathematics to the fastest that there is. */
#ifndef MAXSHARPE_BENCH_LADDER_H
#define MAXSHARPE_BENCH_LADDER_H

#include "cli/bench/bench_sample.h"
#include "cli/bench/bench_session.h"

enum { LADDER_RUNGS = 12 };

typedef enum rung_check {
    CHECK_NONE,      /* nothing ran that it could be held against */
    CHECK_REFERENCE, /* the others are held against it, and it has the winner of the next fastest */
    CHECK_SAME,      /* the reference's winner over the same portfolios, bit for bit */
    CHECK_DIFFERS
} rung_check;

/* "reference", "same", ... Never NULL. */
const char *rung_check_name(rung_check check);

typedef struct ladder_rung {
    int number; /* of the rung; two rungs may be of one number */
    const char *name;
    const char *what; /* what it does that those before it did not */
    mxs_backend backend;
    mxs_evaluator evaluator;
    mxs_draws draws;

    char reason[BENCH_REASON_SIZE]; /* why it has no figures; "" where it has */
    bench_run probe;                /* a first short run, which also warms up */
    search_request options;         /* of its runs: the problem over the range that it is timed on */
    uint64_t portfolios;            /* in that range */
    bench_sample seconds;
    bench_sample rate; /* simulations a second */
    char kernel[BENCH_NAME_SIZE];
    bench_winner winner; /* over that range; the same in all of its runs, else differs */
    rung_check check;
} ladder_rung;

typedef struct bench_ladder {
    bool asked;
    uint64_t portfolios;         /* of the whole problem */
    double flops_per_simulation; /* of the textbook's evaluation: K (K + 1) for the variance, from the triangle of
                                    Sigma, and 2 K for the expected return */
    ladder_rung rungs[LADDER_RUNGS];
    size_t count;
} bench_ladder;

/* Whether it has figures. */
bool rung_ran(const ladder_rung *rung);

/* Its median rate over that of the first rung that ran; NaN where it did not. */
double rung_factor(const bench_ladder *ladder, const ladder_rung *rung);

void bench_ladder_measure(bench_session *session, bench_ladder *ladder);

#endif
