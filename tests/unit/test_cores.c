/* Cores that there are and cores that we may use. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engines/cpu/lanes/lanes.h"
#include "maxsharpe/devices.h"
#include "process/cores.h"

static void there_is_a_core_for_us_and_no_more_than_are_online(void **state) {
    (void)state;
    assert_true(mxsi_cores_online() >= 1);
    assert_true(mxsi_cores_available() >= 1);
    assert_true(mxsi_cores_available() <= mxsi_cores_online());
    print_message("%u of %u\n", mxsi_cores_available(), mxsi_cores_online());
}

/* The answer of mxsi_cores_available in a child that may use only the first `wanted` of our cores. */
static unsigned available_with(unsigned wanted) {
    const pid_t pid = fork();
    if (pid == 0) {
        cpu_set_t ours;
        cpu_set_t few;
        CPU_ZERO(&few);
        if (sched_getaffinity(0, sizeof ours, &ours) != 0) {
            _exit(0);
        }
        for (size_t core = 0; core < CPU_SETSIZE && (unsigned)CPU_COUNT(&few) < wanted; ++core) {
            if (CPU_ISSET(core, &ours)) {
                CPU_SET(core, &few);
            }
        }
        _exit(sched_setaffinity(0, sizeof few, &few) == 0 ? (int)mxsi_cores_available() : 0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return (unsigned)WEXITSTATUS(status);
}

static void a_process_bound_to_fewer_cores_has_no_more(void **state) {
    (void)state;
    const unsigned before = mxsi_cores_available();
    assert_int_equal(available_with(1), 1);
    if (before >= 2) {
        assert_int_equal(available_with(2), 2);
    } else {
        print_message("one core only: two were not tried\n");
    }
    assert_int_equal(mxsi_cores_available(), before); /* a child's affinity is its own */
}

static mxs_devices *require_devices(void) {
    mxs_devices *devices = NULL;
    mxs_error error = {.message = ""};
    if (mxs_devices_survey(&devices, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    assert_non_null(devices);
    return devices;
}

static void assert_one_line(const char *text) {
    assert_non_null(text);
    assert_null(strchr(text, '\n'));
}

static void devices_tell_cores_kernel_and_what_openblas_says(void **state) {
    (void)state;
    mxs_devices *devices = require_devices();
    const mxs_devices_info *info = mxs_devices_describe(devices);
    assert_int_equal(info->cores_available, mxsi_cores_available());
    assert_int_equal(info->cores_online, mxsi_cores_online());
    assert_string_equal(info->cpu_kernel, mxsi_lanes_best()->name);
    print_message("%s | %s | %s | %s\n", info->cpu_kernel, info->openblas_config, info->openblas_core,
                  info->cuda_reason);
    assert_non_null(strstr(info->openblas_config, "OpenBLAS"));
    assert_true(info->openblas_core[0] != '\0');
    assert_one_line(info->openblas_config);
    assert_one_line(info->openblas_core);
    assert_one_line(info->openblas_core_reason);
    assert_one_line(info->cuda_reason);
    assert_int_equal(info->gpu_count == 0, mxs_devices_gpu(devices, 0) == NULL);
    assert_null(mxs_devices_gpu(devices, info->gpu_count));
    mxs_devices_destroy(devices);
}

static void one_survey_destroyed_leaves_another_as_it_was(void **state) {
    (void)state;
    mxs_devices *first = require_devices();
    mxs_devices *second = require_devices();
    const mxs_devices_info *info = mxs_devices_describe(second);
    char config[256];
    (void)snprintf(config, sizeof config, "%s", info->openblas_config);
    assert_string_equal(mxs_devices_describe(first)->openblas_config, config);
    mxs_devices_destroy(first);
    mxs_devices_destroy(NULL);
    assert_string_equal(info->openblas_config, config);
    assert_int_equal(info->cores_available, mxsi_cores_available());
    mxs_devices_destroy(second);
}

static long count_threads(void) {
    FILE *status = fopen("/proc/self/status", "re");
    long threads = 0;
    char line[256];
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "Threads:", 8) == 0) {
            threads = strtol(line + 8, NULL, 10);
        }
    }
    if (status != NULL) {
        (void)fclose(status);
    }
    return threads;
}

/* OpenBLAS starts a thread for each core in the process that loads it: that must not be ours, which forks. */
static void asking_for_devices_leaves_no_thread_and_no_child(void **state) {
    (void)state;
    const long threads = count_threads();
    mxs_devices_destroy(require_devices());
    assert_int_equal(count_threads(), threads);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_a_core_for_us_and_no_more_than_are_online),
        cmocka_unit_test(a_process_bound_to_fewer_cores_has_no_more),
        cmocka_unit_test(devices_tell_cores_kernel_and_what_openblas_says),
        cmocka_unit_test(one_survey_destroyed_leaves_another_as_it_was),
        cmocka_unit_test(asking_for_devices_leaves_no_thread_and_no_child),
    };
    return cmocka_run_group_tests_name("cores and devices", tests, NULL, NULL);
}
