/* How many cores there are for us. */
#ifndef MAXSHARPE_CORES_H
#define MAXSHARPE_CORES_H

/* Cores that this process may use: the smaller of its affinity mask and its cgroup's CPU quota, rounded up. At least
 * 1. */
unsigned mxsi_cores_available(void);

/* Cores of the machine that are online. At least 1. */
unsigned mxsi_cores_online(void);

#endif
