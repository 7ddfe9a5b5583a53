/* Asking in a process of its own what ours must not touch: libraries that start threads, or that do not bear a fork, or
 * that hang. */
#ifndef MAXSHARPE_CHILD_ANSWER_H
#define MAXSHARPE_CHILD_ANSWER_H

#include <stddef.h>
#include <stdint.h>

/* A kind of question. What is asked and what is answered are bytes that are copied between processes: a pointer in them
 * leads nowhere. */
struct mxsi_question {
    const char *name; /* its own, of at most 31 bytes: how the launcher finds it */
    void (*ask)(const void *asked, void *answer);
    size_t asked_size; /* 0: there is nothing to say but the question itself */
    size_t answer_size;
};

/* How long an answer is waited for. */
struct mxsi_patience {
    uint64_t limit_ns;
    const _Atomic int *cancelled; /* becomes 1 when nobody wants the answer any more; may be NULL */
};

enum mxsi_child_end {
    MXSI_CHILD_ANSWERED = 0,
    MXSI_CHILD_DIED = 1,       /* before the end of its answer */
    MXSI_CHILD_HUNG = 2,       /* no answer within the limit */
    MXSI_CHILD_CANCELLED = 3,  /* noticed at once where a signal handler did it, else within 20 ms */
    MXSI_CHILD_NO_MEMORY = 4,  /* there was no child */
    MXSI_CHILD_NO_PROCESS = 5, /* nor here */
};

enum { MXSI_CHILD_REASON_SIZE = 128 };

/* Runs question->ask(asked, answer) in a process of its own, with a copy of *answer, and copies back what it has
 * become; where it comes to nothing, *answer is what it was. That process is forked; where this one has threads, it is
 * the launcher's, which must know the question. It is gone when this returns, whatever it does; it dies with this
 * process, and has none of the program's signal handlers. reason: [MXSI_CHILD_REASON_SIZE] or NULL; one line about any
 * end but MXSI_CHILD_ANSWERED. */
enum mxsi_child_end mxsi_child_ask(const struct mxsi_question *question, const void *asked, void *answer,
                                   const struct mxsi_patience *patience, char *reason);

/* The launcher's job by which it answers, with one descriptor. */
#define MXSI_QUESTION_JOB "question"

/* In the launcher: answers what another process asks, if it is one of these. Returns an exit status. */
int mxsi_child_answer(int descriptor, const struct mxsi_question *const *questions, size_t count);

#endif
