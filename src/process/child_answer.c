#include "process/child_answer.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/monotonic_clock.h"
#include "process/child_process.h"
#include "process/launcher.h"
#include "process/process_threads.h"
#include "process/shared_memory.h"

/* How often the parent looks round when nothing happens: an answer wakes it at once, a death or a wish to stop is seen
 * at the next look. */
static const uint64_t LOOK_NS = 20 * 1000000u;

/* What both processes share; what is asked follows it, and then the answer. */
struct sheet {
    sem_t wakeup; /* posted when the answer is whole */
    /* A wait status cannot say it: there is none where the program ignores SIGCHLD. */
    atomic_int is_whole;
    char question[32];
    max_align_t bytes[];
};

static size_t whole_units(size_t size) {
    return (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
}

static size_t size_of_sheet(const struct mxsi_question *question) {
    return offsetof(struct sheet, bytes) + whole_units(question->asked_size) + question->answer_size;
}

static void *answer_of(struct sheet *sheet, const struct mxsi_question *question) {
    return (char *)sheet->bytes + whole_units(question->asked_size);
}

static int fill(struct sheet *sheet, const struct mxsi_question *question, const void *asked, const void *answer) {
    (void)snprintf(sheet->question, sizeof sheet->question, "%s", question->name);
    if (question->asked_size > 0) {
        memcpy(sheet->bytes, asked, question->asked_size);
    }
    memcpy(answer_of(sheet, question), answer, question->answer_size);
    return sem_init(&sheet->wakeup, 1, 0);
}

/* ---- in the process that answers ---- */

static void write_answer(struct sheet *sheet, const struct mxsi_question *question) {
    question->ask(sheet->bytes, answer_of(sheet, question));
    atomic_store(&sheet->is_whole, 1);
    (void)sem_post(&sheet->wakeup);
}

struct role {
    struct sheet *sheet;
    const struct mxsi_question *question;
};

static void be_child(const void *context) {
    const struct role *role = context;
    write_answer(role->sheet, role->question);
}

int mxsi_child_answer(int descriptor, const struct mxsi_question *const *questions, size_t count) {
    struct mxsi_shared_memory memory;
    if (mxsi_shared_memory_map(descriptor, 1, &memory) != 0) {
        return 1;
    }
    struct sheet *sheet = memory.bytes;
    for (size_t i = 0; i < count; ++i) {
        if (strncmp(questions[i]->name, sheet->question, sizeof sheet->question) == 0 &&
            size_of_sheet(questions[i]) == memory.size) {
            write_answer(sheet, questions[i]);
            return 0;
        }
    }
    return 1;
}

/* ---- in the process that asks ---- */

/* Sleeps until the answer is there, a signal comes, or it is time to look round. */
static void wait_for_event(struct sheet *sheet, uint64_t until_ns) {
    const struct timespec until = {(time_t)(until_ns / 1000000000u), (long)(until_ns % 1000000000u)};
    (void)sem_clockwait(&sheet->wakeup, CLOCK_MONOTONIC, &until);
}

/* *wait_status: 0 where it is not known. */
static enum mxsi_child_end wait_for_answer(struct sheet *sheet, pid_t pid, const struct mxsi_patience *patience,
                                           int *wait_status) {
    const uint64_t begin_ns = mxsi_now_ns();
    *wait_status = 0;
    for (;;) {
        const uint64_t now_ns = mxsi_now_ns();
        const uint64_t waited_ns = now_ns - begin_ns;
        const uint64_t left_ns = waited_ns < patience->limit_ns ? patience->limit_ns - waited_ns : 0;
        wait_for_event(sheet, now_ns + (left_ns < LOOK_NS ? left_ns : LOOK_NS));
        /* Looked at in this order: one that is gone has said what it had to say. -1: the program ignores SIGCHLD, or
         * has collected it. */
        const int is_gone = waitpid(pid, wait_status, WNOHANG) != 0;
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

/* What a caller may wish to read. */
static void tell(char *reason, const char *text) {
    if (reason != NULL) {
        (void)snprintf(reason, MXSI_CHILD_REASON_SIZE, "%.127s", text);
    }
}

static void tell_of_no_process(char *reason) {
    if (reason != NULL) {
        (void)snprintf(reason, MXSI_CHILD_REASON_SIZE, "no process can be started: %s", strerror(errno));
    }
}

/* The pid of who answers; -1 and a reason. */
static pid_t start(const struct mxsi_shared_memory *memory, const struct mxsi_question *question, char *reason) {
    const struct role role = {memory->bytes, question};
    pid_t pid = -1;
    if (memory->descriptor >= 0) {
        mxs_error error = {.message = ""};
        if (mxsi_launcher_start(MXSI_QUESTION_JOB, &memory->descriptor, 1, &pid, &error) != MXS_OK) {
            tell(reason, error.message);
            return -1;
        }
    } else if ((pid = mxsi_child_start(be_child, &role)) < 0) {
        tell_of_no_process(reason);
    }
    return pid;
}

static enum mxsi_child_end heed(enum mxsi_child_end end, const char *refusal, const struct mxsi_patience *patience,
                                char *reason) {
    if (end == MXSI_CHILD_DIED && refusal != NULL) {
        tell(reason, refusal);
        return MXSI_CHILD_NO_PROCESS;
    }
    if (end == MXSI_CHILD_HUNG && reason != NULL) {
        (void)snprintf(reason, MXSI_CHILD_REASON_SIZE, "no answer within %g seconds",
                       1e-9 * (double)patience->limit_ns);
    } else if (end == MXSI_CHILD_DIED) {
        tell(reason, "the process that was asked died");
    } else if (end == MXSI_CHILD_CANCELLED) {
        tell(reason, "interrupted");
    }
    return end;
}

static enum mxsi_child_end ask_by(const struct mxsi_shared_memory *memory, const struct mxsi_question *question,
                                  void *answer, const struct mxsi_patience *patience, char *reason) {
    struct sheet *sheet = memory->bytes;
    const pid_t pid = start(memory, question, reason);
    if (pid < 0) {
        return MXSI_CHILD_NO_PROCESS;
    }
    int wait_status = 0;
    const enum mxsi_child_end end = wait_for_answer(sheet, pid, patience, &wait_status);
    mxsi_child_end(pid);
    if (end == MXSI_CHILD_ANSWERED) {
        memcpy(answer, answer_of(sheet, question), question->answer_size);
    }
    return heed(end, memory->descriptor >= 0 ? mxsi_launcher_refusal(wait_status) : NULL, patience, reason);
}

enum mxsi_child_end mxsi_child_ask(const struct mxsi_question *question, const void *asked, void *answer,
                                   const struct mxsi_patience *patience, char *reason) {
    const size_t size = size_of_sheet(question);
    struct mxsi_shared_memory memory;
    if ((mxsi_process_has_threads() ? mxsi_shared_memory_create(size, &memory)
                                    : mxsi_shared_memory_create_for_children(size, &memory)) != 0) {
        tell_of_no_process(reason);
        return MXSI_CHILD_NO_MEMORY;
    }
    enum mxsi_child_end end = MXSI_CHILD_NO_PROCESS;
    if (fill(memory.bytes, question, asked, answer) != 0) {
        tell_of_no_process(reason);
    } else {
        end = ask_by(&memory, question, answer, patience, reason);
    }
    mxsi_shared_memory_close(&memory);
    return end;
}
