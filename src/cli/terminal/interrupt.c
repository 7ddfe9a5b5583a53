#include "cli/terminal/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

/* What a signal handler can see. Lock-free, so that it may be read in one. */
static _Atomic(mxs_search *) current_search;
static _Atomic(const char *) temporary_file;
static atomic_int signals_seen;
static pid_t program;

static void on_signal(int number) {
    const int saved_errno = errno;
    if (getpid() == program) { /* a worker forked from us has the handler too, and leaves the decision to us */
        if (atomic_fetch_add(&signals_seen, 1) > 0) {
            const char *const path = atomic_load(&temporary_file);
            if (path != NULL) {
                (void)unlink(path);
            }
            (void)signal(number, SIG_DFL);
            (void)raise(number);
        }
        mxs_search *const search = atomic_load(&current_search);
        if (search != NULL) {
            mxs_search_cancel(search);
        }
    }
    errno = saved_errno;
}

void interrupt_begin(mxs_search *search) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    program = getpid();
    atomic_store(&current_search, search);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; ++i) {
        struct sigaction before;
        if (numbers[i] != SIGINT && sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN) {
            continue;
        }
        struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: a blocked write has to end */
        (void)sigemptyset(&action.sa_mask);
        (void)sigaction(numbers[i], &action, NULL);
    }
}

void interrupt_end_search(void) {
    atomic_store(&current_search, NULL);
}

bool interrupt_requested(void) {
    return atomic_load(&signals_seen) > 0;
}

void interrupt_set_temporary(const char *path) {
    atomic_store(&temporary_file, path);
}
