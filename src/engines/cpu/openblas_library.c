#include "engines/cpu/openblas_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engines/cpu/openblas_kernel.h"

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

/* Puts "NAME=value" first in the environment. setenv would take a lock, and a forked child may find it held for ever by
 * a thread that only its parent has. */
static int put_first_in_environment(const char *setting) {
    size_t count = 0;
    while (environ != NULL && environ[count] != NULL) {
        ++count;
    }
    char **extended = calloc(count + 2, sizeof *extended);
    char *request = strdup(setting);
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

static int load(struct mxsi_openblas *openblas, char *reason, size_t reason_size) {
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
    return 0;
}

static int load_again(struct mxsi_openblas *openblas, char *reason, size_t reason_size) {
    (void)dlclose(openblas->handle);
    return load(openblas, reason, reason_size);
}

/* OpenBLAS reads the wish for a kernel when it is loaded, so it is loaded again with one. Where that changes nothing
 * (kernels left out of its build, or a program around us that holds OpenBLAS loaded) the wish is taken back: a version
 * that does not know the name would run its oldest kernel. */
static int prefer_avx512(struct mxsi_openblas *openblas, char *reason, size_t reason_size) {
    char picked[32];
    (void)snprintf(picked, sizeof picked, "%s", openblas->core_name());
    (void)snprintf(openblas->core_reason, sizeof openblas->core_reason,
                   "OpenBLAS itself would pick %s, without AVX-512", picked);
    char **const before = environ;
    if (put_first_in_environment(MXSI_OPENBLAS_KERNEL_VARIABLE "=" MXSI_OPENBLAS_KERNEL_AVX512) != 0) {
        (void)snprintf(reason, reason_size, "OpenBLAS cannot be loaded: not enough memory");
        return -1;
    }
    if (load_again(openblas, reason, reason_size) != 0) {
        return -1;
    }
    if (mxsi_openblas_kernel_has_avx512(openblas->core_name())) {
        return 0;
    }
    (void)snprintf(openblas->core_reason, sizeof openblas->core_reason,
                   "picked by OpenBLAS, whose AVX-512 kernels cannot be had here");
    environ = before;
    return load_again(openblas, reason, reason_size);
}

static int choose_kernel(struct mxsi_openblas *openblas, char *reason, size_t reason_size) {
    const char *wish = mxsi_openblas_kernel_asked_for(environ);
    if (wish != NULL) {
        (void)snprintf(openblas->core_reason, sizeof openblas->core_reason,
                       MXSI_OPENBLAS_KERNEL_VARIABLE " asks for %.40s", wish);
        return 0;
    }
    if (mxsi_openblas_kernel_passes_over_avx512(openblas->core_name())) {
        return prefer_avx512(openblas, reason, reason_size);
    }
    (void)snprintf(openblas->core_reason, sizeof openblas->core_reason, "picked by OpenBLAS");
    return 0;
}

int mxsi_openblas_open(struct mxsi_openblas *openblas, char *reason, size_t reason_size) {
    memset(openblas, 0, sizeof *openblas);
    if (put_first_in_environment("OPENBLAS_NUM_THREADS=1") != 0) {
        (void)snprintf(reason, reason_size, "OpenBLAS cannot be loaded: not enough memory");
        return -1;
    }
    if (load(openblas, reason, reason_size) != 0 || choose_kernel(openblas, reason, reason_size) != 0) {
        return -1;
    }
    if (!has_room_for_buffer()) {
        (void)snprintf(reason, reason_size, "not enough memory for OpenBLAS: it needs %d MB of address space",
                       ROOM_FOR_BUFFER >> 20);
        return -1;
    }
    return 0;
}
