/* maxsharpe bench: words -> problem -> parts -> report. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench/bench_folder.h"
#include "cli/bench/bench_market.h"
#include "cli/bench/bench_record.h"
#include "cli/commands/command.h"
#include "cli/options/bench_arguments.h"
#include "cli/terminal/delivery.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/messages.h"
#include "cli/terminal/standard_streams.h"
#include "cli/terminal/text_buffer.h"

enum { QUICK_REPEATS = 3, FULL_REPEATS = 7, USUAL_ASSETS = 25 };

static const double USUAL_MAX_WEIGHT = 0.2;

/* The searches of a full and a quick run in the part on dealing out work. */
static const double FULL_DEALING = 1e8;
static const double QUICK_DEALING = 1e7;

/* ---- the problem ---- */

static mxs_status read_market(const bench_arguments *arguments, mxs_market **market, mxs_error *error) {
    return arguments->file != NULL ? mxs_market_read(arguments->file, &arguments->market, market, error)
                                   : bench_market_create(market, error);
}

static double usual_max_weight(size_t assets_per_portfolio) {
    return fmin(1, fmax(USUAL_MAX_WEIGHT, 2.0 / (double)assets_per_portfolio));
}

/* Completes the problem where the words leave it open, and makes its search: the largest K up to the usual one whose
 * portfolios can be counted, else all assets. */
static mxs_status choose_problem(const bench_arguments *arguments, const mxs_market *market, search_request *request,
                                 prepared_search *prepared, mxs_error *error) {
    mxs_problem_options *const problem = &request->problem;
    const size_t assets = mxs_market_describe(market)->assets;
    const bool chosen = problem->assets_per_portfolio > 0;
    const size_t usual = (5 * assets + 5) / 6 < USUAL_ASSETS ? (5 * assets + 5) / 6 : USUAL_ASSETS;
    size_t k = chosen ? problem->assets_per_portfolio : usual;
    mxs_status status = MXS_OK;
    for (;; --k) {
        problem->assets_per_portfolio = k > 0 ? k : assets;
        if (isnan(arguments->request.problem.max_weight)) {
            problem->max_weight = usual_max_weight(problem->assets_per_portfolio);
        }
        search_release(prepared);
        status = search_prepare(market, request, prepared, error);
        if (status != MXS_ERROR_INFEASIBLE || chosen || k == 0) {
            return status;
        }
    }
}

/* ---- the measurements ---- */

/* The first GPU that can be used, or the reason against it. */
static void choose_gpu(bench_session *session, const mxs_devices *devices, mxs_backend backend) {
    session->gpu = -1;
    if (backend == MXS_BACKEND_CPU) {
        (void)snprintf(session->gpu_reason, sizeof session->gpu_reason, "not asked for: --backend cpu");
        return;
    }
    for (size_t i = 0; i < mxs_devices_describe(devices)->gpu_count; ++i) {
        if (mxs_devices_gpu(devices, i)->reason[0] == '\0') {
            session->gpu = (int)i;
            return;
        }
    }
    (void)snprintf(session->gpu_reason, sizeof session->gpu_reason, "no GPU can be used: %s",
                   mxs_devices_describe(devices)->cuda_reason);
}

/* Gives the part that begins its share of the time that is left: its weight among those of the parts to come. */
static bool begin_part(bench_session *session, unsigned *parts, bench_part part) {
    static const struct {
        bench_part part;
        double weight;
    } shares[] = {{PART_PEAKS, 1}, {PART_LADDER, 7}, {PART_SCALING, 3}, {PART_DEALING, 1.5}, {PART_SIZES, 2}};
    double own = 0;
    double all = 0;
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; ++i) {
        const double weight = (*parts & shares[i].part) != 0 ? shares[i].weight : 0;
        own = shares[i].part == part ? weight : own;
        all += weight;
    }
    *parts &= ~(unsigned)part;
    if (own == 0 || session_interrupted(session)) {
        return false;
    }
    const double now = session_elapsed(session);
    session->part_end = now + fmax(0, session->seconds - now) * own / all;
    return true;
}

static void measure(const bench_arguments *arguments, bench_session *session, bench_record *record) {
    unsigned parts = arguments->parts;
    if (begin_part(session, &parts, PART_PEAKS)) {
        bench_peaks_measure(session, session_left(session), &record->peaks);
    }
    if (begin_part(session, &parts, PART_LADDER)) {
        bench_ladder_measure(session, &record->ladder);
    }
    if (begin_part(session, &parts, PART_SCALING)) {
        bench_scaling_measure(session, mxs_devices_describe(record->machine.devices)->cores_available,
                              &record->scaling);
    }
    if (begin_part(session, &parts, PART_DEALING)) {
        bench_dealing_measure(session, arguments->quick ? QUICK_DEALING : FULL_DEALING, &record->dealing);
    }
    if (begin_part(session, &parts, PART_SIZES)) {
        bench_sizes_measure(session, &record->sizes);
    }
    record->complete = !session_interrupted(session);
    record->seconds = session_elapsed(session);
}

/* ---- the report ---- */

static bool write_report(FILE *out, const bench_record *record, report_format format) {
    switch (format) {
    case REPORT_TEXT:
        write_bench_text(out, record);
        return true;
    case REPORT_JSON:
        return write_bench_json(out, record);
    case REPORT_CSV:
        break; /* its options do not offer it */
    }
    return false;
}

static bool print_report(const bench_record *record, report_format format) {
    text_buffer buffer;
    bool made = text_buffer_open(&buffer) && write_report(buffer.out, record, format);
    made = text_buffer_close(&buffer) && made;
    if (!made) {
        print_error("not enough memory to print the report");
    }
    const bool printed = made && deliver_report(NULL, buffer.text, buffer.size);
    text_buffer_free(&buffer);
    return printed;
}

static exit_status conclude(const bench_arguments *arguments, const bench_session *session,
                            const bench_record *record) {
    if (session->interrupted) {
        print_error("interrupted: what has been measured so far is reported");
    } else if (session->failure[0] != '\0') {
        print_error("%s", session->failure);
    }
    const bool written = arguments->folder == NULL || bench_folder_write(arguments->folder, record);
    const bool printed = print_report(record, arguments->format);
    if (!written || !printed || session->failure[0] != '\0') {
        return EXIT_RUN_FAILED;
    }
    return session->interrupted ? EXIT_INTERRUPTED : EXIT_FOUND;
}

static exit_status run_session(const bench_arguments *arguments, bench_session *session, const mxs_devices *devices,
                               const prepared_search *prepared) {
    bench_record *const record = calloc(1, sizeof *record);
    if (record == NULL) {
        print_error("not enough memory for the figures");
        return EXIT_RUN_FAILED;
    }
    bench_machine_describe(&record->machine, devices);
    choose_gpu(session, devices, arguments->request.run.backend);
    exit_status outcome = EXIT_RUN_FAILED;
    if (arguments->request.run.backend == MXS_BACKEND_CUDA && session->gpu < 0) {
        progress_bar_end(&session->bar, NULL);
        print_error("%s", session->gpu_reason);
    } else {
        const unsigned asked = session->request.run.workers;
        session->workers = asked > 0 ? asked : mxs_devices_describe(devices)->cores_available;
        session->request.run.workers = session->workers;
        record->quick = arguments->quick;
        record->market = mxs_market_describe(session->market);
        record->problem = mxs_problem_describe(prepared->problem);
        record->search = mxs_search_describe(prepared->search);
        record->workers = session->workers;
        record->gpu = session->gpu;
        measure(arguments, session, record);
        progress_bar_end(&session->bar, NULL);
        outcome = conclude(arguments, session, record);
    }
    free(record);
    return outcome;
}

static exit_status run(const bench_arguments *arguments) {
    mxs_error error = {.status = MXS_OK};
    mxs_market *market = NULL;
    mxs_devices *devices = NULL;
    prepared_search prepared = {.problem = NULL};
    exit_status outcome = EXIT_RUN_FAILED;
    bench_session session = {.request = arguments->request,
                             .repeats = arguments->quick ? QUICK_REPEATS : FULL_REPEATS,
                             .seconds = arguments->seconds};
    mxs_status status = read_market(arguments, &market, &error);
    if (status == MXS_OK) {
        const mxs_market_info *const info = mxs_market_describe(market);
        print_warnings(info->warning_count, info->warnings);
        status = choose_problem(arguments, market, &session.request, &prepared, &error);
    }
    if (status != MXS_OK) {
        outcome = print_failure(&error, status);
        goto cleanup;
    }
    const mxs_problem_info *const problem = mxs_problem_describe(prepared.problem);
    print_warnings(problem->warning_count, problem->warnings);
    session.market = market;
    session.portfolios = problem->portfolios;
    interrupt_begin(NULL); /* from here on a signal ends with a report */
    session_begin(&session, arguments->progress);
    session_step(&session, "looking at the machine");
    status = mxs_devices_survey(&devices, &error);
    if (status != MXS_OK) {
        progress_bar_end(&session.bar, NULL);
        outcome = print_failure(&error, status);
        goto cleanup;
    }
    outcome = run_session(arguments, &session, devices, &prepared);

cleanup:
    mxs_devices_destroy(devices);
    search_release(&prepared);
    mxs_market_destroy(market);
    return outcome;
}

/* That the report can arrive is asked before the work. */
static exit_status prepare_and_run(void *user) {
    const bench_arguments *const arguments = user;
    if (!standard_output_is_open()) {
        print_error("cannot write to standard output: %s", strerror(errno));
        return EXIT_RUN_FAILED;
    }
    if (arguments->folder != NULL && arguments->file != NULL &&
        bench_folder_holds(arguments->folder, arguments->file)) {
        print_error("cannot write to '%s': the input, '%s', is one of the files that go there", arguments->folder,
                    arguments->file);
        return EXIT_USAGE;
    }
    if (arguments->folder != NULL && !bench_folder_prepare(arguments->folder)) {
        return EXIT_RUN_FAILED;
    }
    return run(arguments);
}

const command bench_command = {&bench_syntax, prepare_and_run};
