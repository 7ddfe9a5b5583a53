/* The making of an mxs_result. */
#ifndef MAXSHARPE_RESULT_H
#define MAXSHARPE_RESULT_H

#include "maxsharpe/search.h"
#include "problem/search_inputs.h"
#include "run/backend.h"

/* An empty result with room for `top` leaders. */
MXS_NODISCARD mxs_status mxsi_result_create(uint32_t top, mxs_result **result, mxs_error *error);

/* The clock starts. */
void mxsi_result_begin(mxs_result *result);

/* Where the backend leaves what it found. */
struct mxsi_backend_outcome *mxsi_result_outcome(mxs_result *result);

/* Turns the outcome into what mxs_result_describe shows: every leader with its weights, computed again in double. */
MXS_NODISCARD mxs_status mxsi_result_finish(mxs_result *result, const char *backend, const struct mxsi_inputs *inputs,
                                            mxs_error *error);

#endif
