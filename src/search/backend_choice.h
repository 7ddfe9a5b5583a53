/* Which backend a search runs on. */
#ifndef MAXSHARPE_BACKEND_CHOICE_H
#define MAXSHARPE_BACKEND_CHOICE_H

#include "backend.h"

/* Returns MXS_OK; MXS_ERROR_BACKEND with the reason where the wanted one cannot run. */
MXS_NODISCARD mxs_status mxsi_backend_choose(mxs_backend wanted, const struct mxsi_backend **backend, mxs_error *error);

#endif
