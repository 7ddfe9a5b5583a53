#include <stdlib.h>

#include "cli/commands/command.h"
#include "cli/options/report_format.h"
#include "cli/reports/json/json_tree.h"
#include "maxsharpe/maxsharpe.h"

static const double BYTES_OF_GIB = 1024.0 * 1024.0 * 1024.0;

static const char *known(const char *text) {
    return text[0] != '\0' ? text : "none";
}

/* What a driver does not tell is left out. */
static void print_gpu(FILE *out, unsigned number, const mxs_gpu *gpu) {
    (void)fprintf(out, "GPU %u: %s", number, gpu->name[0] != '\0' ? gpu->name : "without a name");
    if (gpu->capability > 0) {
        (void)fprintf(out, ", compute capability %u.%u", gpu->capability / 10, gpu->capability % 10);
    }
    if (gpu->memory > 0) {
        (void)fprintf(out, ", %.1f GiB", (double)gpu->memory / BYTES_OF_GIB);
    }
    if (gpu->reason[0] != '\0') {
        (void)fprintf(out, "\n              cannot be used: %s", gpu->reason);
    }
    (void)fputc('\n', out);
}

static void write_text(FILE *out, const void *surveyed) {
    const mxs_devices_info devices = *mxs_devices_describe(surveyed);
    (void)fprintf(out, "CPU cores   %u available of %u online\n", devices.cores_available, devices.cores_online);
    (void)fprintf(out, "CPU kernel  %s\n", known(devices.cpu_kernel));
    (void)fprintf(out, "OpenBLAS    %s kernel%s%s\n", known(devices.openblas_core),
                  devices.openblas_core_reason[0] != '\0' ? ": " : "", devices.openblas_core_reason);
    (void)fprintf(out, "            %s\n", known(devices.openblas_config));
    const char *label = "CUDA        ";
    for (unsigned i = 0; i < devices.gpu_count; ++i) {
        (void)fputs(label, out);
        print_gpu(out, i, mxs_devices_gpu(surveyed, i));
        label = "            ";
    }
    if (devices.cuda_reason[0] != '\0') {
        (void)fprintf(out, "%sno GPU can be used: %s\n", label, devices.cuda_reason);
    }
}

/* What a driver does not tell is null. */
static json_t *json_of_gpu(unsigned number, const mxs_gpu *gpu) {
    char capability[32];
    (void)snprintf(capability, sizeof capability, "%u.%u", gpu->capability / 10, gpu->capability % 10);
    json_t *const memory = gpu->memory > 0 ? json_integer((json_int_t)gpu->memory) : json_null();
    json_t *const gib = gpu->memory > 0 ? json_real((double)gpu->memory / BYTES_OF_GIB) : json_null();
    return json_pack("{s:i, s:o, s:s?, s:o, s:o, s:b, s:o}", "number", (int)number, "name", json_text(gpu->name),
                     "compute_capability", gpu->capability > 0 ? capability : NULL, "memory_bytes", memory,
                     "memory_gib", gib, "usable", gpu->reason[0] == '\0', "reason", json_text(gpu->reason));
}

/* NULL: out of memory. */
static json_t *json_of_gpus(const mxs_devices *devices) {
    json_t *const gpus = json_array();
    for (unsigned i = 0; i < mxs_devices_describe(devices)->gpu_count; ++i) {
        if (json_array_append_new(gpus, json_of_gpu(i, mxs_devices_gpu(devices, i))) != 0) {
            json_decref(gpus);
            return NULL;
        }
    }
    return gpus;
}

static void write_json(FILE *out, const void *surveyed) {
    const mxs_devices_info devices = *mxs_devices_describe(surveyed);
    json_t *const root = json_pack(
        "{s:s, s:s, s:i, s:i, s:s, s:o, s:o, s:o, s:o, s:o}", "schema", "maxsharpe.devices/1", "version", mxs_version(),
        "cores_available", (int)devices.cores_available, "cores_online", (int)devices.cores_online, "cpu_kernel",
        devices.cpu_kernel, "openblas_core", json_text(devices.openblas_core), "openblas_core_reason",
        json_text(devices.openblas_core_reason), "openblas_config", json_text(devices.openblas_config), "gpus",
        json_of_gpus(surveyed), "cuda_reason", json_text(devices.cuda_reason));
    char *const text = root != NULL ? json_dumps(root, JSON_INDENT(2)) : NULL;
    if (text != NULL) {
        (void)fprintf(out, "%s\n", text);
    }
    free(text);
    json_decref(root);
}

/* ---- the command ---- */

typedef struct devices_arguments {
    report_format format;
} devices_arguments;

#define ARGUMENTS devices_arguments

static const option_row rows[] = {
    {.help = "Options:"},
    {0, "format", NULL, INTO_CHOICE(report_format, document_format_choices, format), NULL,
     "the form of what is printed"},
    OPTION_ROWS_OF_ALL,
};

static void begin(void *arguments) {
    *(devices_arguments *)arguments = (devices_arguments){.format = REPORT_TEXT};
}

static const command_syntax syntax = {
    .name = "devices",
    .summary = "what a search would use on this machine",
    .about =
        "Prints what a search would use on this machine: the cores it may use, the instruction set of its\n"
        "kernels, OpenBLAS with its kernel and why, and every GPU, with the reason where it cannot be used.\n",
    .notes = "Exit status: 0 printed, 1 it could not be written, 2 usage.\n",
    .rows = rows,
    .row_count = sizeof rows / sizeof rows[0],
    .arguments_size = sizeof(devices_arguments),
    .begin = begin,
};

static exit_status run(void *user) {
    const devices_arguments *const arguments = user;
    mxs_devices *devices = NULL;
    mxs_error error = {.message = ""};
    const mxs_status status = mxs_devices_survey(&devices, &error);
    if (status != MXS_OK) {
        return print_failure(&error, status);
    }
    const exit_status outcome = print_text(arguments->format == REPORT_JSON ? write_json : write_text, devices);
    mxs_devices_destroy(devices);
    return outcome;
}

const command devices_command = {&syntax, run};
