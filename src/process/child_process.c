#include "process/child_process.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The program's handlers are not for a child: one may write into the program's pipes, or jump back into its code. A
 * child's own crash ends it; what else the program would handle passes by. */
static void drop_handlers(void) {
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; ++i) {
        (void)signal(crashes[i], SIG_DFL);
    }
    for (int number = 1; number <= SIGRTMAX; ++number) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) {
            (void)signal(number, SIG_IGN);
        }
    }
}

void mxsi_terminal_signals(sigset_t *signals) {
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGINT);
    (void)sigaddset(signals, SIGTERM);
    (void)sigaddset(signals, SIGHUP);
    (void)sigaddset(signals, SIGQUIT);
}

void mxsi_child_settle(pid_t parent, const sigset_t *mask) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(0); /* the parent died before the request above */
    }
    drop_handlers();
    sigset_t terminal;
    mxsi_terminal_signals(&terminal);
    for (int number = 1; number <= SIGRTMAX; ++number) {
        if (sigismember(&terminal, number) == 1) {
            (void)signal(number, SIG_IGN);
        }
    }
    (void)sigprocmask(SIG_SETMASK, mask, NULL);
}

pid_t mxsi_child_start(void (*run)(const void *context), const void *context) {
    const pid_t parent = getpid();
    /* No signal may find a child that still has the parent's handlers. */
    sigset_t every;
    sigset_t before;
    (void)sigfillset(&every);
    (void)pthread_sigmask(SIG_SETMASK, &every, &before);
    const pid_t pid = fork();
    if (pid == 0) {
        mxsi_child_settle(parent, &before);
        run(context);
        _exit(0);
    }
    const int failure = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = failure;
    return pid;
}

void mxsi_child_end(pid_t pid) {
    if (waitpid(pid, NULL, WNOHANG) != 0) {
        return; /* gone; its pid may be another's by now */
    }
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}
