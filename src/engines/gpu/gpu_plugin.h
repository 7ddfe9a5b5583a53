/* The CUDA plug-in: a shared object beside the library, opened where it is used and nowhere else. */
#ifndef MAXSHARPE_GPU_PLUGIN_H
#define MAXSHARPE_GPU_PLUGIN_H

#include "engines/gpu/gpu_plugin_contract.h"
#include "process/child_answer.h"
#include "run/task.h"

/* What a look at the machine's GPUs has found. Plain memory: it is shared between processes. */
struct mxsi_gpu_survey {
    int device_count;
    struct mxsi_gpu_device devices[MXSI_GPU_MAX_DEVICES];
    char reason[MXSI_GPU_REASON_SIZE]; /* why there is none to use, "" where there is */
    uint32_t pipelines;                /* bit p: the engine has enum mxsi_gpu_pipeline p for the problem */
};

/* Opens the plug-in and checks that it is of this build. For processes of our own: CUDA and fork do not mix, so a
 * process that has opened it never forks. Returns 0, or -1 and a reason. */
int mxsi_gpu_plugin_open(const struct mxsi_gpu_engine_ops **ops, char *reason);

/* Whether there is a device file of a GPU; to know that costs no start of CUDA. */
int mxsi_gpu_is_likely(void);

/* How long a survey may take: the first start of CUDA on a machine with many GPUs, and nothing that keeps their driver
 * loaded, takes seconds for each of them. */
#define MXSI_GPU_SURVEY_LIMIT_NS (60 * UINT64_C(1000000000))

/* Looks at the GPUs in a process of its own, which ends with all that CUDA made. task: NULL, or what pipelines are
 * asked about. Returns 0; -1 where it was cancelled. */
int mxsi_gpu_survey_take(const struct mxsi_task *task, const struct mxsi_patience *patience,
                         struct mxsi_gpu_survey *survey);
extern const struct mxsi_question mxsi_gpu_survey_question;

#endif
