/* GPUs as an engine: one worker process a GPU. */
#ifndef MAXSHARPE_CUDA_ENGINE_H
#define MAXSHARPE_CUDA_ENGINE_H

#include "run/engine.h"

extern const struct mxsi_engine mxsi_cuda_engine;

#endif
