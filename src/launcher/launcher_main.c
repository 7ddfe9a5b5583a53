/* maxsharpe-launcher: a process that may be forked, for a program that has threads. It lies beside the library, which
 * starts it and which it calls; process/launcher.h says for what. */
#include <stdio.h>
#include <unistd.h>

#include "api/launcher_jobs.h"
#include "maxsharpe/maxsharpe.h"

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

enum { EXIT_USAGE = 2 };

int main(int argc, char **argv) {
    if (argc == 1) {
        (void)fputs(
            "maxsharpe-launcher: the library maxsharpe starts it where a program has threads; nobody else does\n",
            stderr);
        return EXIT_USAGE;
    }
    _exit(mxsi_launcher_main(VERSION_TEXT(MXS_VERSION_MAJOR, MXS_VERSION_MINOR, MXS_VERSION_PATCH), argc, argv));
}
