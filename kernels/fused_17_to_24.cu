#include "fused_instances.h"

mxsi_fused_pointer mxsi_fused_17_to_24(uint32_t k) {
    switch (k) {
    case 17:
        return &mxsi_fused_kernel<17, 2, true>;
    case 18:
        return &mxsi_fused_kernel<18, 2, true>;
    case 19:
        return &mxsi_fused_kernel<19, 2, true>;
    case 20:
        return &mxsi_fused_kernel<20, 2, true>;
    case 21:
        return &mxsi_fused_kernel<21, 2, true>;
    case 22:
        return &mxsi_fused_kernel<22, 2, true>;
    case 23:
        return &mxsi_fused_kernel<23, 2, true>;
    case 24:
        return &mxsi_fused_kernel<24, 2, true>;
    default:
        return NULL;
    }
}
