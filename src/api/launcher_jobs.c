#include "api/launcher_jobs.h"

#include "api/run_task.h"
#include "engines/cpu/cpu_devices.h"
#include "engines/cpu/cpu_peak.h"
#include "engines/gpu/gpu_peak.h"
#include "engines/gpu/gpu_plugin.h"
#include "launch/launch.h"
#include "process/child_answer.h"
#include "process/launcher.h"

static int answer_question(const int *descriptors, int count) {
    static const struct mxsi_question *const questions[] = {
        &mxsi_openblas_question,
        &mxsi_cpu_peak_question,
        &mxsi_gpu_survey_question,
        &mxsi_gpu_peak_question,
    };
    return count == 1 ? mxsi_child_answer(descriptors[0], questions, sizeof questions / sizeof questions[0]) : 1;
}

static int supervise(const int *descriptors, int count) {
    const struct mxsi_engine *const engines[] = {
        [MXS_BACKEND_CPU] = mxsi_engine_of(MXS_BACKEND_CPU),
        [MXS_BACKEND_CUDA] = mxsi_engine_of(MXS_BACKEND_CUDA),
    };
    return mxsi_launch_serve(descriptors, count, engines, sizeof engines / sizeof engines[0]);
}

static const struct mxsi_launcher_job jobs[] = {
    {MXSI_QUESTION_JOB, answer_question},
    {MXSI_SUPERVISION_JOB, supervise},
};

int mxsi_launcher_main(const char *version, int argc, char **argv) {
    return mxsi_launcher_serve(version, jobs, sizeof jobs / sizeof jobs[0], argc, argv);
}
