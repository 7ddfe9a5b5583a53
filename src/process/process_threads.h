/* Whether this process may be forked. */
#ifndef MAXSHARPE_PROCESS_THREADS_H
#define MAXSHARPE_PROCESS_THREADS_H

/* 1 where this process has more than one thread. Then it is not forked: the child would find for ever locked what
 * another thread holds, and handlers that libraries have asked to be called at a fork may wait for threads that wait
 * for them (OpenBLAS's do). Costs microseconds. */
int mxsi_process_has_threads(void);

#endif
