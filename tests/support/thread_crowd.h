/* A program with threads, and with a library that does not bear a fork. */
#ifndef MAXSHARPE_TEST_THREAD_CROWD_H
#define MAXSHARPE_TEST_THREAD_CROWD_H

enum { CROWD_THREADS = 4 };

/* Starts threads that do next to nothing. While they live, whoever forks this process waits for ever, as in the handler
 * of an OpenBLAS whose threads are busy. */
void crowd_begin(void);
void crowd_end(void);

#endif
