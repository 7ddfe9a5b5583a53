/* Which backend a search runs on. */
#ifndef MAXSHARPE_BACKEND_CHOICE_H
#define MAXSHARPE_BACKEND_CHOICE_H

#include "run/backend.h"

/* Runs the job on the wanted backend. With MXS_BACKEND_AUTO that is the GPU where there is one, and the CPU for what it
 * cannot do, with a warning; *ran is the backend that did it. Returns as mxsi_backend.run; MXS_ERROR_ARGUMENT where
 * there is no such backend. */
MXS_NODISCARD mxs_status mxsi_backend_run(mxs_backend wanted, struct mxsi_backend_job *job,
                                          struct mxsi_backend_outcome *outcome, const struct mxsi_backend **ran,
                                          struct mxsi_identity *fault, mxs_error *error);

#endif
