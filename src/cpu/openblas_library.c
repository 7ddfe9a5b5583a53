#include "cpu/openblas_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ISO C has no cast from an object pointer to a function pointer; POSIX promises that the bits are the same. */
static int find(void *handle, const char *name, void *function) {
    void *symbol = dlsym(handle, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
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
        (void)snprintf(reason, reason_size, "OpenBLAS cannot be loaded (Debian package libopenblas0): %.150s",
                       dlerror());
        return -1;
    }
    if (!find(openblas->handle, "cblas_sgemm", &openblas->sgemm) ||
        !find(openblas->handle, "cblas_sgemv", &openblas->sgemv) ||
        !find(openblas->handle, "openblas_get_corename", &openblas->core_name) ||
        !find(openblas->handle, "openblas_get_config", &openblas->config)) {
        (void)snprintf(reason, reason_size, "libopenblas lacks a function that OpenBLAS has: %.150s", dlerror());
        return -1;
    }
    return 0;
}
