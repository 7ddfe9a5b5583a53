#include "fused_instances.h"

mxsi_fused_pointer mxsi_fused_25_to_32(uint32_t k) {
    switch (k) {
    case 25:
        return &mxsi_fused_kernel<25, 2, true>;
    case 26:
        return &mxsi_fused_kernel<26, 2, true>;
    case 27:
        return &mxsi_fused_kernel<27, 2, true>;
    case 28:
        return &mxsi_fused_kernel<28, 2, true>;
    case 29:
        return &mxsi_fused_kernel<29, 2, true>;
    case 30:
        return &mxsi_fused_kernel<30, 2, true>;
    case 31:
        return &mxsi_fused_kernel<31, 2, true>;
    case 32:
        return &mxsi_fused_kernel<32, 2, true>;
    default:
        return NULL;
    }
}
