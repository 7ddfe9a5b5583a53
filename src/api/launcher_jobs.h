/* What the launcher does for the library. */
#ifndef MAXSHARPE_LAUNCHER_JOBS_H
#define MAXSHARPE_LAUNCHER_JOBS_H

#include "maxsharpe/status.h"

/* The one function that the launcher calls, and the only one of the shared library that is not of its public API: it is
 * the launcher's alone, changes without notice, and refuses a program of another version. Returns the exit status. */
MXS_API int mxsi_launcher_main(const char *version, int argc, char **argv);

#endif
