#include "fused_instances.h"

mxsi_fused_pointer mxsi_fused_33_to_64(uint32_t k) {
    if (k <= 32 || k > MXSI_FUSED_MAX_K) {
        return NULL;
    }
    if (k <= 40) {
        return &mxsi_fused_kernel<40, 1, false>;
    }
    if (k <= 48) {
        return &mxsi_fused_kernel<48, 1, false>;
    }
    return k <= 56 ? &mxsi_fused_kernel<56, 1, false> : &mxsi_fused_kernel<64, 1, false>;
}
