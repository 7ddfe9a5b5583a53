/* How fast the CUDA backend is, and whether what it was timed on is right: device time by events after a warm-up, the
 * median of many runs, every answer decided in double and held against the CPU backend's. See usage(). */
#include <errno.h>
#include <getopt.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench_cases.cuh"

static void usage(FILE *to) {
    (void)fputs(
        "usage: bench_gpu [OPTIONS]\n"
        "\n"
        "  --market FILE       30 or more assets for the reference task (examples/market.csv)\n"
        "  --only NAME         measure this only (repeatable); NAMEs below\n"
        "  --quick             5 runs of each instead of 20, smaller checks\n"
        "  --program FILE      the program to start (maxsharpe beside this one)\n"
        "  -o FILE             JSON report\n"
        "  --results FOLDER    JSON report, named after the day and the device\n"
        "  --commit TEXT       of the source, for the report\n"
        "  --driver TEXT       version of the driver, for the report\n"
        "  --record FILE       measure nothing: add the checks to this report\n"
        "  --check NAME=WORD   a check made elsewhere: pass, fail or skip (repeatable)\n"
        "\n"
        "Exit status: 0 measured and right, 1 something failed, 2 usage, 77 no GPU.\n"
        "\n"
        "NAMEs:",
        to);
    for (int i = 0; i < CASE_COUNT; ++i) {
        (void)fprintf(to, " %s", CASES[i].name);
    }
    (void)fputs("\n(an exercise checks only, and runs only when it is named)\n", to);
}

/* In a process of its own, because this one must not have begun CUDA when it forks. */
static int has_device(void) {
    (void)fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        int count = 0;
        const cudaError_t error = cudaGetDeviceCount(&count);
        if (error != cudaSuccess || count == 0) {
            (void)fprintf(stderr, "bench_gpu: no GPU: %s\n", cudaGetErrorString(error));
        }
        _exit(error == cudaSuccess && count > 0 ? 0 : 1);
    }
    int status = 1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return pid > 0 && status == 0;
}

static void describe_device(bench_setup *setup, char *slug, size_t slug_size) {
    cudaDeviceProp properties;
    int sm_clock = 0;
    int memory_clock = 0;
    int driver = 0;
    memset(&properties, 0, sizeof properties);
    (void)cudaGetDeviceProperties(&properties, 0);
    (void)cudaDeviceGetAttribute(&sm_clock, cudaDevAttrClockRate, 0);
    (void)cudaDeviceGetAttribute(&memory_clock, cudaDevAttrMemoryClockRate, 0);
    (void)cudaDriverGetVersion(&driver);
    char text[96];
    (void)snprintf(text, sizeof text, "%d.%d", properties.major, properties.minor);
    (void)json_object_set_new(
        setup->report, "device",
        json_pack("{s:s, s:s, s:i, s:I, s:{s:f, s:f, s:f}}", "name", properties.name, "capability", text, "sm_count",
                  properties.multiProcessorCount, "memory", (json_int_t)properties.totalGlobalMem, "clocks_mhz",
                  "sm_max", 1e-3 * sm_clock, "memory_max", 1e-3 * memory_clock, "sm_under_load", setup->clock));
    (void)snprintf(text, sizeof text, "%s%sCUDA %d.%d", setup->driver, setup->driver[0] != '\0' ? ", " : "",
                   driver / 1000, driver % 1000 / 10);
    (void)json_object_set_new(setup->report, "driver", json_string(text));
    (void)snprintf(text, sizeof text, "%d.%d", CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
    (void)json_object_set_new(setup->report, "runtime", json_string(text));
    (void)snprintf(text, sizeof text, "nvcc %d.%d.%d, host compiler %s", __CUDACC_VER_MAJOR__, __CUDACC_VER_MINOR__,
                   __CUDACC_VER_BUILD__, __VERSION__);
    (void)json_object_set_new(setup->report, "compiler", json_string(text));
    (void)json_object_set_new(setup->report, "commit", json_string(setup->commit));
    (void)json_object_set_new(setup->report, "quick", json_boolean(setup->is_quick));
    size_t length = 0;
    for (const char *c = properties.name; *c != '\0' && length + 1 < slug_size; ++c) {
        const int is_word = (*c >= '0' && *c <= '9') || ((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z');
        slug[length++] = is_word ? (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c) : '-';
    }
    slug[length] = '\0';
}

/* Adds the checks that the caller names to the report. */
static void add_checks(bench_setup *setup) {
    for (int i = 0; i < setup->check_count; ++i) {
        char name[128];
        const char *equals = strchr(setup->checks[i], '=');
        (void)snprintf(name, sizeof name, "%.*s", (int)(equals - setup->checks[i]), setup->checks[i]);
        bench_report_check(setup->report, name, equals + 1);
    }
}

static int record_checks(bench_setup *setup) {
    json_error_t error;
    setup->report = json_load_file(setup->record, 0, &error);
    if (setup->report == NULL || !json_is_object(json_object_get(setup->report, "checks"))) {
        (void)fprintf(stderr, "bench_gpu: %s is no report: %s\n", setup->record, error.text);
        return 1;
    }
    add_checks(setup);
    bench_report_print(setup->report);
    return bench_report_write(setup->report, setup->record) == 0 && bench_report_is_clean(setup->report) ? 0 : 1;
}

static int run_benchmark(bench_setup *setup) {
    char date[32];
    const time_t now = time(NULL);
    struct tm utc;
    (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    mxs_error error;
    setup->report = bench_report_create(date);
    if (setup->report == NULL || mxs_market_read(setup->market_file, NULL, &setup->market, &error) != MXS_OK) {
        (void)fprintf(stderr, "bench_gpu: %s\n", setup->report == NULL ? "not enough memory" : error.message);
        return 1;
    }
    run_cases(setup);
    char slug[64];
    describe_device(setup, slug, sizeof slug);
    add_checks(setup);
    bench_report_print(setup->report);
    char path[4096];
    (void)snprintf(path, sizeof path, "%s", setup->out != NULL ? setup->out : "");
    if (setup->out == NULL && setup->results != NULL) {
        (void)snprintf(path, sizeof path, "%s/%.10s-%s.json", setup->results, date, slug);
    }
    int failed = !bench_report_is_clean(setup->report);
    if (path[0] != '\0') {
        failed |= bench_report_write(setup->report, path) != 0;
        (void)printf("report %s\n", path);
    }
    return failed;
}

static int choose(bench_setup *setup, const char *name) {
    for (int i = 0; i < CASE_COUNT; ++i) {
        if (strcmp(CASES[i].name, name) == 0) {
            setup->is_chosen[i] = 1;
            return 0;
        }
    }
    (void)fprintf(stderr, "bench_gpu: there is nothing named '%s' to measure; see --help\n", name);
    return -1;
}

/* The program that was built with this one, wherever the two were moved. */
static const char *program_beside(void) {
    static const char name[] = "maxsharpe";
    static char path[4096];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof name);
    path[length < 0 ? 0 : length] = '\0';
    char *slash = strrchr(path, '/');
    (void)strcpy(slash == NULL ? path : slash + 1, name);
    return path;
}

/* Returns 0; -1: usage; 1: help was wanted. */
static int read_options(int argc, char **argv, bench_setup *setup) {
    static const option options[] = {
        {"market", required_argument, NULL, 'm'},
        {"only", required_argument, NULL, '1'},
        {"quick", no_argument, NULL, 'q'},
        {"program", required_argument, NULL, 'p'},
        {"results", required_argument, NULL, 'r'},
        {"commit", required_argument, NULL, 'c'},
        {"driver", required_argument, NULL, 'd'},
        {"record", required_argument, NULL, 'a'},
        {"check", required_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int chosen = 0;
    for (int id; (id = getopt_long(argc, argv, "o:h", options, NULL)) != -1;) {
        switch (id) {
        case 'm':
            setup->market_file = optarg;
            break;
        case '1':
            chosen = 1;
            if (choose(setup, optarg) != 0) {
                return -1;
            }
            break;
        case 'q':
            setup->is_quick = 1;
            setup->runs = 5;
            break;
        case 'p':
            setup->program = optarg;
            break;
        case 'r':
            setup->results = optarg;
            break;
        case 'c':
            setup->commit = optarg;
            break;
        case 'd':
            setup->driver = optarg;
            break;
        case 'a':
            setup->record = optarg;
            break;
        case 'o':
            setup->out = optarg;
            break;
        case 'k':
            if (setup->check_count == MAX_CHECKS || strchr(optarg, '=') == NULL) {
                return -1;
            }
            setup->checks[setup->check_count++] = optarg;
            break;
        case 'h':
            return 1;
        default:
            return -1;
        }
    }
    for (int i = 0; i < CASE_COUNT && !chosen; ++i) {
        setup->is_chosen[i] = CASES[i].kind != BENCH_EXERCISE;
    }
    return optind == argc ? 0 : -1;
}

int main(int argc, char **argv) {
    static bench_setup setup; /* too large for a stack that must also hold a CUDA call */
    setup.market_file = "examples/market.csv";
    setup.program = program_beside();
    setup.commit = "";
    setup.driver = "";
    setup.runs = 20;
    const int asked = read_options(argc, argv, &setup);
    if (asked != 0) {
        usage(asked > 0 ? stdout : stderr);
        return asked > 0 ? 0 : 2;
    }
    int status = 77;
    if (setup.record != NULL) {
        status = record_checks(&setup);
    } else if (has_device()) {
        status = run_benchmark(&setup);
    }
    json_decref(setup.report);
    mxs_market_destroy(setup.market);
    return status;
}
