#include "process/process_threads.h"

#include <dirent.h>
#include <stddef.h>
#include <sys/single_threaded.h>
#include <sys/stat.h>

/* Entries of a folder but . and ..; 0: it cannot be read. */
static int count_entries(const char *path) {
    DIR *folder = opendir(path);
    int count = 0;
    if (folder != NULL) {
        for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
            count += entry->d_name[0] != '.';
        }
        (void)closedir(folder);
    }
    return count;
}

int mxsi_process_has_threads(void) {
    static const char tasks[] = "/proc/self/task"; /* a folder for each thread, which is a link to it */
    struct stat status;
    if (stat(tasks, &status) == 0 && status.st_nlink >= 3) {
        return status.st_nlink > 3;
    }
    const int count = count_entries(tasks);
    /* What the C library says counts those that have ended, too, which is no harm. */
    return count > 0 ? count > 1 : !__libc_single_threaded;
}
