/* What a test says to the layer that runs kernels on the CPU, and asks of it: C and C++. */
#ifndef MAXSHARPE_LAUNCH_CONTROL_H
#define MAXSHARPE_LAUNCH_CONTROL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The order in which the threads of a block run between two barriers, and the blocks of a grid. A kernel whose result
 * depends on it is wrong. */
enum mxsi_cpu_order { MXSI_CPU_FORWARD, MXSI_CPU_REVERSE, MXSI_CPU_SHUFFLED };

/* From now on; `seed` is for MXSI_CPU_SHUFFLED, which takes a new order after every barrier. */
void mxsi_cpu_set_order(enum mxsi_cpu_order order, uint64_t seed);

/* Without this a kernel's failure is printed and aborts the program. From now on the first one is kept instead, and
 * ends its launch; launches after it do nothing. Forgets what was kept before. */
void mxsi_cpu_record_failures(void);

/* The failure that was kept, "" where there is none. Valid until the next mxsi_cpu_record_failures(). */
const char *mxsi_cpu_failures(void);

/* Where mxsi_philox comes from: "cuRAND" (its device header, compiled for the host) or "Random123". */
const char *mxsi_cpu_philox_source(void);

#ifdef __cplusplus
}
#endif
#endif
