#include <errno.h>
#include <string.h>

#include "cli/commands/command.h"
#include "cli/options/search_arguments.h"
#include "cli/reports/report.h"
#include "cli/terminal/delivery.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/messages.h"
#include "cli/terminal/output_file.h"
#include "cli/terminal/printable_text.h"
#include "cli/terminal/progress_bar.h"
#include "cli/terminal/standard_streams.h"
#include "cli/terminal/text_buffer.h"

static int on_progress(const mxs_progress *progress, void *user) {
    progress_bar_update(user, progress);
    /* A signal that came before mxs_search_run had begun was forgotten by it: this remembers. */
    return interrupt_requested();
}

static bool write_report(FILE *out, const search_report *report, report_format format) {
    switch (format) {
    case REPORT_JSON:
        return write_json_report(out, report);
    case REPORT_CSV:
        write_csv_report(out, report);
        return true;
    case REPORT_TEXT:
        return write_text_report(out, report);
    }
    return false; /* no format is left, as the compiler checks */
}

/* Makes the whole report in memory first, so that it is written completely or its failure is known. */
static bool deliver(const search_report *report, report_format format, const output_file *output) {
    text_buffer buffer;
    bool made = text_buffer_open(&buffer) && write_report(buffer.out, report, format);
    made = text_buffer_close(&buffer) && made;
    if (!made) {
        print_error("not enough memory to print the report");
    }
    const bool delivered = made && deliver_report(output, buffer.text, buffer.size);
    text_buffer_free(&buffer);
    return delivered;
}

static void say_interrupted(const mxs_search_info *search, const mxs_result_info *result) {
    char done[COUNT_TEXT_SIZE];
    char total[COUNT_TEXT_SIZE];
    print_error("interrupted after %s of %s simulations: the best so far is reported",
                format_count(done, result->simulations_done), format_count(total, search->simulations_total));
}

/* What is left to do when the run has ended with a result. */
static exit_status conclude(const search_report *report, mxs_status status, report_format format,
                            const output_file *output) {
    /* The report first: it does not wait for a stderr that nobody reads, and no line says that it is there before it
     * is. */
    const mxs_result_info *const result = mxs_result_describe(report->result);
    const bool delivered = deliver(report, format, output);
    print_warnings(result->warning_count, result->warnings);
    if (delivered && status == MXS_INTERRUPTED) {
        say_interrupted(report->search, result);
    }
    return delivered ? exit_status_of(status) : EXIT_RUN_FAILED;
}

static void end_progress(progress_bar *bar, const mxs_search_info *search, const mxs_result *result) {
    if (result == NULL) {
        progress_bar_end(bar, NULL);
        return;
    }
    const mxs_result_info *const info = mxs_result_describe(result);
    const mxs_progress last = {.simulations_done = info->simulations_done,
                               .simulations_total = search->simulations_total,
                               .seconds = info->seconds,
                               .best_sharpe = mxs_result_portfolio(result, 0)->sharpe};
    progress_bar_end(bar, &last);
}

static exit_status run(const search_arguments *arguments, const output_file *output) {
    mxs_error error = {.status = MXS_OK};
    mxs_market *market = NULL;
    prepared_search prepared = {.problem = NULL};
    mxs_result *result = NULL;
    exit_status outcome = EXIT_FOUND;
    progress_bar bar;

    mxs_status status = mxs_market_read(arguments->file, &arguments->market, &market, &error);
    if (status != MXS_OK) {
        outcome = print_failure(&error, status);
        goto cleanup;
    }
    const mxs_market_info *const market_info = mxs_market_describe(market);
    print_warnings(market_info->warning_count, market_info->warnings);

    search_request request = arguments->request;
    request.run.progress = on_progress;
    request.run.progress_user = &bar;
    status = search_prepare(market, &request, &prepared, &error);
    if (status != MXS_OK) {
        outcome = print_failure(&error, status);
        goto cleanup;
    }
    const mxs_problem_info *const problem = mxs_problem_describe(prepared.problem);
    const mxs_search_info *const search = mxs_search_describe(prepared.search);
    print_warnings(problem->warning_count, problem->warnings);

    progress_bar_begin(&bar, arguments->progress);
    interrupt_begin(prepared.search);
    status = mxs_search_run(prepared.search, &request.run, &result, &error);
    interrupt_end_search();
    end_progress(&bar, search, result);
    if (result == NULL) {
        outcome = print_failure(&error, status);
        goto cleanup;
    }
    const search_report report = {.market_handle = market,
                                  .market = market_info,
                                  .problem = problem,
                                  .search = search,
                                  .result = result,
                                  .stats = arguments->stats};
    outcome = conclude(&report, status, arguments->format, output);

cleanup:
    mxs_result_destroy(result);
    search_release(&prepared);
    mxs_market_destroy(market);
    return outcome;
}

/* That the report can arrive is asked before the work that may take hours. */
static exit_status prepare_and_run(void *user) {
    const search_arguments *const arguments = user;
    output_file output;
    if (arguments->output != NULL) {
        if (!output_file_prepare(&output, arguments->output)) {
            return EXIT_RUN_FAILED;
        }
        if (paths_are_one_file(arguments->output, arguments->file)) {
            print_error("cannot write '%s': it is the input, '%s'", arguments->output, arguments->file);
            return EXIT_USAGE;
        }
        return run(arguments, &output);
    }
    if (!standard_output_is_open()) {
        print_error("cannot write to standard output: %s; -o FILE writes to a file", strerror(errno));
        return EXIT_RUN_FAILED;
    }
    return run(arguments, NULL);
}

const command search_command = {&search_syntax, prepare_and_run};
