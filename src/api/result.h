/* The making of an mxs_result. */
#ifndef MAXSHARPE_RESULT_MAKING_H
#define MAXSHARPE_RESULT_MAKING_H

#include "api/run_task.h"
#include "maxsharpe/result.h"
#include "run/task.h"

/* An empty result with room for `top` leaders; its clock starts. */
MXS_NODISCARD mxs_status mxsi_result_create(uint32_t top, mxs_result **result, mxs_error *error);

/* Where the run leaves what it found. */
struct mxsi_run_record *mxsi_result_record(mxs_result *result);

/* Turns the record into what mxs_result_describe shows: every leader with its weights, computed again in double. */
MXS_NODISCARD mxs_status mxsi_result_finish(mxs_result *result, const struct mxsi_task *task, mxs_error *error);

#endif
