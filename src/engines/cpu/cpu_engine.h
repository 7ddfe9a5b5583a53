/* The CPU as an engine: one worker process a core. */
#ifndef MAXSHARPE_CPU_ENGINE_H
#define MAXSHARPE_CPU_ENGINE_H

#include "run/engine.h"

extern const struct mxsi_engine mxsi_cpu_engine;

#endif
