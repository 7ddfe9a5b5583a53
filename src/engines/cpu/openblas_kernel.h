/* Which of OpenBLAS's kernels to run.
 *
 * OpenBLAS picks them by the family and model of the processor when it is loaded. One newer than itself gets kernels of
 * an older one, without AVX-512: half the speed where 512-bit units are there to be used. Its environment variable,
 * read at the same time, decides otherwise. A user's own setting of it always stands. */
#ifndef MAXSHARPE_OPENBLAS_KERNEL_H
#define MAXSHARPE_OPENBLAS_KERNEL_H

#define MXSI_OPENBLAS_KERNEL_VARIABLE "OPENBLAS_CORETYPE"
#define MXSI_OPENBLAS_KERNEL_AVX512 "SkylakeX" /* the oldest with AVX-512: every version since 2018 has it */

/* The value that the environment gives the variable; NULL where it gives none. */
const char *mxsi_openblas_kernel_asked_for(char *const *environment);

/* Whether a kernel of this name uses AVX-512. */
int mxsi_openblas_kernel_has_avx512(const char *core);

/* Whether a kernel of this name is known to do without. One that we do not know is a newer version's, which knows its
 * processors better than we do. */
int mxsi_openblas_kernel_lacks_avx512(const char *core);

/* Whether OpenBLAS has picked a kernel that lacks AVX-512 where the one above would run. */
int mxsi_openblas_kernel_passes_over_avx512(const char *core);

#endif
