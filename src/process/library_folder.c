#include "process/library_folder.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Something of the library, whose address tells where it is loaded. */
static const char anchor;

/* The file that the kernel has mapped at an address, from lines "BEGIN-END PERMISSIONS OFFSET DEVICE INODE PATH". */
static int find_mapped_file(uintptr_t address, char *path, size_t path_size) {
    FILE *maps = fopen("/proc/self/maps", "re");
    if (maps == NULL) {
        return -1;
    }
    char line[PATH_MAX + 128];
    int found = -1;
    while (found != 0 && fgets(line, sizeof line, maps) != NULL) {
        char *dash = line;
        const uintptr_t begin = strtoul(line, &dash, 16);
        const uintptr_t end = *dash == '-' ? strtoul(dash + 1, NULL, 16) : 0;
        const char *slash = strchr(line, '/');
        if (slash == NULL || address < begin || address >= end) {
            continue;
        }
        const int length = snprintf(path, path_size, "%.*s", (int)strcspn(slash, "\n"), slash);
        found = length < 0 || (size_t)length >= path_size ? -1 : 0;
    }
    (void)fclose(maps);
    return found;
}

int mxsi_path_beside_library(const char *name, char *path, size_t path_size) {
    Dl_info here;
    char file[PATH_MAX];
    const char *library = file;
    /* The dynamic linker remembers the path by which it was told to load the library. A relative one, and the word by
     * which a program was called, lead elsewhere from another folder. */
    if (dladdr(&anchor, &here) != 0 && here.dli_fname != NULL && here.dli_fname[0] == '/') {
        library = here.dli_fname;
    } else if (find_mapped_file((uintptr_t)&anchor, file, sizeof file) != 0) {
        return -1;
    }
    const int folder = (int)(strrchr(library, '/') - library) + 1;
    const int length = snprintf(path, path_size, "%.*s%s", folder, library, name);
    return length < 0 || (size_t)length >= path_size ? -1 : 0;
}
