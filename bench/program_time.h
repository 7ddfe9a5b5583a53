/* The program as its user sees it: how long from its start to its answer, by the clock on the wall. */
#ifndef MAXSHARPE_BENCH_PROGRAM_TIME_H
#define MAXSHARPE_BENCH_PROGRAM_TIME_H

#include "bench_problem.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs `program search` with the words (NULL-terminated, "--format json" is added) and reads its answer. Returns 0, or
 * -1 after a line on stderr. */
int bench_run_program(const char *program, const char *const *words, double *seconds, struct bench_winner *winner);

#ifdef __cplusplus
}
#endif

#endif
