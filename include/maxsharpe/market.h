/* A market: the periodic returns of N assets, with their mean and covariance.
 *
 * Everything in a market is per period, whatever a period is: a day, a week, a month. What a problem or an evaluation
 * is told of the periods in a year makes it annual. A ticker is one line of UTF-8, 1 to 255 bytes. */
#ifndef MAXSHARPE_MARKET_H
#define MAXSHARPE_MARKET_H

#include "maxsharpe/status.h"
#include "maxsharpe/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mxs_market mxs_market;

typedef struct mxs_market_options {
    size_t struct_size;         /* set by MXS_MARKET_OPTIONS or mxs_market_options_init */
    mxs_input input;            /* what the numbers are: MXS_INPUT_PRICES */
    mxs_missing missing;        /* what happens to missing ones: MXS_MISSING_DROP_ASSETS */
    const char *from;           /* first date to use, "YYYY-MM-DD", inclusive; NULL: from the first */
    const char *to;             /* last date to use, "YYYY-MM-DD", inclusive; NULL: to the last */
    const char *const *exclude; /* [exclude_count] tickers to leave out; their missing values do not count */
    size_t exclude_count;       /* 0 */
} mxs_market_options;

/* The defaults named above, to begin a struct with. */
#define MXS_MARKET_OPTIONS \
    { sizeof(mxs_market_options), MXS_INPUT_PRICES, MXS_MISSING_DROP_ASSETS, 0, 0, 0, 0 }

/* Fills *options with the defaults named above. struct_size: sizeof(mxs_market_options) of the caller, whose header may
 * be older or newer than this library: what an older one lacks has its default, what a newer one adds must be zero. */
MXS_API void mxs_market_options_init(mxs_market_options *options, size_t struct_size);

/* Reads a market from the file at path: CSV, plain or gzip.
 *
 * Detected and reported by mxs_market_info: the delimiter (comma, semicolon, tab, bar), the decimal sign, the date
 * format, and the layout: dates in rows and tickers in columns ("wide"); one observation a row: date, ticker, value
 * ("long"); tickers in rows ("transposed", with dates in the header or without any dates). With MXS_INPUT_MOMENTS:
 * OR-Library's "port" text files, N, then N pairs mean and standard deviation, then triples i j correlation.
 *
 * options  NULL for the defaults; borrowed for the call, as are its dates and tickers
 * *market  destroy it with mxs_market_destroy; it keeps nothing of the file open
 * Returns MXS_OK; MXS_ERROR_ARGUMENT (no path; options that were not initialised or ask for what this version does not
 * know; an unknown ticker to exclude, or all of them; a malformed date; a range that holds no date of the file, or for
 * a file without dates); MXS_ERROR_DATA (unreadable, malformed, a price of zero or below, a repeated ticker, dates out
 * of order, more than 16384 assets, a constant asset, too few rows left for a covariance, returns too large or too
 * small for one); MXS_ERROR_MEMORY. */
MXS_API MXS_NODISCARD mxs_status mxs_market_read(const char *path, const mxs_market_options *options,
                                                 mxs_market **market, mxs_error *error);

/* A market from an array, for callers that have their data in memory.
 *
 * values   [rows][assets], row-major, oldest row first: prices or simple returns per period as options->input says (not
 *          MXS_INPUT_MOMENTS); NaN is a missing value. Copied, but for what is excluded or dropped
 * tickers  [assets] distinct names, copied; or NULL for A1, A2, ...
 * options  NULL for the defaults; from and to must be NULL
 * *market  destroy it with mxs_market_destroy
 * Returns MXS_OK; MXS_ERROR_ARGUMENT (no rows or no assets, a ticker that is missing, repeated or cannot be one, and
 * what mxs_market_read refuses in options); MXS_ERROR_DATA (infinite, a price of zero or below, and what
 * mxs_market_read says of assets and rows); MXS_ERROR_MEMORY. */
MXS_API MXS_NODISCARD mxs_status mxs_market_create(const double *values, size_t rows, size_t assets,
                                                   const char *const *tickers, const mxs_market_options *options,
                                                   mxs_market **market, mxs_error *error);

/* A market from its moments alone: no returns matrix, periods = 0.
 *
 * mean        [assets] expected simple returns per period, copied
 * covariance  [assets][assets], row-major, per period squared, copied: symmetric but for rounding, positive
 *             semidefinite, of which only the correlations of pairs are checked
 * tickers     [assets] distinct names, copied; or NULL for A1, A2, ...
 * *market     destroy it with mxs_market_destroy
 * Returns MXS_OK; MXS_ERROR_ARGUMENT (no assets, a ticker that is missing, repeated or cannot be one); MXS_ERROR_DATA
 * (not finite, not symmetric, a correlation beyond one, a constant asset, more than 16384 assets); MXS_ERROR_MEMORY. */
MXS_API MXS_NODISCARD mxs_status mxs_market_create_from_moments(const double *mean, const double *covariance,
                                                                size_t assets, const char *const *tickers,
                                                                mxs_market **market, mxs_error *error);

/* Frees a market with all that was handed out of it; NULL is allowed. Nothing that borrows it may outlive it. */
MXS_API void mxs_market_destroy(mxs_market *market);

/* What a market holds. All pointers belong to the market and live as long as it does. New members are appended. */
typedef struct mxs_market_info {
    const char *file;           /* the path it was read from, or NULL */
    mxs_input input;            /* what the file or array held */
    const char *format;         /* one line: layout, delimiter, date format, compression; or NULL for arrays */
    size_t assets;              /* N, after dropping */
    size_t periods;             /* T, rows of returns; 0 where only moments are known */
    const char *first;          /* date of the first row used, "YYYY-MM-DD", or NULL where there are no dates */
    const char *last;           /* date of the last row used, likewise */
    const char *const *tickers; /* [N], in the order of the file */
    const double *returns;      /* R [T][N], row-major, oldest first, simple, per period; NULL where only moments are
                                   known */
    const double *mean;         /* mu [N], per period: the column means of R, or as given */
    const double *covariance;   /* Sigma [N][N], row-major, per period squared: the sample covariance of R,
                                   sum_t (R_ti - mu_i)(R_tj - mu_j) / (T - 1), or as given */
    size_t dropped_count;       /* assets left out for missing values: mxs_market_dropped */
    size_t dropped_rows;        /* rows left out for missing values */
    size_t warning_count;
    const char *const *warnings; /* [warning_count] what was guessed of the file, one line each */
} mxs_market_info;

/* Never NULL; lives as long as the market. */
MXS_API const mxs_market_info *mxs_market_describe(const mxs_market *market);

/* An asset left out for missing values. New members are appended. */
typedef struct mxs_dropped {
    const char *ticker;
    const char *why; /* "no price on 2024-08-01 and 2 other dates" */
} mxs_dropped;

/* The asset left out at index, in the order of the file; NULL for an index of dropped_count or more. Lives as long as
 * the market. */
MXS_API const mxs_dropped *mxs_market_dropped(const mxs_market *market, size_t index);

/* Evaluates one portfolio in double: with w the weights,
 *     expected return  ER  = A mu'w         per year
 *     volatility       VOL = sqrt(A w'Sigma w)  per year
 *     Sharpe ratio     SR  = (ER - rf) / VOL    (W. F. Sharpe, The Sharpe Ratio, J. Portfolio Management 21(1), 1994,
 *                                                ex ante, annualised with A periods a year)
 * assets            [count] indices into the market's tickers, distinct
 * weights           [count] shares of the portfolio, any finite numbers: that they sum to one is not asked
 * risk_free         rf, per year
 * periods_per_year  A, above zero
 * Each output may be NULL; after a failure all are as they were.
 * Returns MXS_OK; MXS_ERROR_ARGUMENT (no assets, an index beyond N, a number that is not finite, A not above zero);
 * MXS_ERROR_DATA (the variance is zero but for rounding, so that there is no Sharpe ratio). */
MXS_API MXS_NODISCARD mxs_status mxs_market_evaluate(const mxs_market *market, const size_t *assets,
                                                     const double *weights, size_t count, double risk_free,
                                                     double periods_per_year, double *expected_return,
                                                     double *volatility, double *sharpe, mxs_error *error);

#ifdef __cplusplus
}
#endif

#endif
