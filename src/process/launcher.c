#include "process/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/errors.h"
#include "maxsharpe/maxsharpe.h"
#include "process/child_process.h"
#include "process/library_folder.h"

/* Exit statuses of a launcher that never began; the last is the dynamic linker's. */
enum { OTHER_VERSION = 118, UNKNOWN_JOB = 119, NOT_LOADED = 127 };

/* Where a job finds its first descriptor: behind the standard streams. */
enum { FIRST_DESCRIPTOR = 3 };

/* ---- in the process that starts it ---- */

static void close_all(const int *descriptors, int count) {
    for (int i = 0; i < count; ++i) {
        (void)close(descriptors[i]);
    }
}

/* Duplicates that stand in nobody's way: one that stood where another is to go would be overwritten by it. */
static int move_up(const int *descriptors, int count, int *moved) {
    for (int i = 0; i < count; ++i) {
        moved[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR + count);
        if (moved[i] < 0) {
            const int failed = errno;
            close_all(moved, i);
            return failed;
        }
    }
    return 0;
}

/* 0, or an error number, as the functions of posix_spawn have it. */
static int say_descriptors(posix_spawn_file_actions_t *actions, const int *moved, int count) {
    int failed = 0;
    for (int i = 0; i < count && failed == 0; ++i) {
        failed = posix_spawn_file_actions_adddup2(actions, moved[i], FIRST_DESCRIPTOR + i);
    }
#if __GLIBC_PREREQ(2, 34)
    if (failed == 0) {
        failed = posix_spawn_file_actions_addclosefrom_np(actions, FIRST_DESCRIPTOR + count);
    }
#endif
    return failed;
}

/* The terminal's signals stay blocked until the launcher ignores them: a Ctrl-C in between must not end it. */
static int say_signals(posix_spawnattr_t *attributes) {
    sigset_t every;
    (void)sigfillset(&every);
    sigset_t terminal;
    mxsi_terminal_signals(&terminal);
    int failed = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    if (failed == 0) {
        failed = posix_spawnattr_setsigdefault(attributes, &every);
    }
    return failed != 0 ? failed : posix_spawnattr_setsigmask(attributes, &terminal);
}

/* Another thread may enlarge the environment in the moment in which the kernel copies it. */
static int spawn_with_environment(const char *path, const posix_spawn_file_actions_t *actions,
                                  const posix_spawnattr_t *attributes, char *const *arguments, pid_t *pid) {
    enum { TRIES = 10 };
    int failed = EFAULT;
    for (int i = 0; i < TRIES && failed == EFAULT; ++i) {
        failed = posix_spawn(pid, path, actions, attributes, arguments, environ);
    }
    return failed;
}

static int spawn(const char *path, char *const *arguments, const int *moved, int count, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed != 0) {
        return failed;
    }
    failed = posix_spawnattr_init(&attributes);
    if (failed == 0) {
        failed = say_descriptors(&actions, moved, count);
        if (failed == 0) {
            failed = say_signals(&attributes);
        }
        if (failed == 0) {
            failed = spawn_with_environment(path, &actions, &attributes, arguments, pid);
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

mxs_status mxsi_launcher_start(const char *job, const int *descriptors, int count, pid_t *pid, mxs_error *error) {
    char path[4096];
    if (mxsi_path_beside_library(MXSI_LAUNCHER_NAME, path, sizeof path) != 0 || access(path, X_OK) != 0) {
        return mxsi_fail(error, MXS_ERROR_RUN,
                         "a program with threads needs " MXSI_LAUNCHER_NAME ", which is not beside the library");
    }
    char parent[32];
    char words[32];
    (void)snprintf(parent, sizeof parent, "%ld", (long)getpid());
    (void)snprintf(words, sizeof words, "%d", count);
    char *const arguments[MXSI_LAUNCHER_ARGUMENTS + 1] = {(char *)MXSI_LAUNCHER_NAME, (char *)mxs_version(), parent,
                                                          (char *)job, words};
    int moved[MXSI_LAUNCHER_DESCRIPTORS] = {0};
    int failed = count > MXSI_LAUNCHER_DESCRIPTORS ? E2BIG : move_up(descriptors, count, moved);
    if (failed == 0) {
        failed = spawn(path, arguments, moved, count, pid);
        close_all(moved, count);
    }
    return failed == 0 ? MXS_OK
                       : mxsi_fail(error, MXS_ERROR_RUN, "cannot start " MXSI_LAUNCHER_NAME ": %s", strerror(failed));
}

const char *mxsi_launcher_refusal(int wait_status) {
    switch (WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 0) {
    case OTHER_VERSION:
        return MXSI_LAUNCHER_NAME " beside the library is of another version";
    case UNKNOWN_JOB:
        return MXSI_LAUNCHER_NAME " beside the library does not know what it is asked for";
    case NOT_LOADED:
        return MXSI_LAUNCHER_NAME " cannot load the library that it lies beside";
    default:
        return NULL;
    }
}

/* ---- in the launcher ---- */

static const struct mxsi_launcher_job *find_job(const struct mxsi_launcher_job *jobs, size_t job_count,
                                                const char *name) {
    for (size_t i = 0; i < job_count; ++i) {
        if (strcmp(jobs[i].name, name) == 0) {
            return &jobs[i];
        }
    }
    return NULL;
}

int mxsi_launcher_serve(const char *version, const struct mxsi_launcher_job *jobs, size_t job_count, int argc,
                        char **argv) {
    if (argc != MXSI_LAUNCHER_ARGUMENTS || strcmp(version, mxs_version()) != 0 || strcmp(argv[1], mxs_version()) != 0) {
        return OTHER_VERSION;
    }
    const pid_t parent = (pid_t)strtol(argv[2], NULL, 10);
    const struct mxsi_launcher_job *job = find_job(jobs, job_count, argv[3]);
    const int count = (int)strtol(argv[4], NULL, 10);
    if (job == NULL || count < 0 || count > MXSI_LAUNCHER_DESCRIPTORS) {
        return UNKNOWN_JOB;
    }
    sigset_t none;
    (void)sigemptyset(&none);
    mxsi_child_settle(parent, &none);
    int descriptors[MXSI_LAUNCHER_DESCRIPTORS] = {0};
    for (int i = 0; i < count; ++i) {
        descriptors[i] = FIRST_DESCRIPTOR + i;
        (void)fcntl(descriptors[i], F_SETFD, FD_CLOEXEC); /* what a job starts does not have them */
    }
    return job->run(descriptors, count);
}
