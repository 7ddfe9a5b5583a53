#include "cli/bench/bench_machine.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cli/terminal/printable_text.h"

/* CMake defines it for this file where the source is a git checkout. */
#ifndef MXS_COMMIT
#define MXS_COMMIT "unknown"
#endif

#if defined(__clang__)
static const char compiler[] = __VERSION__; /* begins with the compiler's name */
#else
static const char compiler[] = "gcc " __VERSION__;
#endif

/* The value of the first line "key : value" of /proc/cpuinfo; false: there is none. */
static bool find_in_cpuinfo(const char *key, char *value, size_t size) {
    FILE *const file = fopen("/proc/cpuinfo", "re");
    char line[256];
    bool found = false;
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        const char *const colon = strchr(line, ':');
        if (colon != NULL && strncmp(line, key, strlen(key)) == 0) {
            const char *const text = colon + 1 + strspn(colon + 1, " \t");
            (void)snprintf(value, size, "%.*s", (int)strcspn(text, "\n"), text);
            found = value[0] != '\0';
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return found;
}

void bench_machine_describe(bench_machine *machine, const mxs_devices *devices) {
    struct utsname names = {.sysname = ""};
    struct tm utc;
    const time_t now = time(NULL);
    *machine = (bench_machine){.compiler = compiler, .commit = MXS_COMMIT, .load = -1, .devices = devices};
    (void)getloadavg(&machine->load, 1); /* before we add to it */
    if (gmtime_r(&now, &utc) != NULL) {
        (void)strftime(machine->date, sizeof machine->date, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    (void)uname(&names);
    (void)snprintf(machine->system, sizeof machine->system, "%s %s %s", names.sysname, names.release, names.machine);
    /* ARM has no model name; "Hardware" is what some boards say. */
    if (!find_in_cpuinfo("model name", machine->cpu, sizeof machine->cpu) &&
        !find_in_cpuinfo("Hardware", machine->cpu, sizeof machine->cpu)) {
        (void)snprintf(machine->cpu, sizeof machine->cpu, "%s", names.machine);
    }
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long page_size = sysconf(_SC_PAGESIZE);
    machine->memory = pages > 0 && page_size > 0 ? (double)pages * (double)page_size : 0;
    blank_control_characters(machine->cpu);
    blank_control_characters(machine->system);
}
