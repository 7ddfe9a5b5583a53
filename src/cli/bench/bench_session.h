/* What all parts of a benchmark share: the problem, the machine, the time there is, and one run of a search. */
#ifndef MAXSHARPE_BENCH_SESSION_H
#define MAXSHARPE_BENCH_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options/search_request.h"
#include "cli/terminal/progress_bar.h"
#include "maxsharpe/maxsharpe.h"

enum { BENCH_REASON_SIZE = 320, BENCH_NAME_SIZE = 96, BENCH_STEP_SIZE = 120 };

typedef struct bench_session {
    const mxs_market *market;
    search_request request;             /* what is timed; a part changes what it compares */
    uint64_t portfolios;                /* of the problem */
    unsigned workers;                   /* processes of a CPU run, unless a part says otherwise */
    int gpu;                            /* the GPU that GPU figures are of; -1: none */
    char gpu_reason[BENCH_REASON_SIZE]; /* why there is none */
    size_t repeats;                     /* of each measurement, where the time suffices */
    double seconds;                     /* there are in all */
    double began;                       /* on the monotonic clock */
    double part_end;                    /* elapsed seconds at which the part that runs should be done */
    char step[BENCH_STEP_SIZE];         /* what is being done, for the progress bar */
    progress_bar bar;
    bool interrupted;                /* by a signal: no further run begins */
    char failure[BENCH_REASON_SIZE]; /* the first run that broke down, or answer that differs; "": none */
} bench_session;

/* Starts its clock and its progress bar. */
void session_begin(bench_session *session, progress_mode progress);

/* Seconds since the session began. */
double session_elapsed(const bench_session *session);

/* Seconds left to the part that runs; 0 where there are none. */
double session_left(const bench_session *session);

/* Says what is being done. */
__attribute__((format(printf, 2, 3))) void session_step(bench_session *session, const char *format, ...);

/* What the session has failed by; the first one counts. */
__attribute__((format(printf, 2, 3))) void session_fail(bench_session *session, const char *format, ...);

/* Whether a signal has ended the session. */
bool session_interrupted(bench_session *session);

/* Whether one more repetition, the last of which took so many seconds, is wanted: the first always is; later ones where
 * there is time and fewer than session->repeats have been made. */
bool session_repeats(bench_session *session, size_t made, double seconds);

typedef enum run_outcome {
    RUN_COMPLETE,
    RUN_STOPPED,     /* at its limit: rate and simulations count, there is no winner */
    RUN_INTERRUPTED, /* session->interrupted */
    RUN_UNAVAILABLE, /* the reason says why */
    RUN_FAILED       /* likewise; session->failure */
} run_outcome;

/* A simulation's identity and its Sharpe ratio. */
typedef struct bench_winner {
    uint64_t rank;
    uint32_t tile;
    uint32_t attempt;
    double sharpe;
} bench_winner;

bool winners_agree(const bench_winner *a, const bench_winner *b);

typedef struct bench_run {
    run_outcome outcome;
    char reason[BENCH_REASON_SIZE]; /* of what did not run */
    double seconds;                 /* of mxs_search_run, from its forks to its result */
    uint64_t simulations;
    uint64_t simulations_per_portfolio;
    uint64_t portfolios; /* of the whole problem */
    double rate;         /* simulations a second from the first one on */
    bench_winner winner;
    char evaluator[32];
    char kernel[BENCH_NAME_SIZE];
    mxs_worker_stats mean; /* of a worker; mean.simulations is of all of them */
} bench_run;

/* Runs a search once; stops it so many seconds after its first simulations (HUGE_VAL: never). */
run_outcome session_run(bench_session *session, const search_request *options, double limit, bench_run *run);

/* Makes options->sampling.end_portfolio such that a run from the first portfolio on takes about so many seconds: the
 * power of two nearest to it, so that ranges of different methods coincide, or all of the problem. *probe is a run of
 * the whole that was complete or was stopped at its limit. Where even the smallest range, a tile for each worker, takes
 * much longer, *probe becomes RUN_UNAVAILABLE with its reason. */
run_outcome session_size(const bench_session *session, search_request *options, double seconds, bench_run *probe);

/* Whether a run has shown how fast it is. */
bool run_has_rate(const bench_run *run);

/* Portfolios of these options: of their range or, where it is the whole, of the problem. */
uint64_t portfolios_in(const search_request *options, uint64_t all);

#endif
