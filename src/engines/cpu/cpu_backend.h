/* The CPU backend as the fallback of others. */
#ifndef MAXSHARPE_CPU_BACKEND_H
#define MAXSHARPE_CPU_BACKEND_H

#include "launch/worker_pool.h"

/* How the CPU would do a job. Returns MXS_OK; MXS_ERROR_BACKEND where it lacks the evaluator that was asked for. */
MXS_NODISCARD mxs_status mxsi_cpu_pool_work(const struct mxsi_backend_job *job, struct mxsi_pool_work *work,
                                            mxs_error *error);

#endif
