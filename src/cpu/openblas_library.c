#include "cpu/openblas_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* OpenBLAS maps a buffer at its first large product (128 MB of addresses on x86-64, few of them ever touched) and,
 * where that fails, tries again for ever. So it has to be known that there is room, and some to spare for other
 * versions. */
enum { ROOM_FOR_BUFFER = 160 << 20 };

/* ISO C has no cast from an object pointer to a function pointer; POSIX promises that the bits are the same. */
static int find(void *handle, const char *name, void *function) {
    void *symbol = dlsym(handle, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static int has_room_for_buffer(void) {
    void *memory = mmap(NULL, ROOM_FOR_BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED && munmap(memory, ROOM_FOR_BUFFER) == 0;
}

/* Puts OPENBLAS_NUM_THREADS=1 first in the environment. setenv would take a lock, and a forked child may find it held
 * for ever by a thread that only its parent has. */
static int ask_for_one_thread(void) {
    size_t count = 0;
    while (environ != NULL && environ[count] != NULL) {
        ++count;
    }
    char **extended = calloc(count + 2, sizeof *extended);
    char *request = strdup("OPENBLAS_NUM_THREADS=1");
    if (extended == NULL || request == NULL) {
        free(extended);
        free(request);
        return -1;
    }
    extended[0] = request;
    if (count > 0) {
        memcpy(extended + 1, environ, count * sizeof *extended);
    }
    environ = extended;
    return 0;
}

int mxsi_openblas_open(struct mxsi_openblas *openblas, char *reason, size_t reason_size) {
    memset(openblas, 0, sizeof *openblas);
    if (ask_for_one_thread() != 0) {
        (void)snprintf(reason, reason_size, "OpenBLAS cannot be loaded: not enough memory");
        return -1;
    }
    openblas->handle = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (openblas->handle == NULL) {
        openblas->handle = dlopen("libopenblas.so", RTLD_NOW | RTLD_LOCAL);
    }
    if (openblas->handle == NULL) {
        (void)snprintf(reason, reason_size,
                       "OpenBLAS cannot be loaded (is libopenblas0 installed, is there memory for it?): %.140s",
                       dlerror());
        return -1;
    }
    if (!find(openblas->handle, "cblas_sgemm", &openblas->sgemm) ||
        !find(openblas->handle, "cblas_sgemv", &openblas->sgemv) ||
        !find(openblas->handle, "cblas_dgemm", &openblas->dgemm) ||
        !find(openblas->handle, "cblas_dgemv", &openblas->dgemv) ||
        !find(openblas->handle, "openblas_get_corename", &openblas->core_name) ||
        !find(openblas->handle, "openblas_get_config", &openblas->config)) {
        (void)snprintf(reason, reason_size, "libopenblas lacks a function that OpenBLAS has: %.150s", dlerror());
        return -1;
    }
    if (!has_room_for_buffer()) {
        (void)snprintf(reason, reason_size, "not enough memory for OpenBLAS: it needs %d MB of address space",
                       ROOM_FOR_BUFFER >> 20);
        return -1;
    }
    return 0;
}
