/* The two ways of dealing out work: whole portfolios, and the simulations within one portfolio. */
#ifndef MAXSHARPE_BENCH_DEALING_H
#define MAXSHARPE_BENCH_DEALING_H

#include "cli/bench/bench_sample.h"
#include "cli/bench/bench_session.h"

enum { DEALING_ROWS = 3, DEALING_TILE = 1024 };

typedef struct dealing_row {
    const char *name;
    size_t assets_per_portfolio;
    uint64_t portfolios;
    uint64_t simulations;           /* of all of them */
    char reason[BENCH_REASON_SIZE]; /* why there are no figures; "" where there are */
    char evaluator[32];
    bench_sample one; /* simulations a second of one worker */
    bench_sample all; /* and of all */
} dealing_row;

typedef struct bench_dealing {
    bool asked;
    unsigned workers;
    dealing_row rows[DEALING_ROWS];
} bench_dealing;

/* About `simulations` in each row; fewer where the time does not suffice. As many in one portfolio as in many, and in
 * one of all assets where these are not many more. */
void bench_dealing_measure(bench_session *session, double simulations, bench_dealing *dealing);

#endif
