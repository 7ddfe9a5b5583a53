#include <jansson.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/messages.h"
#include "cli/option_words.h"
#include "cli/value_text.h"
#include "maxsharpe/maxsharpe.h"

enum { DEVICES_FORMAT = FIRST_OPTION_ID, DEVICES_HELP };

static const option_row rows[] = {
    {DEVICES_FORMAT, 0, "format", "text|json", "the form of what is printed (text)"},
    {DEVICES_HELP, 'h', "help", NULL, "print this help"},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static void write_help(FILE *out) {
    (void)fputs(
        "Usage: maxsharpe devices [options]\n"
        "\n"
        "Prints what a search would use on this machine: the cores it may use, the instruction set of its\n"
        "kernels, OpenBLAS and the kernel it picked, and why CUDA is not used where it is not.\n"
        "\n"
        "Options:\n",
        out);
    print_option_help(out, rows, ROW_COUNT);
    (void)fputs("\nExit status: 0 printed, 1 it could not be written, 2 usage.\n", out);
}

static const char *known(const char *text) {
    return text[0] != '\0' ? text : "none";
}

static void write_text(FILE *out) {
    mxs_devices devices;
    mxs_devices_describe(&devices, sizeof devices);
    (void)fprintf(out, "CPU cores   %u available of %u online\n", devices.cores_available, devices.cores_online);
    (void)fprintf(out, "CPU kernel  %s\n", known(devices.cpu_kernel));
    (void)fprintf(out, "OpenBLAS    %s kernel\n", known(devices.openblas_core));
    (void)fprintf(out, "            %s\n", known(devices.openblas_config));
    (void)fprintf(out, "CUDA        %s\n", known(devices.cuda_reason));
}

static void write_json(FILE *out) {
    mxs_devices devices;
    mxs_devices_describe(&devices, sizeof devices);
    json_t *const root =
        json_pack("{s:s, s:s, s:i, s:i, s:s?, s:s?, s:s?, s:s?}", "schema", "maxsharpe.devices/1", "version",
                  mxs_version(), "cores_available", (int)devices.cores_available, "cores_online",
                  (int)devices.cores_online, "cpu_kernel", devices.cpu_kernel, "openblas_core", devices.openblas_core,
                  "openblas_config", devices.openblas_config, "cuda_reason", devices.cuda_reason);
    char *const text = root != NULL ? json_dumps(root, JSON_INDENT(2)) : NULL;
    if (text != NULL) {
        (void)fprintf(out, "%s\n", text);
    }
    free(text);
    json_decref(root);
}

exit_status devices_command(int count, char **words) {
    static const char *const formats[] = {"text", "json"};
    int format = 0;
    option_parser parser;
    option_parser_begin(&parser, "devices", rows, ROW_COUNT, count, words);
    const char *text = NULL;
    for (int id; (id = option_parser_next(&parser, &text)) != OPTION_END;) {
        switch (id) {
        case DEVICES_HELP:
            return print_text(write_help);
        case DEVICES_FORMAT:
            format = value_parse_choice(text, formats, 2);
            if (format < 0) {
                print_error("option '--format': '%s' is not text or json", text);
                return EXIT_USAGE;
            }
            break;
        case OPTION_OPERAND:
            print_error("'devices' takes no FILE: '%s'; try 'maxsharpe devices --help'", text);
            return EXIT_USAGE;
        default:
            return EXIT_USAGE;
        }
    }
    return print_text(format == 1 ? write_json : write_text);
}
