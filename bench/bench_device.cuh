/* Measuring on a device: whole searches sent through an engine as a worker sends them, and the plain kernels that they
 * are held against. Functions that can fail return 0, or -1 and one line in reason[MXSI_GPU_REASON_SIZE]. */
#ifndef MAXSHARPE_BENCH_DEVICE_CUH
#define MAXSHARPE_BENCH_DEVICE_CUH

#include "device_runtime_cuda.cuh" /* before what is written against it */

#include "device_peak.cuh"
#include "engine.cuh"

#include "bench_problem.h"
#include "bench_report.h"

enum { BENCH_WARM_UP = 3 };

/* An engine with the problem that it screens, and clocks beside its queues. */
struct bench_run {
    bench_problem *problem;
    mxsi_gpu_engine *engine;
    cudaEvent_t begin;
    cudaEvent_t end[MXSI_GPU_QUEUES];
    char reason[MXSI_GPU_REASON_SIZE];
};

static void bench_close(bench_run *run) {
    if (run->begin != NULL) {
        (void)cudaEventDestroy(run->begin);
    }
    for (int queue = 0; queue < MXSI_GPU_QUEUES; ++queue) {
        if (run->end[queue] != NULL) {
            (void)cudaEventDestroy(run->end[queue]);
        }
    }
    mxsi_engine_destroy(run->engine);
    run->begin = NULL;
    run->end[0] = run->end[1] = NULL;
    run->engine = NULL;
}

static int bench_open(bench_run *run, bench_problem *problem, mxsi_gpu_pipeline pipeline) {
    memset(run, 0, sizeof *run);
    run->problem = problem;
    mxsi_gpu_setup setup;
    memset(&setup, 0, sizeof setup);
    const mxsi_task task = bench_problem_task(problem);
    setup.problem = task.problem;
    setup.sampling = task.sampling;
    setup.screening = task.screening;
    setup.image = bench_problem_image(problem, &setup.image_size);
    setup.pipeline = pipeline;
    int failed = mxsi_engine_create(&setup, &run->engine, run->reason) != 0 ||
                 MXSI_CUDA(cudaEventCreate(&run->begin), run->reason) != 0;
    for (int queue = 0; queue < MXSI_GPU_QUEUES && !failed; ++queue) {
        failed = MXSI_CUDA(cudaEventCreate(&run->end[queue]), run->reason);
    }
    return failed ? -1 : 0;
}

static uint64_t bench_units(const bench_problem *problem) {
    const mxsi_sampling *sampling = bench_problem_task(problem).sampling;
    return (sampling->end_portfolio - sampling->first_portfolio) * sampling->tiles_per_portfolio;
}

static double bench_simulations(const bench_problem *problem) {
    const mxsi_sampling *sampling = bench_problem_task(problem).sampling;
    return (double)(sampling->end_portfolio - sampling->first_portfolio) * (double)sampling->simulations;
}

/* Decides what a batch brought, as a worker does. */
static int bench_collect(bench_run *run, int queue, bench_winner *winner) {
    mxsi_gpu_outcome outcome;
    if (mxsi_engine_collect(run->engine, queue, &outcome, run->reason) != 0) {
        return -1;
    }
    if (outcome.found > outcome.stored) {
        (void)snprintf(run->reason, sizeof run->reason, "%u candidates, room for %u", outcome.found, outcome.stored);
        return -1;
    }
    for (uint32_t i = 0; i < outcome.stored; ++i) {
        const mxsi_gpu_candidate *candidate = &outcome.candidates[i];
        if (candidate->upper >= bench_bar(run->problem, winner) &&
            bench_decide(run->problem, candidate->unit, candidate->attempt, winner) != 0) {
            (void)snprintf(run->reason, sizeof run->reason, "unit %llu, attempt %u is no simulation",
                           (unsigned long long)candidate->unit, candidate->attempt);
            return -1;
        }
    }
    return 0;
}

static int bench_submit(bench_run *run, int queue, uint64_t first, uint64_t units, const bench_winner *winner) {
    const uint32_t most = mxsi_engine_max_units(run->engine);
    mxsi_gpu_batch batch;
    memset(&batch, 0, sizeof batch);
    batch.first_unit = first;
    batch.units = units < most ? (uint32_t)units : most;
    batch.bar = bench_bar(run->problem, winner);
    batch.only_best = 1;
    return mxsi_engine_submit(run->engine, queue, &batch, run->reason) != 0 ||
                   MXSI_CUDA(cudaEventRecord(run->end[queue], run->engine->device->streams[queue]), run->reason) != 0
               ? -1
               : 0;
}

/* The first `units` units, in batches as large as memory allows, on all queues. *winner comes with what is known before
 * and leaves with the answer; *seconds: from the first kernel's turn to the last one's end, by the device's clock. */
static int bench_search(bench_run *run, uint64_t units, bench_winner *winner, double *seconds) {
    int is_busy[MXSI_GPU_QUEUES] = {0};
    int was_used[MXSI_GPU_QUEUES] = {0};
    const uint64_t most = mxsi_engine_max_units(run->engine);
    if (MXSI_CUDA(cudaEventRecord(run->begin, run->engine->device->streams[0]), run->reason) != 0) {
        return -1;
    }
    int queue = 0;
    for (uint64_t next = 0; next < units || is_busy[0] || is_busy[1]; queue = (queue + 1) % MXSI_GPU_QUEUES) {
        if (is_busy[queue] && bench_collect(run, queue, winner) != 0) {
            return -1;
        }
        is_busy[queue] = 0;
        if (next < units) {
            if (bench_submit(run, queue, next, units - next, winner) != 0) {
                return -1;
            }
            next += units - next < most ? units - next : most;
            is_busy[queue] = was_used[queue] = 1;
        }
    }
    *seconds = 0.0;
    for (int i = 0; i < MXSI_GPU_QUEUES; ++i) {
        float milliseconds = 0.0f;
        if (was_used[i] && MXSI_CUDA(cudaEventElapsedTime(&milliseconds, run->begin, run->end[i]), run->reason) != 0) {
            return -1;
        }
        *seconds = *seconds > 1e-3 * (double)milliseconds ? *seconds : 1e-3 * (double)milliseconds;
    }
    return 0;
}

/* Repeats a search of the whole problem with the bar of a search that is under way: the best of the first hundredth of
 * its units is known. Fails where two repetitions disagree. */
static int bench_time_search(bench_run *run, int runs, bench_sample *sample, bench_winner *winner) {
    const uint64_t units = bench_units(run->problem);
    bench_winner known;
    memset(&known, 0, sizeof known);
    double seconds = 0.0;
    if (bench_search(run, (units + 99) / 100, &known, &seconds) != 0) {
        return -1;
    }
    sample->runs = 0;
    for (int i = -BENCH_WARM_UP; i < runs; ++i) {
        bench_winner found = known;
        if (bench_search(run, units, &found, &seconds) != 0) {
            return -1;
        }
        if (i > -BENCH_WARM_UP && !bench_same_winner(&found, winner)) {
            (void)snprintf(run->reason, sizeof run->reason, "two runs of the same search disagree");
            return -1;
        }
        *winner = found;
        if (i >= 0) {
            sample->values[sample->runs++] = seconds;
        }
    }
    return 0;
}

/* Times what launch() puts into the stream, each time anew after a warm-up. */
template <class Launch>
static int bench_time_launches(bench_run *run, int runs, bench_sample *sample, Launch launch) {
    mxsi_device *device = run->engine->device;
    sample->runs = 0;
    for (int i = -BENCH_WARM_UP; i < runs; ++i) {
        double seconds = 0.0;
        if (mxsi_peak_time(device, &seconds, run->reason, [&] { return launch(device->streams[0]); }) != 0) {
            return -1;
        }
        if (i >= 0) {
            sample->values[sample->runs++] = seconds;
        }
    }
    return 0;
}

/* Bytes a second, read and written counted, of a plain copy far larger than the caches: into the sample. */
static int bench_time_copy(bench_run *run, int runs, bench_sample *sample) {
    mxsi_device *device = run->engine->device;
    const size_t most = (size_t)1 << 30;
    const size_t third = mxsi_device_free_memory(device) / 3;
    mxsi_peak_copy copy;
    const int failed = mxsi_peak_copy_begin(device, third < most ? third : most, &copy, run->reason) != 0 ||
                       bench_time_launches(run, runs, sample, [&](cudaStream_t) {
                           return mxsi_peak_copy_launch(device, &copy, run->reason);
                       }) != 0;
    mxsi_peak_copy_end(device, &copy);
    for (int i = 0; i < sample->runs && !failed; ++i) {
        sample->values[i] = mxsi_peak_copy_bytes(&copy) / sample->values[i];
    }
    return failed ? -1 : 0;
}

/* Busy for a while: [0] cycles, [1] nanoseconds that went by. One thread of each block; the block 0 reports. */
static __global__ void bench_clock_kernel(unsigned long long *seen, float *sink, unsigned long long nanoseconds) {
    unsigned long long begin = 0;
    unsigned long long now = 0;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(begin));
    const long long first = clock64();
    float value = (float)threadIdx.x;
    do {
        for (int i = 0; i < 1000; ++i) {
            value = __fmaf_rn(value, 0.999f, 1.0f);
        }
        asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    } while (now - begin < nanoseconds);
    if (blockIdx.x == 0 && threadIdx.x == 0) {
        seen[0] = (unsigned long long)(clock64() - first);
        seen[1] = now - begin;
    }
    sink[blockIdx.x * blockDim.x + threadIdx.x] = value;
}

/* The multiprocessors' clock under load, in MHz. */
static int bench_clock(bench_run *run, double *megahertz) {
    enum { THREADS = 256 };
    const int blocks = run->engine->device->properties.multiProcessorCount * 2;
    unsigned long long seen[2] = {0, 1};
    void *memory = NULL;
    void *sink = NULL;
    int failed =
        mxsi_device_allocate(run->engine->device, sizeof seen, &memory, run->reason) != 0 ||
        mxsi_device_allocate(run->engine->device, sizeof(float) * THREADS * (size_t)blocks, &sink, run->reason) != 0;
    if (!failed) {
        bench_clock_kernel<<<blocks, THREADS, 0, run->engine->device->streams[0]>>>((unsigned long long *)memory,
                                                                                    (float *)sink, 50000000ull);
        failed = MXSI_CUDA(cudaGetLastError(), run->reason) != 0 ||
                 mxsi_device_download(run->engine->device, 0, seen, memory, sizeof seen, run->reason) != 0 ||
                 mxsi_device_wait(run->engine->device, 0, run->reason) != 0;
    }
    mxsi_device_release(run->engine->device, memory);
    mxsi_device_release(run->engine->device, sink);
    *megahertz = failed ? 0.0 : 1e3 * (double)seen[0] / (double)seen[1];
    return failed ? -1 : 0;
}

#endif
