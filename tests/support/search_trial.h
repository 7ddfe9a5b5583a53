/* Searches in tests of faults: run, disturbed, and compared bit by bit. */
#ifndef MAXSHARPE_TEST_SEARCH_TRIAL_H
#define MAXSHARPE_TEST_SEARCH_TRIAL_H

#include <stdint.h>

#include "support/asked.h"
#include "support/process_watch.h"

/* Options with the defaults but for what the tests vary most: K, S and the number of workers. */
asked trial_options(size_t assets_per_portfolio, uint64_t simulations, unsigned workers);

/* A search that would take days. */
asked endless_options(unsigned workers);

/* Creates a search; fails the test, printing the message, where that fails. */
trial require_search(const mxs_market *market, const asked *options);

/* Runs it, and fails the test unless it succeeds. Destroy the result. */
mxs_result *require_result(const trial *made);

/* Fails unless the run was interrupted. Destroys the result, if any. */
void require_interrupted(const trial *made);

/* The same portfolios with the same weights, to the last bit, from complete runs over all the simulations. */
void assert_same_answer(const trial *made, const mxs_result *result, const mxs_result *expected);

/* Sends a signal to workers of this process, one at a time, chosen by a seed. It is a process of its own where this one
 * is to have no other thread, so that it forks its workers itself; else a thread, and they are the launcher's. */
typedef struct tormentor {
    uint64_t seed;
    unsigned longest_pause_us; /* between two signals; the pauses are by chance, too */
    unsigned budget;           /* signals to send at most */
    int signal;
    int second_signal; /* sent to the same worker after another pause; 0: none */
    enum forker forker;
    struct torment *torment; /* what both sides know of it while it lasts */
} tormentor;

void tormentor_begin(tormentor *self);
unsigned tormentor_end(tormentor *self); /* how many signals were sent */

/* What a function says in a process of its own. */
typedef struct child_answer {
    int ended;       /* 0: it hung and was killed */
    int wait_status; /* as of waitpid */
    mxs_status status;
    char message[MXS_ERROR_MESSAGE_SIZE];
} child_answer;

/* Runs a function in a forked child, where limits can be set and a crash does no harm. It must not assert: what it
 * returns and leaves in error is the answer. */
child_answer ask_in_child(mxs_status (*ask)(const void *argument, mxs_error *error), const void *argument,
                          double seconds);

#endif
