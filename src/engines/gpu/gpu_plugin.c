#include "engines/gpu/gpu_plugin.h"

#include <dlfcn.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "maxsharpe/maxsharpe.h"
#include "process/child_answer.h"
#include "process/library_folder.h"

static const char PLUGIN_NAME[] = "libmaxsharpe-cuda.so";

int mxsi_gpu_plugin_open(const struct mxsi_gpu_engine_ops **ops, char *reason) {
    char path[4096];
    if (mxsi_path_beside_library(PLUGIN_NAME, path, sizeof path) != 0 || access(path, R_OK) != 0) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "the CUDA plug-in %s is not installed beside the library",
                       PLUGIN_NAME);
        return -1;
    }
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "the CUDA plug-in cannot be loaded: %.180s", dlerror());
        return -1;
    }
    void *symbol = dlsym(handle, MXSI_GPU_ENGINE_SYMBOL);
    mxsi_gpu_engine_getter getter = NULL;
    memcpy(&getter, &symbol, sizeof getter); /* ISO C has no cast between the two kinds of pointers */
    *ops = getter == NULL ? NULL : getter();
    if (*ops == NULL || (*ops)->version != MXSI_GPU_ENGINE_VERSION ||
        strcmp((*ops)->library_version, mxs_version()) != 0) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "the CUDA plug-in is of version %.32s, the library of %s",
                       *ops == NULL ? "unknown" : (*ops)->library_version, mxs_version());
        return -1;
    }
    return 0;
}

/* A machine without a device file has no GPU that CUDA could find. /dev/dxg is the one of Windows' subsystem for
 * Linux. */
int mxsi_gpu_is_likely(void) {
    glob_t found;
    const int failed = glob("/dev/nvidia[0-9]*", GLOB_NOSORT, NULL, &found);
    globfree(&found);
    return failed == 0 || access("/dev/dxg", F_OK) == 0;
}

/* Of a task, what the engine's `supports` looks at. */
struct asked {
    uint32_t has_task;
    uint32_t assets_per_portfolio;
    uint32_t sampler;
    uint32_t shared_draws;
};

static uint32_t pipelines_for(const struct mxsi_gpu_engine_ops *ops, const struct asked *asked) {
    const struct mxsi_problem problem = {.assets_per_portfolio = asked->assets_per_portfolio};
    const struct mxsi_sampling sampling = {.sampler = asked->sampler, .shared_draws = asked->shared_draws};
    uint32_t pipelines = 0;
    for (uint32_t pipeline = 0; asked->has_task && pipeline <= MXSI_GPU_SHARED; ++pipeline) {
        pipelines |= (uint32_t)ops->supports(&problem, &sampling, (enum mxsi_gpu_pipeline)pipeline) << pipeline;
    }
    return pipelines;
}

static void look(const void *asked, void *answer) {
    struct mxsi_gpu_survey *survey = answer;
    const struct mxsi_gpu_engine_ops *ops = NULL;
    if (mxsi_gpu_plugin_open(&ops, survey->reason) != 0) {
        return;
    }
    const int count = ops->count_devices(survey->reason);
    if (count <= 0) {
        return;
    }
    survey->device_count = count < MXSI_GPU_MAX_DEVICES ? count : MXSI_GPU_MAX_DEVICES;
    int usable = 0;
    for (int i = 0; i < survey->device_count; ++i) {
        ops->describe_device(i, &survey->devices[i]);
        usable += survey->devices[i].reason[0] == '\0';
    }
    if (usable == 0) {
        (void)snprintf(survey->reason, sizeof survey->reason, "GPU 0, %.64s: %.150s", survey->devices[0].name,
                       survey->devices[0].reason);
    }
    survey->pipelines = pipelines_for(ops, asked);
}

const struct mxsi_question mxsi_gpu_survey_question = {"gpu survey", look, sizeof(struct asked),
                                                       sizeof(struct mxsi_gpu_survey)};

static enum mxsi_child_end ask(const struct mxsi_task *task, const struct mxsi_patience *patience,
                               struct mxsi_gpu_survey *survey) {
    struct asked asked = {.has_task = task != NULL};
    if (task != NULL) {
        asked.assets_per_portfolio = task->problem->assets_per_portfolio;
        asked.sampler = task->sampling->sampler;
        asked.shared_draws = task->sampling->shared_draws;
    }
    char why[MXSI_CHILD_REASON_SIZE];
    const enum mxsi_child_end end = mxsi_child_ask(&mxsi_gpu_survey_question, &asked, survey, patience, why);
    switch (end) {
    case MXSI_CHILD_ANSWERED:
        break;
    case MXSI_CHILD_DIED:
        (void)snprintf(survey->reason, sizeof survey->reason, "CUDA ended the process that looked for GPUs");
        break;
    case MXSI_CHILD_HUNG:
        (void)snprintf(survey->reason, sizeof survey->reason, "CUDA hangs: %.127s", why);
        break;
    case MXSI_CHILD_CANCELLED:
    case MXSI_CHILD_NO_MEMORY:
    case MXSI_CHILD_NO_PROCESS:
        (void)snprintf(survey->reason, sizeof survey->reason, "cannot look for GPUs: %.127s", why);
        break;
    }
    return end;
}

int mxsi_gpu_survey_take(const struct mxsi_task *task, const struct mxsi_patience *patience,
                         struct mxsi_gpu_survey *survey) {
    memset(survey, 0, sizeof *survey);
    const enum mxsi_child_end end = ask(task, patience, survey);
    if (survey->device_count == 0 && survey->reason[0] != '\0' && !mxsi_gpu_is_likely()) {
        const size_t used = strlen(survey->reason);
        (void)snprintf(survey->reason + used, sizeof survey->reason - used, " (no /dev/nvidia* here)");
    }
    return end == MXSI_CHILD_CANCELLED ? -1 : 0;
}
