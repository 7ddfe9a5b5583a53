#include "fused_instances.h"

mxsi_fused_pointer mxsi_fused_1_to_16(uint32_t k) {
    switch (k) {
    case 1:
        return &mxsi_fused_kernel<1, 2, true>;
    case 2:
        return &mxsi_fused_kernel<2, 2, true>;
    case 3:
        return &mxsi_fused_kernel<3, 2, true>;
    case 4:
        return &mxsi_fused_kernel<4, 2, true>;
    case 5:
        return &mxsi_fused_kernel<5, 2, true>;
    case 6:
        return &mxsi_fused_kernel<6, 2, true>;
    case 7:
        return &mxsi_fused_kernel<7, 2, true>;
    case 8:
        return &mxsi_fused_kernel<8, 2, true>;
    case 9:
        return &mxsi_fused_kernel<9, 2, true>;
    case 10:
        return &mxsi_fused_kernel<10, 2, true>;
    case 11:
        return &mxsi_fused_kernel<11, 2, true>;
    case 12:
        return &mxsi_fused_kernel<12, 2, true>;
    case 13:
        return &mxsi_fused_kernel<13, 2, true>;
    case 14:
        return &mxsi_fused_kernel<14, 2, true>;
    case 15:
        return &mxsi_fused_kernel<15, 2, true>;
    case 16:
        return &mxsi_fused_kernel<16, 2, true>;
    default:
        return NULL;
    }
}
