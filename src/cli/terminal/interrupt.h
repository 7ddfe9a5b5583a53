/* The signals that ask the program to end: the first ends the search with the best so far, another one after a second
 * ends the program. */
#ifndef MAXSHARPE_INTERRUPT_H
#define MAXSHARPE_INTERRUPT_H

#include <stdbool.h>

#include "maxsharpe/search.h"

/* From here on SIGINT, SIGQUIT, SIGTERM and SIGHUP are requests to end, and the first cancels this search. What follows
 * within a second is the same request: timeout(1) and shells send one to the program and one to its group. SIGHUP,
 * which says that the terminal is gone and not that somebody is tired of waiting, is never more than a first request.
 * SIGTERM and SIGHUP stay ignored where we were started so (nohup); SIGINT and SIGQUIT, which shells have their
 * background jobs ignore, are sent to one on purpose alone. */
void interrupt_begin(mxs_search *search);

/* The search is over and may be destroyed: from here on the first request makes a blocked write fail with EINTR. */
void interrupt_end_search(void);

/* Whether there has been a request since interrupt_begin. */
bool interrupt_requested(void);

/* A file to be removed should a signal end the program; NULL: none. Borrowed. */
void interrupt_set_temporary(const char *path);

#endif
