#include "process/child_answer.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "base/monotonic_clock.h"
#include "process/child_process.h"

/* How often the parent looks round when nothing happens: an answer wakes it at once, a death or a wish to stop is seen
 * at the next look. */
static const uint64_t LOOK_NS = 20 * 1000000u;

/* What parent and child share; what is asked follows it, and then the answer. */
struct sheet {
    sem_t wakeup; /* posted when the answer is whole */
    /* A wait status cannot say it: there is none where the program ignores SIGCHLD. */
    atomic_int is_whole;
    size_t answer_at; /* bytes from `bytes` */
    max_align_t bytes[];
};

static size_t whole_units(size_t size) {
    return (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
}

static size_t size_of_sheet(const struct mxsi_question *question) {
    return offsetof(struct sheet, bytes) + whole_units(question->asked_size) + question->answer_size;
}

static void *answer_of(struct sheet *sheet) {
    return (char *)sheet->bytes + sheet->answer_at;
}

static void fill(struct sheet *sheet, const struct mxsi_question *question, const void *asked, const void *answer) {
    sheet->answer_at = whole_units(question->asked_size);
    if (question->asked_size > 0) {
        memcpy(sheet->bytes, asked, question->asked_size);
    }
    memcpy(answer_of(sheet), answer, question->answer_size);
}

/* What the child is. */
struct role {
    const struct mxsi_question *question;
    struct sheet *sheet;
};

static void answer_question(const void *context) {
    const struct role *role = context;
    role->question->ask(role->sheet->bytes, answer_of(role->sheet));
    atomic_store(&role->sheet->is_whole, 1);
    (void)sem_post(&role->sheet->wakeup);
}

/* Sleeps until the answer is there, a signal comes, or it is time to look round. */
static void wait_for_event(struct sheet *sheet, uint64_t until_ns) {
    const struct timespec until = {(time_t)(until_ns / 1000000000u), (long)(until_ns % 1000000000u)};
    (void)sem_clockwait(&sheet->wakeup, CLOCK_MONOTONIC, &until);
}

static enum mxsi_child_end wait_for_answer(struct sheet *sheet, pid_t pid, const struct mxsi_patience *patience) {
    const uint64_t begin_ns = mxsi_now_ns();
    for (;;) {
        const uint64_t now_ns = mxsi_now_ns();
        const uint64_t waited_ns = now_ns - begin_ns;
        const uint64_t left_ns = waited_ns < patience->limit_ns ? patience->limit_ns - waited_ns : 0;
        wait_for_event(sheet, now_ns + (left_ns < LOOK_NS ? left_ns : LOOK_NS));
        /* Looked at in this order: one that is gone has said what it had to say. -1: the program ignores SIGCHLD, or
         * has collected it. */
        const int is_gone = waitpid(pid, NULL, WNOHANG) != 0;
        if (atomic_load(&sheet->is_whole)) {
            return MXSI_CHILD_ANSWERED;
        }
        if (is_gone) {
            return MXSI_CHILD_DIED;
        }
        if (patience->cancelled != NULL && atomic_load(patience->cancelled)) {
            return MXSI_CHILD_CANCELLED;
        }
        if (left_ns == 0) {
            return MXSI_CHILD_HUNG;
        }
    }
}

static void tell(char *reason, enum mxsi_child_end end, const struct mxsi_patience *patience, int error_number) {
    if (reason == NULL) {
        return;
    }
    switch (end) {
    case MXSI_CHILD_ANSWERED:
        break;
    case MXSI_CHILD_DIED:
        (void)snprintf(reason, MXSI_CHILD_REASON_SIZE, "the process that was asked died");
        break;
    case MXSI_CHILD_HUNG:
        (void)snprintf(reason, MXSI_CHILD_REASON_SIZE, "no answer within %g seconds",
                       1e-9 * (double)patience->limit_ns);
        break;
    case MXSI_CHILD_CANCELLED:
        (void)snprintf(reason, MXSI_CHILD_REASON_SIZE, "interrupted");
        break;
    case MXSI_CHILD_NO_MEMORY:
    case MXSI_CHILD_NO_PROCESS:
        (void)snprintf(reason, MXSI_CHILD_REASON_SIZE, "no process can be started: %s", strerror(error_number));
        break;
    }
}

static enum mxsi_child_end ask_with(struct sheet *sheet, const struct mxsi_question *question, void *answer,
                                    const struct mxsi_patience *patience) {
    const struct role role = {question, sheet};
    if (sem_init(&sheet->wakeup, 1, 0) != 0) {
        return MXSI_CHILD_NO_PROCESS;
    }
    const pid_t pid = mxsi_child_start(answer_question, &role);
    if (pid < 0) {
        return MXSI_CHILD_NO_PROCESS;
    }
    const enum mxsi_child_end end = wait_for_answer(sheet, pid, patience);
    mxsi_child_end(pid);
    if (end == MXSI_CHILD_ANSWERED) {
        memcpy(answer, answer_of(sheet), question->answer_size);
    }
    return end;
}

enum mxsi_child_end mxsi_child_ask(const struct mxsi_question *question, const void *asked, void *answer,
                                   const struct mxsi_patience *patience, char *reason) {
    const size_t size = size_of_sheet(question);
    struct sheet *sheet = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (sheet == MAP_FAILED) {
        tell(reason, MXSI_CHILD_NO_MEMORY, patience, errno);
        return MXSI_CHILD_NO_MEMORY;
    }
    fill(sheet, question, asked, answer);
    const enum mxsi_child_end end = ask_with(sheet, question, answer, patience);
    tell(reason, end, patience, errno);
    (void)munmap(sheet, size);
    return end;
}
