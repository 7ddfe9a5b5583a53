#include "process/cores.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned cores_of_affinity(void) {
    /* A machine may have more cores than a fixed cpu_set_t: grow until the kernel's mask fits. */
    for (int cores = 1024; cores <= 1 << 20; cores *= 4) {
        cpu_set_t *set = CPU_ALLOC((size_t)cores);
        if (set == NULL) {
            break;
        }
        const size_t size = CPU_ALLOC_SIZE((size_t)cores);
        const int failed = sched_getaffinity(0, size, set);
        const int count = failed ? 0 : CPU_COUNT_S(size, set);
        CPU_FREE(set);
        if (count > 0) {
            return (unsigned)count;
        }
    }
    return mxsi_cores_online();
}

/* The CPU quota of one cgroup directory in cores, 0 where it has none. Version 2: cpu.max "QUOTA PERIOD" or "max
 * PERIOD"; version 1: two files. */
static double quota_of_directory(const char *directory) {
    char path[4224];
    double quota = 0.0;
    double period = 0.0;
    (void)snprintf(path, sizeof path, "%s/cpu.max", directory);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        char text[64] = "";
        (void)fgets(text, sizeof text, file);
        (void)fclose(file);
        char *end = text;
        quota = strtod(text, &end); /* "max" leaves 0: no quota */
        period = strtod(end, NULL);
        return period > 0.0 ? quota / period : 0.0;
    }
    const char *const names[2] = {"cpu.cfs_quota_us", "cpu.cfs_period_us"};
    double values[2] = {0.0, 0.0};
    for (int i = 0; i < 2; ++i) {
        (void)snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        file = fopen(path, "re");
        if (file == NULL) {
            return 0.0;
        }
        char text[64] = "";
        (void)fgets(text, sizeof text, file);
        (void)fclose(file);
        values[i] = strtod(text, NULL);
    }
    return values[0] > 0.0 && values[1] > 0.0 ? values[0] / values[1] : 0.0;
}

static double smaller_quota(double a, double b) {
    return a == 0.0 || (b != 0.0 && b < a) ? b : a;
}

/* The tightest quota between the group at mount + group and the mount itself. */
static double quota_of_group(const char *mount, const char *group) {
    char directory[4096];
    (void)snprintf(directory, sizeof directory, "%s%s", mount, group);
    const size_t mount_length = strlen(mount);
    double quota = 0.0;
    for (;;) {
        quota = smaller_quota(quota, quota_of_directory(directory));
        char *slash = strrchr(directory, '/');
        if (slash == NULL || (size_t)(slash - directory) < mount_length) {
            return quota;
        }
        *slash = '\0';
    }
}

/* /proc/self/cgroup has lines "ID:CONTROLLERS:PATH"; version 2 has ID 0 and no controllers. */
static double quota_of_cgroups(void) {
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file == NULL) {
        return 0.0;
    }
    double quota = 0.0;
    char line[4096];
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
        if (group == NULL) {
            continue;
        }
        *group++ = '\0';
        ++controllers;
        if (controllers[0] == '\0') {
            quota = smaller_quota(quota, quota_of_group("/sys/fs/cgroup", group));
        } else if (strcmp(controllers, "cpu") == 0 || strncmp(controllers, "cpu,", 4) == 0) {
            quota = smaller_quota(quota, quota_of_group("/sys/fs/cgroup/cpu", group));
        }
    }
    (void)fclose(file);
    return quota;
}

unsigned mxsi_cores_online(void) {
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : (unsigned)cores;
}

unsigned mxsi_cores_available(void) {
    const unsigned cores = cores_of_affinity();
    const double quota = quota_of_cgroups();
    if (quota <= 0.0 || quota >= (double)cores) {
        return cores;
    }
    const unsigned whole = (unsigned)quota;
    return (double)whole < quota ? whole + 1 : whole;
}
