#include <inttypes.h>
#include <string.h>

#include "cli/reports/report.h"

/* Quoted where RFC 4180 asks for it. */
static void write_field(FILE *out, const char *text) {
    if (strpbrk(text, ",\"\r\n") == NULL) {
        (void)fputs(text, out);
        return;
    }
    (void)fputc('"', out);
    for (; *text != '\0'; ++text) {
        if (*text == '"') {
            (void)fputc('"', out);
        }
        (void)fputc(*text, out);
    }
    (void)fputc('"', out);
}

void write_csv_report(FILE *out, const search_report *report) {
    const size_t count = report->problem->assets_per_portfolio;
    (void)fputs("position,rank,tile,attempt,sharpe,expected_return,volatility,ticker,weight\n", out);
    for (size_t i = 0; i < mxs_result_describe(report->result)->portfolio_count; ++i) {
        const mxs_portfolio *const portfolio = mxs_result_portfolio(report->result, i);
        for (size_t j = 0; j < count; ++j) {
            (void)fprintf(out, "%zu,%" PRIu64 ",%" PRIu32 ",%" PRIu32 ",%.17g,%.17g,%.17g,", i + 1, portfolio->rank,
                          portfolio->tile, portfolio->attempt, portfolio->sharpe, portfolio->expected_return,
                          portfolio->volatility);
            write_field(out, report->market->tickers[portfolio->assets[j]]);
            (void)fprintf(out, ",%.17g\n", portfolio->weights[j]);
        }
    }
}
