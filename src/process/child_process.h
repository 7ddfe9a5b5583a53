/* A process of our own, forked from a program that we know nothing of. */
#ifndef MAXSHARPE_CHILD_PROCESS_H
#define MAXSHARPE_CHILD_PROCESS_H

#include <signal.h>
#include <sys/types.h>

/* Forks a process that calls run(context) and exits with 0. It dies with this one, has none of the program's signal
 * handlers, and leaves it to this one what the terminal's Ctrl-C means. Returns its pid; -1, and errno, where there is
 * none to be had. Collect it with waitpid, which fails with ECHILD where the program ignores SIGCHLD: so what the child
 * has to say, it leaves in shared memory. */
pid_t mxsi_child_start(void (*run)(const void *context), const void *context);

/* Kills a child that has not been collected, where it still runs, and waits until it is gone. */
void mxsi_child_end(pid_t pid);

/* What a process of our own does first: it asks the kernel to end it with its parent, ends where that one is no more,
 * drops the handlers of the program, ignores the terminal's signals, and lets through what the mask does not block. */
void mxsi_child_settle(pid_t parent, const sigset_t *mask);

/* What comes from the terminal, to the whole process group: SIGINT, SIGTERM, SIGHUP, SIGQUIT. The parent alone decides
 * what it means. */
void mxsi_terminal_signals(sigset_t *signals);

#endif
