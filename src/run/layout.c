#include "run/layout.h"

#include <errno.h>
#include <string.h>

#include "base/errors.h"

mxs_status mxsi_layout_create(uint64_t size, const char *what, struct mxsi_shared_memory *memory, mxs_error *error) {
    *memory = (struct mxsi_shared_memory){.descriptor = -1};
    if (size > INT64_MAX || mxsi_shared_memory_is_beyond_machine(size)) {
        return mxsi_fail(error, MXS_ERROR_MEMORY,
                         "the shared memory of %s would need %.1f GB, more than this machine has; use fewer assets or "
                         "rows",
                         what, (double)size * 1e-9);
    }
    if (mxsi_shared_memory_create(size, memory) != 0) {
        return mxsi_fail(error, MXS_ERROR_MEMORY, "not enough memory for the %.1f MB that %s takes: %s",
                         (double)size * 1e-6, what, strerror(errno));
    }
    return MXS_OK;
}
