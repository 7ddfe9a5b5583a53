/* A program that lies beside the library and runs a job for a process that must not be forked: see process_threads.h.
 * It is the library's own: all that it does is to load it and to call one of its functions. */
#ifndef MAXSHARPE_LAUNCHER_H
#define MAXSHARPE_LAUNCHER_H

#include <stddef.h>
#include <sys/types.h>

#include "maxsharpe/status.h"

#define MXSI_LAUNCHER_NAME "maxsharpe-launcher"

enum {
    MXSI_LAUNCHER_DESCRIPTORS = 8, /* the most that a job can be given */
    MXSI_LAUNCHER_ARGUMENTS = 5,   /* its name, version, the pid of who has started it, job, number of descriptors */
};

/* Starts the launcher with a job. The descriptors, [count], are duplicated into it, in this order, and nothing else
 * that this process has open but its standard streams. It has the environment, the default signal dispositions but for
 * SIGINT, SIGTERM, SIGHUP and SIGQUIT, which are ignored, and no blocked signal. It dies with the thread that calls
 * this; what a job forks by mxsi_child_start dies with the launcher.
 *
 * *pid: to be collected with waitpid, or ended with mxsi_child_end, as a child of mxsi_child_start. What it has to say
 * it leaves in shared memory. Returns MXS_OK; MXS_ERROR_RUN: it is not there, or no process can be had. */
MXS_NODISCARD mxs_status mxsi_launcher_start(const char *job, const int *descriptors, int count, pid_t *pid,
                                             mxs_error *error);

/* Why a launcher that has ended so never began its job, in one line; NULL: it began. */
const char *mxsi_launcher_refusal(int wait_status);

/* ---- in the launcher ---- */

struct mxsi_launcher_job {
    const char *name;
    int (*run)(const int *descriptors, int count); /* what it returns is the exit status: 0 to 99 */
};

/* Becomes what mxsi_launcher_start says and runs the job. version: the program's. Returns its exit status, to be ended
 * with by _exit: what libraries would do at an exit is nobody's wish. */
int mxsi_launcher_serve(const char *version, const struct mxsi_launcher_job *jobs, size_t job_count, int argc,
                        char **argv);

#endif
