#include "support/process_watch.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

double seconds_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void sleep_microseconds(unsigned microseconds) {
    const struct timespec pause = {(time_t)(microseconds / 1000000u), (long)(microseconds % 1000000u) * 1000};
    (void)nanosleep(&pause, NULL);
}

/* A process's parent and state letter, from "PID (NAME) STATE PARENT ..."; the name may hold anything. */
static int read_stat(const char *pid, pid_t *parent, char *letter) {
    char path[64];
    char text[512];
    (void)snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return 0;
    }
    const size_t size = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[size] = '\0';
    const char *name_end = strrchr(text, ')');
    if (name_end == NULL || strlen(name_end) < strlen(") S 1")) {
        return 0;
    }
    *letter = name_end[2];
    *parent = (pid_t)strtol(name_end + 3, NULL, 10);
    return 1;
}

static children_list list_children(pid_t of, int zombies_too) {
    children_list list = {.count = 0};
    DIR *folder = opendir("/proc");
    if (folder == NULL) {
        return list;
    }
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        pid_t parent = 0;
        char letter = ' ';
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || !read_stat(entry->d_name, &parent, &letter)) {
            continue;
        }
        const int is_running = letter != 'Z' && letter != 'X';
        if (parent == of && (is_running || zombies_too) && list.count < CHILDREN_LIMIT) {
            list.pids[list.count++] = (pid_t)strtol(entry->d_name, NULL, 10);
        }
    }
    (void)closedir(folder);
    return list;
}

children_list running_children(pid_t parent) {
    return list_children(parent, 0);
}

static void add_child(children_list *list, pid_t pid) {
    if (pid != getpid() && list->count < CHILDREN_LIMIT) {
        list->pids[list->count++] = pid;
    }
}

children_list running_workers(pid_t program, enum forker forker) {
    const children_list children = running_children(program);
    children_list workers = {.count = 0};
    for (size_t i = 0; i < children.count; ++i) {
        if (forker == THE_PROGRAM) {
            add_child(&workers, children.pids[i]);
            continue;
        }
        const children_list grandchildren = running_children(children.pids[i]);
        for (size_t j = 0; j < grandchildren.count; ++j) {
            add_child(&workers, grandchildren.pids[j]);
        }
    }
    return workers;
}

size_t count_children(void) {
    return list_children(getpid(), 1).count;
}

int wait_for_children(pid_t parent, size_t count, children_list *children) {
    return wait_for_workers(parent, THE_PROGRAM, count, children);
}

int wait_for_workers(pid_t program, enum forker forker, size_t count, children_list *workers) {
    const double end = seconds_now() + PATIENCE_SECONDS;
    do {
        *workers = running_workers(program, forker);
        if (workers->count == count) {
            return 1;
        }
        sleep_microseconds(1000);
    } while (seconds_now() < end);
    return 0;
}

int wait_for_end(pid_t pid, double seconds, int *wait_status) {
    const double end = seconds_now() + seconds;
    while (seconds_now() < end) {
        if (waitpid(pid, wait_status, WNOHANG) == pid) {
            return 1;
        }
        sleep_microseconds(1000);
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, wait_status, 0);
    return 0;
}

static size_t count_entries(const char *path, const char *containing) {
    DIR *folder = opendir(path);
    size_t count = 0;
    if (folder != NULL) {
        for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
            count += strstr(entry->d_name, containing) != NULL;
        }
        (void)closedir(folder);
    }
    return count;
}

int wait_for_one_thread(void) {
    static const size_t alone = 3; /* with . and .. */
    const double end = seconds_now() + PATIENCE_SECONDS;
    while (count_entries("/proc/self/task", "") > alone && seconds_now() < end) {
        sleep_microseconds(100);
    }
    return count_entries("/proc/self/task", "") == alone;
}

void adopt_orphans(void) {
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
}

size_t wait_for_orphans(double seconds) {
    const double end = seconds_now() + seconds;
    while (seconds_now() < end) {
        const pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid < 0 && errno == ECHILD) {
            return 0;
        }
        if (pid == 0) {
            sleep_microseconds(1000);
        }
    }
    const children_list left = running_children(getpid());
    for (size_t i = 0; i < left.count; ++i) {
        (void)kill(left.pids[i], SIGKILL);
        (void)waitpid(left.pids[i], NULL, 0);
    }
    return left.count;
}

static size_t count_mappings(const char *containing) {
    FILE *file = fopen("/proc/self/maps", "re");
    char line[1024];
    size_t count = 0;
    if (file != NULL) {
        while (fgets(line, sizeof line, file) != NULL) {
            count += strstr(line, containing) != NULL;
        }
        (void)fclose(file);
    }
    return count;
}

/* What there is of each kind in this process; the same before and after a test. */
enum { COUNTED = 5 };
static const char *const counted_names[COUNTED] = {"child processes", "open descriptors", "threads",
                                                   "mappings of shared memory", "entries in /dev/shm"};

struct belongings {
    size_t counts[COUNTED];
};

static struct belongings take_stock(void) {
    return (struct belongings){{count_children(), count_entries("/proc/self/fd", ""),
                                count_entries("/proc/self/task", ""),
                                count_mappings("memfd:maxsharpe") + count_mappings("/dev/shm/maxsharpe"),
                                count_entries("/dev/shm", "maxsharpe")}};
}

/* Everything that a test starts asks the kernel to end with this process: to end is to clean up. */
static void end_hung_test(int number) {
    (void)number;
    static const char message[] = "[  FAILED  ] the test above did not end in time: something hangs\n";
    (void)!write(STDERR_FILENO, message, sizeof message - 1);
    _exit(1);
}

int watch_begin(void **state) {
    struct belongings *before = malloc(sizeof *before);
    if (before == NULL) {
        return -1;
    }
    *before = take_stock();
    *state = before;
    const struct sigaction action = {.sa_handler = end_hung_test};
    (void)sigaction(SIGALRM, &action, NULL);
    (void)alarm(TEST_SECONDS_LIMIT);
    return 0;
}

int watch_end(void **state) {
    (void)alarm(0);
    struct belongings before = *(struct belongings *)*state;
    free(*state);
    int failed = 0;
    (void)wait_for_one_thread();
    const children_list left = running_children(getpid());
    const struct belongings after = take_stock();
    for (size_t i = 0; i < COUNTED; ++i) {
        if (after.counts[i] != before.counts[i]) {
            print_error("%s: %zu before the test, %zu after it\n", counted_names[i], before.counts[i], after.counts[i]);
            failed = -1;
        }
    }
    if (count_mappings("openblas") > 0) {
        print_error("OpenBLAS is loaded in this process; it belongs in the workers\n");
        failed = -1;
    }
    for (size_t i = 0; i < left.count; ++i) {
        (void)kill(left.pids[i], SIGKILL);
    }
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    return failed;
}
