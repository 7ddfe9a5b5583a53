#include "cpu/openblas_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ISO C has no cast from an object pointer to a function pointer; POSIX promises that the bits are the same. */
static int find(void *handle, const char *name, void *function) {
    void *symbol = dlsym(handle, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

int mxsi_openblas_open(struct mxsi_openblas *openblas, char *reason, size_t reason_size) {
    memset(openblas, 0, sizeof *openblas);
    (void)setenv("OPENBLAS_NUM_THREADS", "1", 1);
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
