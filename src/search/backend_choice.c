#include "search/backend_choice.h"

#include "base/errors.h"

mxs_status mxsi_backend_choose(mxs_backend wanted, const struct mxsi_backend **backend, mxs_error *error) {
    switch (wanted) {
    case MXS_BACKEND_AUTO:
    case MXS_BACKEND_CPU:
        *backend = &mxsi_cpu_backend;
        return MXS_OK;
    case MXS_BACKEND_CUDA:
        return mxsi_fail(error, MXS_ERROR_BACKEND, "this build of maxsharpe has no CUDA backend; use --backend cpu");
    }
    return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no backend %d", (int)wanted);
}
