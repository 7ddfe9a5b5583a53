/* The program and the GPUs: of this machine, whatever it has; four made-up ones, whose kernels run on the CPU, of which
 * GPU 0 works, 1 is too old, 2 has no memory and 3 breaks down in mid-run; and a plug-in that hangs. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "run_program.h"

#define SEARCH "search " MXS_EXAMPLE_MARKET " -k 29 -w 0.2 -n 40 --format json "

/* ---- the machine's own ---- */

static json_t *describe_devices(void) {
    program_run run = run_program("devices --format json");
    assert_int_equal(run.status, 0);
    json_t *const devices = json_loads(run.out, 0, NULL);
    assert_non_null(devices);
    program_run_free(&run);
    return devices;
}

static void the_machine_has_a_usable_gpu_or_a_reason_that_the_text_prints(void **state) {
    (void)state;
    json_t *const devices = describe_devices();
    const char *const reason = json_text_at(devices, "cuda_reason");
    size_t usable = 0;
    size_t i = 0;
    const json_t *gpu = NULL;
    json_array_foreach(json_at(devices, "gpus"), i, gpu) {
        usable += json_is_true(json_at(gpu, "usable"));
    }
    assert_int_equal(usable == 0, reason[0] != '\0');
    program_run run = run_program("devices");
    assert_int_equal(run.status, 0);
    assert_int_equal(strstr(run.out, "no GPU can be used: ") != NULL, usable == 0);
    assert_int_equal(strstr(run.out, "GPU 0: ") != NULL, i > 0);
    assert_non_null(strstr(run.out, reason));
    program_run_free(&run);
    json_decref(devices);
}

static void assert_runs_or_fails_with(const char *words, const char *reason) {
    program_run run = run_program(words);
    if (reason[0] == '\0') {
        assert_int_equal(run.status, 0);
    } else {
        char says[512];
        (void)snprintf(says, sizeof says, "maxsharpe: no GPU can be used: %s\n", reason);
        assert_failed(&run, 1, says);
    }
    program_run_free(&run);
}

static void backend_cuda_runs_where_a_gpu_can_be_used_and_elsewhere_exits_with_1_and_the_reason(void **state) {
    (void)state;
    json_t *const devices = describe_devices();
    assert_runs_or_fails_with(SEARCH "--backend cuda", json_text_at(devices, "cuda_reason"));
    json_decref(devices);
}

static void the_staged_evaluator_runs_where_a_gpu_can_be_used_and_elsewhere_exits_with_1_and_the_reason(void **state) {
    (void)state;
    json_t *const devices = describe_devices();
    assert_runs_or_fails_with(SEARCH "--evaluator staged", json_text_at(devices, "cuda_reason"));
    json_decref(devices);
}

/* ---- made-up ones ---- */

typedef struct made_up_machine {
    char folder[64]; /* the library, with the plug-in of the made-up GPUs beside it */
} made_up_machine;

static void link_into(const char *folder, const char *name, const char *target) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(symlink(target, path), 0);
}

/* Leaves *state NULL where the plug-in is not built. */
static int begin(void **state) {
    char plugin[512];
    char library[512];
    const char program[] = MXS_PROGRAM;
    const int length = (int)(strrchr(program, '/') - program);
    (void)snprintf(plugin, sizeof plugin, "%.*s/tests/emulated/libmaxsharpe-cuda.so", length, program);
    (void)snprintf(library, sizeof library, "%.*s/" MXS_LIBRARY_SONAME, length, program);
    *state = NULL;
    if (access(plugin, R_OK) != 0) {
        return 0;
    }
    made_up_machine *const machine = calloc(1, sizeof *machine);
    assert_non_null(machine);
    make_folder(machine->folder);
    link_into(machine->folder, "libmaxsharpe-cuda.so", plugin);
    link_into(machine->folder, MXS_LIBRARY_SONAME, library);
    *state = machine;
    return 0;
}

static int end(void **state) {
    made_up_machine *const machine = *state;
    if (machine != NULL) {
        remove_folder(machine->folder);
        free(machine);
    }
    return 0;
}

static program_run run_on_made_up_gpus(void **state, const char *words) {
    const made_up_machine *const machine = *state;
    if (machine == NULL) {
        print_message("skipped: the plug-in whose kernels run on the CPU is not built\n");
        skip();
    }
    const program_setup setup = {.libraries = machine->folder};
    return run_program_with(&setup, words);
}

static void devices_lists_every_gpu_and_why_it_cannot_be_used(void **state) {
    program_run run = run_on_made_up_gpus(state, "devices");
    assert_int_equal(run.status, 0);
    const char *const list = strstr(run.out, "CUDA ");
    assert_non_null(list);
    for (int i = 0; i < 4; ++i) {
        char says[64];
        (void)snprintf(says, sizeof says, "GPU %d: kernels on the CPU, compute capability %s", i,
                       i == 1 ? "5.2" : "9.0");
        if (strstr(list, says) == NULL) {
            fail_msg("the list does not say '%s':\n%s", says, list);
        }
    }
    const char *const why = strstr(list, "cannot be used: ");
    assert_non_null(why);
    assert_non_null(strstr(why, "5.2 is below 7.5\n            GPU 2"));
    assert_null(strstr(why + 1, "cannot be used"));
    assert_null(strstr(list, "no GPU can be used"));
    program_run_free(&run);
}

static void devices_as_json_has_every_gpu_with_its_number(void **state) {
    program_run run = run_on_made_up_gpus(state, "devices --format json");
    assert_int_equal(run.status, 0);
    json_t *const devices = json_loads(run.out, 0, NULL);
    const json_t *const gpus = json_at(devices, "gpus");
    assert_int_equal(json_array_size(gpus), 4);
    assert_string_equal(json_text_at(devices, "cuda_reason"), "");
    for (size_t i = 0; i < 4; ++i) {
        const json_t *const gpu = json_array_get(gpus, i);
        assert_int_equal(json_integer_at(gpu, "number"), i);
        assert_string_equal(json_text_at(gpu, "name"), "kernels on the CPU");
        assert_string_equal(json_text_at(gpu, "compute_capability"), i == 1 ? "5.2" : "9.0");
        assert_int_equal(json_is_true(json_at(gpu, "usable")), i != 1);
        assert_int_equal(json_text_at(gpu, "reason")[0] == '\0', i != 1);
        const json_t *const memory = json_at(gpu, "memory_bytes"); /* null where it is not known */
        if (json_is_null(memory)) {
            assert_true(json_is_null(json_at(gpu, "memory_gib")));
        } else {
            assert_true(json_number_at(gpu, "memory_gib") == (double)json_integer_value(memory) / 1073741824.0);
        }
    }
    json_decref(devices);
    program_run_free(&run);
}

static void a_search_on_the_gpu_that_devices_names_has_the_answer_of_the_cpu(void **state) {
    program_run run = run_on_made_up_gpus(state, SEARCH "--backend cuda --devices 0");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.err, "");
    json_t *const root = json_loads(run.out, 0, NULL);
    json_t *const expected = search_as_json("-k 29 -w 0.2 -n 40");
    assert_string_equal(json_text_at(root, "run.backend"), "cuda");
    assert_int_equal(json_integer_at(root, "run.workers"), 1);
    assert_string_equal(json_text_at(expected, "run.backend"), "cpu");
    assert_true(json_equal(json_at(root, "best"), json_at(expected, "best")));
    json_decref(expected);
    json_decref(root);
    program_run_free(&run);
}

static void the_last_devices_counts(void **state) {
    program_run run = run_on_made_up_gpus(state, SEARCH "--backend cuda --devices 1,2,3 --devices 0");
    assert_int_equal(run.status, 0);
    program_run_free(&run);
    run = run_on_made_up_gpus(state, SEARCH "--backend cuda --devices 0 --devices 1");
    assert_failed(&run, 1, "GPU 1");
    program_run_free(&run);
}

static void a_gpu_that_cannot_be_used_exits_with_1_and_its_number_and_reason(void **state) {
    static const struct {
        const char *words;
        const char *says;
    } cases[] = {
        {SEARCH "--backend cuda --devices 1", "GPU 1, kernels on the CPU: compute capability 5.2 is below 7.5"},
        {SEARCH "--backend cuda --devices 0,1", "GPU 1, kernels on the CPU: compute capability 5.2 is below 7.5"},
        {SEARCH "--backend cuda --devices 99", "there is no GPU 99; there are 4, counted from 0"},
        {SEARCH "--backend cuda --devices 2", "out of memory"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        program_run run = run_on_made_up_gpus(state, cases[i].words);
        assert_failed(&run, 1, cases[i].says);
        program_run_free(&run);
    }
}

/* How fast they are is nobody's business: that there are figures of both, and one answer. */
static void bench_times_the_gpu_beside_the_cpu_and_holds_it_to_the_same_answer(void **state) {
    program_run run = run_on_made_up_gpus(state,
                                          "bench -k 5 -n 100 --backend cuda --quick --seconds 1 --part ladder,sizes "
                                          "--format json");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.err, "");
    json_t *const root = json_loads(run.out, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_integer_at(root, "problem.gpu"), 0);
    assert_true(json_number_at(root, "peaks.gpu.sgemm.median") > 0);
    size_t of_the_gpu = 0;
    size_t i = 0;
    const json_t *rung = NULL;
    json_array_foreach(json_at(root, "ladder.rungs"), i, rung) {
        if (strcmp(json_text_at(rung, "backend"), "cuda") == 0) {
            assert_true(json_number_at(rung, "simulations_per_second.median") > 0);
            assert_string_equal(json_text_at(rung, "check"), "same");
            ++of_the_gpu;
        }
    }
    assert_int_equal(of_the_gpu, 3);
    const json_t *const series = json_array_get(json_at(root, "sizes.series"), 0);
    const json_t *const first = json_array_get(json_at(series, "rows"), 0);
    assert_true(json_number_at(first, "cpu_seconds.median") > 0);
    assert_true(json_number_at(first, "gpu_seconds.median") > 0);
    assert_true(strlen(json_text_at(series, "crossover")) > 0);
    json_decref(root);
    program_run_free(&run);
}

/* ---- a plug-in that hangs ---- */

/* Without its Ctrl-C the search would fail after a minute, for want of a GPU. */
static void ctrl_c_ends_a_search_whose_plug_in_hangs_and_leaves_no_process(void **state) {
    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    const program_setup setup = {.libraries = MXS_HANGING_PLUGIN, .signal = SIGINT, .signal_after = "hangs"};
    program_run run = run_program_with(&setup, SEARCH "--backend cuda");
    assert_failed(&run, 130, "interrupted");
    program_run_free(&run);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

#define ON_MADE_UP_GPUS(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_machine_has_a_usable_gpu_or_a_reason_that_the_text_prints),
        cmocka_unit_test(backend_cuda_runs_where_a_gpu_can_be_used_and_elsewhere_exits_with_1_and_the_reason),
        cmocka_unit_test(the_staged_evaluator_runs_where_a_gpu_can_be_used_and_elsewhere_exits_with_1_and_the_reason),
        cmocka_unit_test(ctrl_c_ends_a_search_whose_plug_in_hangs_and_leaves_no_process),
        ON_MADE_UP_GPUS(devices_lists_every_gpu_and_why_it_cannot_be_used),
        ON_MADE_UP_GPUS(devices_as_json_has_every_gpu_with_its_number),
        ON_MADE_UP_GPUS(a_search_on_the_gpu_that_devices_names_has_the_answer_of_the_cpu),
        ON_MADE_UP_GPUS(the_last_devices_counts),
        ON_MADE_UP_GPUS(bench_times_the_gpu_beside_the_cpu_and_holds_it_to_the_same_answer),
        ON_MADE_UP_GPUS(a_gpu_that_cannot_be_used_exits_with_1_and_its_number_and_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
