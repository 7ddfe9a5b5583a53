/* OpenBLAS, opened when a worker needs it.
 *
 * It is not linked: loading it starts a thread for every core, which the parent must not have when it forks, and under
 * a tight memory limit that start never returns. A worker opens it after it has said, in its own environment, that one
 * thread is enough. So the parent, and a program that embeds the library, never has OpenBLAS's threads. */
#ifndef MAXSHARPE_OPENBLAS_LIBRARY_H
#define MAXSHARPE_OPENBLAS_LIBRARY_H

#include <cblas.h>
#include <stddef.h>

struct mxsi_openblas {
    void *handle;
    __typeof__(&cblas_sgemm) sgemm;
    __typeof__(&cblas_sgemv) sgemv;
    __typeof__(&cblas_dgemm) dgemm;
    __typeof__(&cblas_dgemv) dgemv;
    char *(*core_name)(void);
    char *(*config)(void);
    char core_reason[96]; /* why this kernel, one line */
};

/* Opens OpenBLAS with one thread, and with AVX-512 kernels where it passes over them: see openblas_kernel.h. For
 * processes of our own only: it changes their environment. Returns 0; -1 and one line in reason where it cannot be
 * had. */
int mxsi_openblas_open(struct mxsi_openblas *openblas, char *reason, size_t reason_size);

#endif
