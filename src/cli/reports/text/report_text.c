#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/reports/report.h"
#include "cli/terminal/printable_text.h"

enum { COLUMNS = 80, LABEL_WIDTH = 11, NAMES_SHOWN = 12, TICKER_LIMIT = 24 };

/* ---- building blocks ---- */

/* Starts a line of a block: its label on the first one. */
static void start_line(FILE *out, const char *label) {
    (void)fprintf(out, "%-*s", LABEL_WIDTH, label);
}

static void print_ticker(FILE *out, const char *text) {
    for (; *text != '\0'; ++text) {
        const unsigned char c = (unsigned char)*text;
        (void)fputc(c < 0x20 || c == 0x7f ? '?' : c, out);
    }
}

static void print_padded_ticker(FILE *out, const char *text, size_t width) {
    print_ticker(out, text);
    for (size_t used = text_width(text); used < width; ++used) {
        (void)fputc(' ', out);
    }
}

/* Words parted by commas, wrapped under the label. */
typedef struct word_list {
    FILE *out;
    size_t column;
    bool first;
} word_list;

static void add_word(word_list *list, const char *word) {
    const size_t width = text_width(word);
    if (!list->first) {
        (void)fputc(',', list->out);
        if (list->column + width + 2 >= COLUMNS) {
            (void)fprintf(list->out, "\n%*s", LABEL_WIDTH, "");
            list->column = LABEL_WIDTH;
        } else {
            (void)fputc(' ', list->out);
            list->column += 2;
        }
    }
    print_ticker(list->out, word);
    list->column += width;
    list->first = false;
}

static void print_number(FILE *out, const char *before, uint64_t count, const char *after) {
    char text[COUNT_TEXT_SIZE];
    (void)fprintf(out, "%s%s%s", before, format_count(text, count), after);
}

/* ---- what was read ---- */

/* A few with their reasons; of many the names, a few dozen columns' worth. */
static void print_dropped_assets(FILE *out, const mxs_market_info *market) {
    enum { FEW = 4 };
    if (market->dropped_count <= FEW) {
        for (size_t i = 0; i < market->dropped_count; ++i) {
            start_line(out, "");
            (void)fputs("dropped ", out);
            print_ticker(out, market->dropped[i].ticker);
            (void)fputs(": ", out);
            print_ticker(out, market->dropped[i].why != NULL ? market->dropped[i].why : "missing values");
            (void)fputc('\n', out);
        }
        return;
    }
    start_line(out, "");
    word_list list = {.out = out, .first = true};
    list.column = LABEL_WIDTH + (size_t)fprintf(out, "dropped %zu assets: ", market->dropped_count);
    const size_t shown = market->dropped_count <= NAMES_SHOWN ? market->dropped_count : NAMES_SHOWN;
    for (size_t i = 0; i < shown; ++i) {
        add_word(&list, market->dropped[i].ticker);
    }
    if (shown < market->dropped_count) {
        (void)fprintf(out, " and %zu more", market->dropped_count - shown);
    }
    (void)fputc('\n', out);
}

static void print_dropped(FILE *out, const mxs_market_info *market) {
    print_dropped_assets(out, market);
    if (market->dropped_rows > 0) {
        start_line(out, "");
        print_number(out, "dropped ", market->dropped_rows, " rows with missing values\n");
    }
}

static void print_input(FILE *out, const mxs_market_info *market) {
    start_line(out, "Input");
    print_ticker(out, market->file != NULL ? market->file : "-");
    (void)fputc('\n', out);
    start_line(out, "");
    (void)fprintf(out, "%s%s%s\n", mxs_input_name(market->input), market->format != NULL ? ": " : "",
                  market->format != NULL ? market->format : "");
    start_line(out, "");
    print_number(out, "", market->assets, " assets");
    if (market->periods > 0) {
        print_number(out, ", ", market->periods, " periods of returns");
    }
    if (market->first != NULL && market->last != NULL) {
        (void)fprintf(out, ", %s to %s", market->first, market->last);
    }
    (void)fputc('\n', out);
    print_dropped(out, market);
    (void)fputc('\n', out);
}

/* ---- the problem ---- */

static void print_problem(FILE *out, const mxs_problem *problem) {
    start_line(out, "Problem");
    print_number(out, "", problem->assets_per_portfolio, " of ");
    print_number(out, "", problem->assets, " assets: ");
    print_number(out, "", problem->portfolios, problem->portfolios == 1 ? " portfolio" : " portfolios");
    if (problem->first_portfolio > 0 || problem->end_portfolio < problem->portfolios) {
        print_number(out, ", of which ", problem->first_portfolio, "");
        print_number(out, " to ", problem->end_portfolio - 1, "");
    }
    (void)fputc('\n', out);
    start_line(out, "");
    if (problem->sampler == MXS_SAMPLER_EQUAL_WEIGHTS) {
        (void)fputs("the bounds leave equal weights alone: one evaluation each\n", out);
    } else {
        print_number(out, "", problem->simulations, problem->simulations == 1 ? " simulation" : " simulations");
        (void)fputs(" each, ", out);
        print_number(out, "", problem->simulations_total, " in all\n");
    }
    start_line(out, "");
    (void)fprintf(out, "weights %.10g%% to %.10g%%, risk-free rate %.10g%%, %.10g periods a year\n",
                  100 * problem->min_weight, 100 * problem->max_weight, 100 * problem->risk_free,
                  problem->periods_per_year);
    start_line(out, "");
    (void)fprintf(out, "seed %llu, %s draws, %s sampler", (unsigned long long)problem->seed,
                  mxs_draws_name(problem->draws), mxs_sampler_name(problem->sampler));
    if (problem->sampler == MXS_SAMPLER_REJECTION) {
        (void)fprintf(out, " (acceptance %.3g%%)", 100 * problem->acceptance);
    } else if (problem->sampler == MXS_SAMPLER_FIXED_SUM) {
        (void)fprintf(out, " (rejection would accept %.3g%%)", 100 * problem->acceptance);
    }
    (void)fputs("\n\n", out);
}

/* ---- the best portfolio ---- */

typedef struct holding {
    const char *ticker;
    double weight;
} holding;

static int by_weight(const void *left, const void *right) {
    const holding *const a = left;
    const holding *const b = right;
    if (a->weight != b->weight) {
        return a->weight > b->weight ? -1 : 1;
    }
    return strcmp(a->ticker, b->ticker);
}

/* Returns the width of its bar with the blank before it; 0 where the weight is too small for one. */
static size_t print_holding(FILE *out, const holding *item, size_t ticker_width, double largest, size_t bar_width) {
    const double share = largest > 0 ? item->weight / largest : 0;
    const size_t cells = (size_t)lround(share * (double)bar_width);
    print_padded_ticker(out, item->ticker, ticker_width);
    (void)fprintf(out, " %6.2f%%%s", 100 * item->weight, cells > 0 ? " " : "");
    for (size_t i = 0; i < cells; ++i) {
        (void)fputc('#', out);
    }
    return cells > 0 ? cells + 1 : 0;
}

/* Two columns, the larger half on the left; one where the tickers are long or the assets few. */
static void print_holdings(FILE *out, const holding *items, size_t count) {
    enum { INDENT = 2, FEW = 6, NUMBER_WIDTH = 9 };
    size_t ticker_width = 4;
    for (size_t i = 0; i < count; ++i) {
        const size_t width = text_width(items[i].ticker);
        ticker_width = width > ticker_width ? width : ticker_width;
    }
    ticker_width = ticker_width > TICKER_LIMIT ? TICKER_LIMIT : ticker_width;
    const size_t columns = count <= FEW || ticker_width > 16 ? 1 : 2;
    const size_t lines = (count + columns - 1) / columns;
    const size_t room = (COLUMNS - INDENT) / columns - ticker_width - NUMBER_WIDTH - 2;
    const size_t bar_width = room > 24 ? 24 : room;
    for (size_t line = 0; line < lines; ++line) {
        (void)fprintf(out, "%*s", INDENT, "");
        for (size_t i = line; i < count; i += lines) {
            const size_t width = print_holding(out, &items[i], ticker_width, items[0].weight, bar_width);
            if (i + lines < count) {
                (void)fprintf(out, "%*s", (int)(bar_width - width) + 3, "");
            }
        }
        (void)fputc('\n', out);
    }
}

/* Whether a market asset is in the portfolio; its assets are ascending. */
static bool holds(const mxs_portfolio *portfolio, size_t count, size_t asset) {
    for (size_t i = 0; i < count && portfolio->assets[i] <= asset; ++i) {
        if (portfolio->assets[i] == asset) {
            return true;
        }
    }
    return false;
}

static void print_left_out(FILE *out, const search_report *report, const mxs_portfolio *portfolio) {
    const size_t left_out = report->market->assets - report->problem->assets_per_portfolio;
    if (left_out == 0 || left_out > NAMES_SHOWN) {
        return;
    }
    word_list list = {.out = out, .first = true};
    list.column = (size_t)fprintf(out, "\n  left out ");
    for (size_t i = 0; i < report->market->assets; ++i) {
        if (!holds(portfolio, report->problem->assets_per_portfolio, i)) {
            add_word(&list, report->market->tickers[i]);
        }
    }
    (void)fputc('\n', out);
}

static bool print_best(FILE *out, const search_report *report) {
    const mxs_portfolio *const best = &report->result->top[0];
    const size_t count = report->problem->assets_per_portfolio;
    (void)fputs(report->result->complete ? "Best portfolio\n" : "Best portfolio so far (INCOMPLETE)\n", out);
    (void)fprintf(out, "  Sharpe ratio     %.10g\n", best->sharpe);
    (void)fprintf(out, "  expected return  %.4f%% a year\n", 100 * best->expected_return);
    (void)fprintf(out, "  volatility       %.4f%% a year\n", 100 * best->volatility);
    (void)fprintf(out, "  simulation       rank %llu, tile %lu, attempt %lu\n\n", (unsigned long long)best->rank,
                  (unsigned long)best->tile, (unsigned long)best->attempt);
    holding *const items = calloc(count, sizeof *items);
    if (items == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; ++i) {
        items[i] = (holding){report->market->tickers[best->assets[i]], best->weights[i]};
    }
    qsort(items, count, sizeof *items, by_weight);
    print_holdings(out, items, count);
    free(items);
    print_left_out(out, report, best);
    return true;
}

static void print_others(FILE *out, const mxs_result_info *result) {
    if (result->top_count < 2) {
        return;
    }
    (void)fprintf(out, "\n%6s %14s %10s %10s %20s %7s %7s\n", "Top", "Sharpe", "return", "volatility", "rank", "tile",
                  "attempt");
    for (size_t i = 0; i < result->top_count; ++i) {
        const mxs_portfolio *const portfolio = &result->top[i];
        (void)fprintf(out, "%6zu %14.10g %9.4f%% %9.4f%% %20llu %7lu %7lu\n", i + 1, portfolio->sharpe,
                      100 * portfolio->expected_return, 100 * portfolio->volatility,
                      (unsigned long long)portfolio->rank, (unsigned long)portfolio->tile,
                      (unsigned long)portfolio->attempt);
    }
}

/* ---- the run ---- */

static void print_worker(FILE *out, const char *name, const mxs_worker_stats *stats, double other) {
    char simulations[COUNT_TEXT_SIZE];
    (void)fprintf(out, "%6s %20s %8.2f %8.2f %8.2f %9.2f %7.2f %8.2f\n", name,
                  format_count(simulations, stats->simulations), stats->seconds, stats->sampling_seconds,
                  stats->return_seconds, stats->variance_seconds, other, stats->waiting_seconds);
}

static void print_workers(FILE *out, const mxs_result_info *result) {
    mxs_worker_stats sum = {.simulations = 0};
    double other_sum = 0;
    (void)fprintf(out, "\n%6s %20s %8s %8s %8s %9s %7s %8s\n", "Worker", "simulations", "seconds", "sampling",
                  "returns", "variances", "other", "waiting");
    for (size_t i = 0; i < result->worker_count; ++i) {
        const mxs_worker_stats *const stats = &result->workers[i];
        char name[COUNT_TEXT_SIZE];
        (void)snprintf(name, sizeof name, "%zu", i + 1);
        print_worker(out, name, stats, other_seconds(stats));
        sum.simulations += stats->simulations;
        sum.seconds += stats->seconds;
        sum.sampling_seconds += stats->sampling_seconds;
        sum.return_seconds += stats->return_seconds;
        sum.variance_seconds += stats->variance_seconds;
        sum.waiting_seconds += stats->waiting_seconds;
        other_sum += other_seconds(stats);
    }
    print_worker(out, "all", &sum, other_sum);
}

static void print_run(FILE *out, const search_report *report) {
    const mxs_result_info *const result = report->result;
    (void)fputc('\n', out);
    start_line(out, "Run");
    (void)fprintf(out, "%s, %s evaluator (%s), %zu worker%s", result->backend, result->evaluator, result->kernel,
                  result->worker_count, result->worker_count == 1 ? "" : "s");
    if (result->workers_lost > 0) {
        (void)fprintf(out, ", %zu lost and replaced", result->workers_lost);
    }
    (void)fputc('\n', out);
    start_line(out, "");
    print_number(out, "", result->simulations_done, " simulations");
    if (!result->complete) {
        print_number(out, " of ", report->problem->simulations_total, "");
    }
    (void)fprintf(out, " in %.3f s: ", result->seconds);
    print_number(out, "", (uint64_t)fmax(0, round(result->simulations_per_second)), " a second\n");
    if (report->stats) {
        print_workers(out, result);
    }
}

bool write_text_report(FILE *out, const search_report *report) {
    print_input(out, report->market);
    print_problem(out, report->problem);
    if (!print_best(out, report)) {
        return false;
    }
    print_others(out, report->result);
    print_run(out, report);
    return true;
}
