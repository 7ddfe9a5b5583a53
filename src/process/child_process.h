/* A process of our own, forked from a program that we know nothing of. */
#ifndef MAXSHARPE_CHILD_PROCESS_H
#define MAXSHARPE_CHILD_PROCESS_H

#include <sys/types.h>

/* Forks a process that calls run(context) and exits with 0. It dies with this one, has none of the program's signal
 * handlers, and leaves it to this one what the terminal's Ctrl-C means. Returns its pid; -1, and errno, where there is
 * none to be had. Collect it with waitpid, which fails with ECHILD where the program ignores SIGCHLD: so what the child
 * has to say, it leaves in shared memory. */
pid_t mxsi_child_start(void (*run)(const void *context), const void *context);

/* Kills a child that has not been collected, where it still runs, and waits until it is gone. */
void mxsi_child_end(pid_t pid);

#endif
