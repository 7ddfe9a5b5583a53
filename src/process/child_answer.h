/* Asking in a process of its own what ours must not touch: libraries that start threads, or that do not bear a fork. */
#ifndef MAXSHARPE_CHILD_ANSWER_H
#define MAXSHARPE_CHILD_ANSWER_H

#include <stddef.h>

enum mxsi_child_end {
    MXSI_CHILD_ANSWERED = 0,
    MXSI_CHILD_DIED = 1,      /* before the end of its answer: *answer is what it was */
    MXSI_CHILD_NO_MEMORY = 2, /* there is no child */
    MXSI_CHILD_NO_PROCESS = 3 /* nor here; errno says why */
};

/* Runs ask(question, answer) in a child, with a copy of *answer, and copies back what it has become. */
enum mxsi_child_end mxsi_child_ask(void (*ask)(const void *question, void *answer), const void *question, void *answer,
                                   size_t answer_size);

#endif
