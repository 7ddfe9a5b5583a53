#include "cli/bench/bench_ladder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int number;
    const char *name;
    const char *what;
    mxs_backend backend;
    mxs_evaluator evaluator;
    mxs_draws draws;
} table[LADDER_RUNGS] = {
    {1, "full-product", "R W', then the diagonal of the S x S product W Sigma W'", MXS_BACKEND_CPU,
     MXS_EVALUATOR_FULL_PRODUCT, MXS_DRAWS_FRESH},
    {2, "row-wise", "the quadratic form w' Sigma w of each row instead", MXS_BACKEND_CPU, MXS_EVALUATOR_ROW_WISE,
     MXS_DRAWS_FRESH},
    {3, "mean-first", "expected returns as W mu: K and not T K a simulation", MXS_BACKEND_CPU, MXS_EVALUATOR_MEAN_FIRST,
     MXS_DRAWS_FRESH},
    {4, "single", "float instead of double; the decision stays in double", MXS_BACKEND_CPU, MXS_EVALUATOR_SINGLE,
     MXS_DRAWS_FRESH},
    {5, "openblas", "blocks of simulations as matrix products", MXS_BACKEND_CPU, MXS_EVALUATOR_OPENBLAS,
     MXS_DRAWS_FRESH},
    {6, "fused-full", "drawn and evaluated in registers, every variance computed", MXS_BACKEND_CPU,
     MXS_EVALUATOR_FUSED_FULL, MXS_DRAWS_FRESH},
    {6, "fused", "variances only where they can matter", MXS_BACKEND_CPU, MXS_EVALUATOR_FUSED, MXS_DRAWS_FRESH},
    {7, "openblas, shared", "one set of weights for all portfolios", MXS_BACKEND_CPU, MXS_EVALUATOR_OPENBLAS,
     MXS_DRAWS_SHARED},
    {7, "fused, shared", "likewise, without matrix products", MXS_BACKEND_CPU, MXS_EVALUATOR_FUSED, MXS_DRAWS_SHARED},
    {8, "CUDA staged", "weights, returns and variances one after the other", MXS_BACKEND_CUDA, MXS_EVALUATOR_STAGED,
     MXS_DRAWS_FRESH},
    {9, "CUDA fused", "one kernel, in registers", MXS_BACKEND_CUDA, MXS_EVALUATOR_FUSED, MXS_DRAWS_FRESH},
    {10, "CUDA shared", "one set of weights, two matrix products", MXS_BACKEND_CUDA, MXS_EVALUATOR_AUTO,
     MXS_DRAWS_SHARED},
};

const char *rung_check_name(rung_check check) {
    static const char *const names[] = {"unchecked", "reference", "same", "differs"};
    return names[check];
}

bool rung_ran(const ladder_rung *rung) {
    return rung->rate.count > 0;
}

double rung_factor(const bench_ladder *ladder, const ladder_rung *rung) {
    for (size_t i = 0; i < ladder->count; ++i) {
        if (rung_ran(&ladder->rungs[i])) {
            return sample_median(&rung->rate) / sample_median(&ladder->rungs[i].rate);
        }
    }
    return (double)NAN;
}

static void copy_reason(ladder_rung *rung, const char *reason) {
    (void)snprintf(rung->reason, sizeof rung->reason, "%s", reason);
}

static void begin(const bench_session *session, bench_ladder *ladder) {
    *ladder = (bench_ladder){.asked = true, .portfolios = session->portfolios, .count = LADDER_RUNGS};
    const double k = (double)session->request.problem.assets_per_portfolio;
    ladder->flops_per_simulation = k * (k + 1) + 2 * k;
    for (size_t i = 0; i < ladder->count; ++i) {
        ladder_rung *const rung = &ladder->rungs[i];
        *rung = (ladder_rung){.number = table[i].number,
                              .name = table[i].name,
                              .what = table[i].what,
                              .backend = table[i].backend,
                              .evaluator = table[i].evaluator,
                              .draws = table[i].draws,
                              .options = session->request};
        rung->options.run.backend = rung->backend;
        rung->options.run.evaluator = rung->evaluator;
        rung->options.sampling.draws = rung->draws;
        if (rung->backend == MXS_BACKEND_CUDA) {
            rung->options.run.devices = &session->gpu;
            rung->options.run.device_count = 1;
        }
    }
}

/* A first run of every rung that can run here, for so many seconds. Returns how many there are. */
static size_t probe_rungs(bench_session *session, bench_ladder *ladder, double seconds) {
    size_t count = 0;
    for (size_t i = 0; i < ladder->count; ++i) {
        ladder_rung *const rung = &ladder->rungs[i];
        if (rung->backend == MXS_BACKEND_CUDA && session->gpu < 0) {
            copy_reason(rung, session->gpu_reason);
            continue;
        }
        session_step(session, "ladder: %s, a first run", rung->name);
        (void)session_run(session, &rung->options, seconds, &rung->probe);
        copy_reason(rung, rung->probe.reason);
        count += run_has_rate(&rung->probe);
    }
    return count;
}

/* A range for each of them, of runs of about so many seconds. */
static void size_rungs(bench_session *session, bench_ladder *ladder, double seconds) {
    for (size_t i = 0; i < ladder->count; ++i) {
        ladder_rung *const rung = &ladder->rungs[i];
        if (rung->reason[0] == '\0') {
            (void)session_size(session, &rung->options, seconds, &rung->probe);
            copy_reason(rung, rung->probe.reason);
            rung->portfolios = portfolios_in(&rung->options, rung->probe.portfolios);
        }
    }
}

/* One run more. What it finds is the same as before, or the rung differs. */
static double time_rung(bench_session *session, ladder_rung *rung) {
    bench_run run;
    if (session_run(session, &rung->options, HUGE_VAL, &run) != RUN_COMPLETE) {
        if (!rung_ran(rung)) {
            copy_reason(rung, run.reason);
        }
        return run.seconds;
    }
    if (!rung_ran(rung)) {
        rung->winner = run.winner;
        (void)snprintf(rung->kernel, sizeof rung->kernel, "%s", run.kernel);
    } else if (!winners_agree(&rung->winner, &run.winner)) {
        rung->check = CHECK_DIFFERS;
        session_fail(session, "the winner of %s is not the same in all of its runs", rung->name);
    }
    sample_add(&rung->seconds, run.seconds);
    sample_add(&rung->rate, (double)run.simulations / run.seconds);
    return run.seconds;
}

/* In turn, so that a machine that slows down does so for all of them. */
static void time_rungs(bench_session *session, bench_ladder *ladder) {
    double round = 0;
    for (size_t made = 0; session_repeats(session, made, round); ++made) {
        round = 0;
        for (size_t i = 0; i < ladder->count && !session_interrupted(session); ++i) {
            ladder_rung *const rung = &ladder->rungs[i];
            if (rung->reason[0] == '\0') {
                session_step(session, "ladder: %s, run %zu of %zu", rung->name, made + 1, session->repeats);
                round += time_rung(session, rung);
            }
        }
    }
}

/* The fastest rung of these draws but one, on the CPU where there is one: it may have to run once more for each that is
 * held to it. NULL: nothing ran. */
static const ladder_rung *fastest_but(const bench_ladder *ladder, mxs_draws draws, const ladder_rung *but) {
    const ladder_rung *fastest = NULL;
    for (size_t i = 0; i < ladder->count; ++i) {
        const ladder_rung *const rung = &ladder->rungs[i];
        if (!rung_ran(rung) || rung->draws != draws || rung == but) {
            continue;
        }
        const bool replaces = fastest == NULL || rung->backend == MXS_BACKEND_CPU;
        if (replaces && (fastest == NULL || sample_median(&rung->rate) > sample_median(&fastest->rate))) {
            fastest = rung;
        }
    }
    return fastest;
}

/* The winner of another rung over the range of this one: what its own runs found, what `known` (may be NULL) has of it,
 * or a run more. False: it could not be run. */
static bool winner_over(bench_session *session, const ladder_rung *other, const bench_ladder *ladder,
                        const ladder_rung *rung, const bench_winner *known, bench_winner *winner) {
    if (other->portfolios == rung->portfolios) {
        *winner = other->winner;
        return true;
    }
    for (size_t i = 0; known != NULL && i < ladder->count; ++i) {
        const ladder_rung *const before = &ladder->rungs[i];
        if (before->draws == rung->draws && before->portfolios == rung->portfolios && known[i].sharpe > -HUGE_VAL) {
            *winner = known[i];
            return true;
        }
    }
    search_request options = other->options;
    options.sampling.end_portfolio = rung->options.sampling.end_portfolio;
    bench_run run;
    if (session_run(session, &options, HUGE_VAL, &run) != RUN_COMPLETE) {
        return false;
    }
    *winner = run.winner;
    return true;
}

/* Holds a rung to the reference of its draws, and the reference to the next fastest. known[i] is what the reference
 * found over the range of rung i. */
static void check_rung(bench_session *session, const bench_ladder *ladder, ladder_rung *rung, bench_winner *known) {
    const ladder_rung *const reference = fastest_but(ladder, rung->draws, NULL);
    const bool is_reference = rung == reference;
    const ladder_rung *const other = is_reference ? fastest_but(ladder, rung->draws, rung) : reference;
    if (!rung_ran(rung) || rung->check == CHECK_DIFFERS || other == NULL) {
        return;
    }
    session_step(session, "ladder: is the winner of %s that of %s?", rung->name, other->name);
    bench_winner winner;
    if (!winner_over(session, other, ladder, rung, is_reference ? NULL : known, &winner)) {
        return;
    }
    if (!winners_agree(&winner, &rung->winner)) {
        rung->check = CHECK_DIFFERS;
        session_fail(session, "the winner of %s is not that of %s", rung->name, other->name);
        return;
    }
    rung->check = is_reference ? CHECK_REFERENCE : CHECK_SAME;
    if (!is_reference) {
        known[rung - ladder->rungs] = winner;
    }
}

static void check_rungs(bench_session *session, bench_ladder *ladder) {
    bench_winner known[LADDER_RUNGS];
    for (size_t i = 0; i < LADDER_RUNGS; ++i) {
        known[i] = (bench_winner){.sharpe = -HUGE_VAL};
    }
    for (size_t i = 0; i < ladder->count && !session_interrupted(session); ++i) {
        check_rung(session, ladder, &ladder->rungs[i], known);
    }
}

void bench_ladder_measure(bench_session *session, bench_ladder *ladder) {
    begin(session, ladder);
    const double probe = session_left(session) / (double)(4 * ladder->count * session->repeats);
    const size_t possible = probe_rungs(session, ladder, probe);
    /* What is left is for the repeats and for one more run of each, of the reference that it is held against. */
    const double runs = (double)((session->repeats + 1) * (possible > 0 ? possible : 1));
    size_rungs(session, ladder, session_left(session) / runs);
    time_rungs(session, ladder);
    check_rungs(session, ladder);
    for (size_t i = 0; i < ladder->count; ++i) {
        ladder_rung *const rung = &ladder->rungs[i];
        if (rung_ran(rung)) {
            rung->reason[0] = '\0';
        } else if (rung->reason[0] == '\0') {
            copy_reason(rung, "interrupted"); /* before its turn */
        }
    }
}
