#include "cli/terminal/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

static const int64_t NANOSECONDS = 1000000000;

/* Signals that come within this time of the first are one request with it. */
static const int64_t SAME_REQUEST = 1000000000;

/* What a signal handler can see. Lock-free, so that it may be read in one. */
static _Atomic(mxs_search *) current_search;
static _Atomic(const char *) temporary_file;
static atomic_int_least64_t first_request; /* on the monotonic clock, in nanoseconds; 0: none yet */
static pid_t program;

/* Notes the first request; whether this is another one. */
static bool is_second_request(int number) {
    struct timespec time = {.tv_sec = 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    const int64_t now = time.tv_sec * NANOSECONDS + time.tv_nsec;
    int_least64_t first = 0;
    if (atomic_compare_exchange_strong(&first_request, &first, now)) {
        return false;
    }
    return number != SIGHUP && now - first > SAME_REQUEST;
}

static void end_program(int number) {
    const char *const path = atomic_load(&temporary_file);
    if (path != NULL) {
        (void)unlink(path);
    }
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void on_signal(int number) {
    const int saved_errno = errno;
    if (getpid() == program) { /* a worker forked from us has the handler too, and leaves the decision to us */
        if (is_second_request(number)) {
            end_program(number);
        }
        mxs_search *const search = atomic_load(&current_search);
        if (search != NULL) {
            mxs_search_cancel(search);
        }
    }
    errno = saved_errno;
}

static bool stays_ignored(int number) {
    struct sigaction before;
    return (number == SIGTERM || number == SIGHUP) && sigaction(number, NULL, &before) == 0 &&
           before.sa_handler == SIG_IGN;
}

void interrupt_begin(mxs_search *search) {
    static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    program = getpid();
    atomic_store(&current_search, search);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; ++i) {
        if (!stays_ignored(numbers[i])) {
            struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: a blocked write has to end */
            (void)sigemptyset(&action.sa_mask);
            (void)sigaction(numbers[i], &action, NULL);
        }
    }
}

void interrupt_end_search(void) {
    atomic_store(&current_search, NULL);
}

bool interrupt_requested(void) {
    return atomic_load(&first_request) != 0;
}

void interrupt_set_temporary(const char *path) {
    atomic_store(&temporary_file, path);
}
