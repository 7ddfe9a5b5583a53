/* The peaks of the CPU, measured by processes that do what workers do, each with a core and an OpenBLAS of its own:
 * matrix products for half of the time, copies for the other half, all of them at the same moment, because cores share
 * power, caches and memory. */
#include "engines/cpu/cpu_peak.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "base/arena.h"
#include "base/errors.h"
#include "base/monotonic_clock.h"
#include "engines/cpu/openblas_library.h"
#include "maxsharpe/benchmark.h"
#include "process/child_process.h"
#include "process/cores.h"
#include "process/process_threads.h"

/* Square matrices large enough for OpenBLAS's best rate, arrays to copy that no core's share of a cache holds. */
enum { SIDE = 1024, COPY_BYTES = 64 << 20, MAX_SAMPLES = 4096 };

static const double LONGEST_SECONDS = 3600.0;
/* What a process may take to get ready, and beyond its time to end. One that takes longer hangs. */
static const uint64_t PATIENCE_NS = 30 * UINT64_C(1000000000);
static const uint64_t LOOK_NS = 1000000;

enum stage { STAGE_BEGUN, STAGE_READY, STAGE_DONE, STAGE_FAILED };

/* What one process leaves. */
struct seat {
    _Alignas(64) _Atomic uint32_t stage; /* enum stage */
    pid_t pid;                           /* the parent's; 0: no process */
    mxs_status status;                   /* this and the reason where it failed */
    char reason[256];
    struct mxs_peak peak;
};

/* In memory shared with the processes. */
struct gathering {
    _Atomic uint64_t start_ns; /* CLOCK_MONOTONIC, when all begin; 0: not known yet */
    uint64_t half_ns;          /* for the products, and as much for the copies */
    unsigned processes;
    struct seat seats[];
};

/* One process's own. */
struct bench {
    struct mxsi_openblas openblas;
    float *left; /* [SIDE][SIDE] */
    float *right;
    float *product;
    char *from; /* [COPY_BYTES] */
    char *to;
    double *samples; /* [MAX_SAMPLES] */
};

static void sleep_until(uint64_t when_ns) {
    const struct timespec when = {(time_t)(when_ns / 1000000000u), (long)(when_ns % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) != 0) {
    }
}

static void multiply(const struct bench *bench) {
    bench->openblas.sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, SIDE, SIDE, SIDE, 1.0f, bench->left, SIDE,
                          bench->right, SIDE, 0.0f, bench->product, SIDE);
}

static void copy(const struct bench *bench) {
    memcpy(bench->to, bench->from, COPY_BYTES);
}

static int compare_samples(const void *left, const void *right) {
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Does something again and again until a time, at least once. Returns how many times a second, by the median. */
static double rate_of(const struct bench *bench, void (*act)(const struct bench *bench), uint64_t until_ns) {
    size_t count = 0;
    uint64_t now = mxsi_now_ns();
    do {
        const uint64_t before = now;
        act(bench);
        now = mxsi_now_ns();
        bench->samples[count++] = 1e9 / (double)(now - before);
    } while (now < until_ns && count < MAX_SAMPLES);
    qsort(bench->samples, count, sizeof *bench->samples, compare_samples);
    return bench->samples[count / 2];
}

static uintptr_t lay_out(struct bench *bench, uintptr_t at) {
    const size_t matrix = (size_t)SIDE * SIDE * sizeof(float);
    bench->left = mxsi_take_cache_lines(&at, matrix);
    bench->right = mxsi_take_cache_lines(&at, matrix);
    bench->product = mxsi_take_cache_lines(&at, matrix);
    bench->from = mxsi_take_cache_lines(&at, COPY_BYTES);
    bench->to = mxsi_take_cache_lines(&at, COPY_BYTES);
    bench->samples = mxsi_take_cache_lines(&at, MAX_SAMPLES * sizeof *bench->samples);
    return at;
}

/* Everything up to the first product and copy, which are slower than the others. */
static mxs_status get_ready(struct bench *bench, char *reason, size_t reason_size) {
    const size_t size = lay_out(bench, 0);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        (void)snprintf(reason, reason_size, "not enough memory to measure the CPU: a process needs %zu MB", size >> 20);
        return MXS_ERROR_MEMORY;
    }
    (void)lay_out(bench, (uintptr_t)memory);
    if (mxsi_openblas_open(&bench->openblas, reason, reason_size) != 0) {
        return MXS_ERROR_BACKEND;
    }
    for (size_t i = 0; i < (size_t)SIDE * SIDE; ++i) {
        bench->left[i] = (float)(i % 7) * 0.25f;
        bench->right[i] = (float)(i % 5) * 0.5f;
    }
    memset(bench->from, 1, COPY_BYTES);
    multiply(bench);
    copy(bench);
    return MXS_OK;
}

/* What a process does. Its pid is not its own to look at: the parent writes it after the fork. */
static void measure(struct gathering *gathering, struct seat *seat) {
    struct bench bench;
    seat->status = get_ready(&bench, seat->reason, sizeof seat->reason);
    if (seat->status != MXS_OK) {
        atomic_store(&seat->stage, STAGE_FAILED);
        return;
    }
    atomic_store(&seat->stage, STAGE_READY);
    uint64_t start = 0;
    while ((start = atomic_load(&gathering->start_ns)) == 0) {
        sleep_until(mxsi_now_ns() + LOOK_NS);
    }
    sleep_until(start);
    const double flops_of_product = 2.0 * SIDE * SIDE * SIDE;
    const double bytes_of_copy = 2.0 * COPY_BYTES;
    seat->peak.sgemm_flops = flops_of_product * rate_of(&bench, multiply, start + gathering->half_ns);
    sleep_until(start + gathering->half_ns);
    seat->peak.memory_bandwidth = bytes_of_copy * rate_of(&bench, copy, start + 2 * gathering->half_ns);
    atomic_store(&seat->stage, STAGE_DONE);
}

/* Which process it is to be. */
struct role {
    struct gathering *gathering;
    unsigned place;
};

static void be_process(const void *context) {
    const struct role *role = context;
    measure(role->gathering, &role->gathering->seats[role->place]);
}

/* How a process stands that has been seen before `stage`: MXS_OK where it gets on. */
static mxs_status heed(struct seat *seat, enum stage stage, mxs_error *error) {
    const int is_gone =
        waitpid(seat->pid, NULL, WNOHANG) != 0; /* -1: the program ignores SIGCHLD, or has collected it */
    const uint32_t reached = atomic_load(&seat->stage);
    if (is_gone) {
        seat->pid = 0;
    }
    if (reached == (uint32_t)STAGE_FAILED) {
        return mxsi_fail(error, seat->status, "%s", seat->reason);
    }
    return is_gone && reached < (uint32_t)stage
               ? mxsi_fail(error, MXS_ERROR_RUN, "a process that measured the CPU died; is memory short?")
               : MXS_OK;
}

/* Waits until all have reached a stage. */
static mxs_status wait_for(struct gathering *gathering, enum stage stage, uint64_t until_ns, mxs_error *error) {
    for (;;) {
        int all = 1;
        for (unsigned i = 0; i < gathering->processes; ++i) {
            struct seat *seat = &gathering->seats[i];
            if (atomic_load(&seat->stage) != (uint32_t)stage) {
                const mxs_status status = heed(seat, stage, error);
                if (status != MXS_OK) {
                    return status;
                }
                all = 0;
            }
        }
        if (all) {
            return MXS_OK;
        }
        if (mxsi_now_ns() > until_ns) {
            return mxsi_fail(error, MXS_ERROR_RUN, "a process that measures the CPU hangs");
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = (long)LOOK_NS}, NULL);
    }
}

static mxs_status run_processes(struct gathering *gathering, mxs_error *error) {
    for (unsigned i = 0; i < gathering->processes; ++i) {
        const struct role role = {gathering, i};
        const pid_t pid = mxsi_child_start(be_process, &role);
        if (pid < 0) {
            return mxsi_fail(error, MXS_ERROR_RUN, "cannot start a process to measure the CPU: %s", strerror(errno));
        }
        gathering->seats[i].pid = pid;
    }
    mxs_status status = wait_for(gathering, STAGE_READY, mxsi_now_ns() + PATIENCE_NS, error);
    if (status == MXS_OK) {
        const uint64_t start = mxsi_now_ns() + 2 * LOOK_NS; /* until then, all have seen it */
        atomic_store(&gathering->start_ns, start);
        status = wait_for(gathering, STAGE_DONE, start + 2 * gathering->half_ns + PATIENCE_NS, error);
    }
    return status;
}

struct asked {
    unsigned processes;
    double seconds;
};

/* *peak is filled where it succeeds. */
static mxs_status measure_here(const struct asked *asked, mxs_peak *peak, mxs_error *error) {
    const size_t size = sizeof(struct gathering) + asked->processes * sizeof(struct seat);
    struct gathering *gathering = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (gathering == MAP_FAILED) {
        return mxsi_fail_memory(error, "the processes that measure the CPU");
    }
    gathering->processes = asked->processes;
    gathering->half_ns = (uint64_t)(asked->seconds * 0.5e9);
    const mxs_status status = run_processes(gathering, error);
    for (unsigned i = 0; i < asked->processes; ++i) {
        if (gathering->seats[i].pid != 0) {
            mxsi_child_end(gathering->seats[i].pid);
        }
        peak->sgemm_flops += gathering->seats[i].peak.sgemm_flops;
        peak->memory_bandwidth += gathering->seats[i].peak.memory_bandwidth;
    }
    (void)munmap(gathering, size);
    return status;
}

struct answer {
    mxs_status status;
    mxs_peak peak;
    mxs_error error;
};

static void answer_question(const void *asked, void *shared) {
    struct answer *answer = shared;
    answer->status = measure_here(asked, &answer->peak, &answer->error);
}

const struct mxsi_question mxsi_cpu_peak_question = {"cpu peak", answer_question, sizeof(struct asked),
                                                     sizeof(struct answer)};

/* By a process that may be forked. */
static mxs_status measure_elsewhere(const struct asked *asked, mxs_peak *peak, mxs_error *error) {
    const struct mxsi_patience patience = {.limit_ns = (uint64_t)(asked->seconds * 1e9) + 3 * PATIENCE_NS};
    struct answer answer = {.status = MXS_OK};
    char why[MXSI_CHILD_REASON_SIZE];
    switch (mxsi_child_ask(&mxsi_cpu_peak_question, asked, &answer, &patience, why)) {
    case MXSI_CHILD_ANSWERED:
        *peak = answer.peak;
        return answer.status == MXS_OK ? MXS_OK : mxsi_fail(error, answer.status, "%s", answer.error.message);
    case MXSI_CHILD_NO_MEMORY:
        return mxsi_fail_memory(error, "the processes that measure the CPU");
    default:
        return mxsi_fail(error, MXS_ERROR_RUN, "the CPU cannot be measured: %s", why);
    }
}

mxs_status mxs_peak_measure_cpu(unsigned processes, double seconds, mxs_peak *peak, size_t peak_size,
                                mxs_error *error) {
    if (!(seconds > 0.0 && seconds <= LONGEST_SECONDS)) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "%.12g seconds to measure the CPU: must be above 0 and at most %g",
                         seconds, LONGEST_SECONDS);
    }
    const struct asked asked = {processes == 0 ? mxsi_cores_available() : processes, seconds};
    mxs_peak sum = {0};
    const mxs_status status =
        mxsi_process_has_threads() ? measure_elsewhere(&asked, &sum, error) : measure_here(&asked, &sum, error);
    if (status == MXS_OK) {
        memcpy(peak, &sum, peak_size < sizeof sum ? peak_size : sizeof sum);
    }
    return status;
}
