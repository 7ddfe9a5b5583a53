/* How a launch ended. */
#ifndef MAXSHARPE_LAUNCH_END_H
#define MAXSHARPE_LAUNCH_END_H

#include <stddef.h>

#include "sampling/sampling.h"

struct mxsi_launch_end {
    struct mxsi_identity fault; /* MXS_ERROR_DATA: the simulation without a Sharpe ratio */
    size_t workers_lost;
};

#endif
