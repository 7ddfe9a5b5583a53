/* What a GPU can do at most: mxs_peak_measure_gpu. */
#ifndef MAXSHARPE_GPU_PEAK_H
#define MAXSHARPE_GPU_PEAK_H

#include "process/child_answer.h"

extern const struct mxsi_question mxsi_gpu_peak_question;

#endif
