/* What the CPU can do at most: mxs_peak_measure_cpu. */
#ifndef MAXSHARPE_CPU_PEAK_H
#define MAXSHARPE_CPU_PEAK_H

#include "process/child_answer.h"

/* Asked where the program has threads, so that what measures can fork. */
extern const struct mxsi_question mxsi_cpu_peak_question;

#endif
