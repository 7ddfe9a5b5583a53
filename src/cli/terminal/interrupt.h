/* SIGINT, SIGTERM and SIGHUP: the first ends the search with the best so far, the second ends the program. */
#ifndef MAXSHARPE_INTERRUPT_H
#define MAXSHARPE_INTERRUPT_H

#include <stdbool.h>

#include "maxsharpe/search.h"

/* From here on a signal cancels this search. A signal that we were started to ignore stays ignored (nohup), but for
 * SIGINT, which shells have their background jobs ignore and which is sent to one on purpose alone. */
void interrupt_begin(mxs_search *search);

/* The search is over and may be destroyed: from here on a first signal makes a blocked write fail with EINTR. */
void interrupt_end_search(void);

/* Whether a signal has come since interrupt_begin. */
bool interrupt_requested(void);

/* A file to be removed should a signal end the program; NULL: none. Borrowed. */
void interrupt_set_temporary(const char *path);

#endif
