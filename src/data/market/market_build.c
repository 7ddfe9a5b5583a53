#include "data/market/market_build.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/errors.h"
#include "data/market/missing.h"
#include "data/market/moments.h"

static mxs_status copy_tickers(mxs_market *market, const char *const *tickers, const size_t *chosen, size_t count,
                               mxs_error *error) {
    const char **copy = mxsi_arena_allocate(market->arena, count, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < count; ++i) {
        copy[i] = mxsi_arena_copy_string(market->arena, tickers[chosen == NULL ? i : chosen[i]]);
        if (copy[i] == NULL) {
            copy = NULL;
        }
    }
    if (copy == NULL) {
        return mxsi_fail_memory(error, "the tickers");
    }
    market->info.tickers = copy;
    market->info.assets = count;
    return MXS_OK;
}

/* selection picks from the panel. With prices a return belongs to the later of its two rows. */
static mxs_status copy_returns(mxs_market *market, const mxsi_panel *panel, const mxsi_request *request,
                               const mxsi_selection *selection, mxs_error *error) {
    const int prices = request->input == MXS_INPUT_PRICES;
    const size_t needed = prices ? 3 : 2;
    if (selection->row_count < needed) {
        return mxsi_fail_at(error, MXS_ERROR_DATA, panel->file, 0, 0,
                            "%zu row%s of %s %s left, at least %zu are needed for a covariance: use more dates",
                            selection->row_count, selection->row_count == 1 ? "" : "s", prices ? "prices" : "returns",
                            selection->row_count == 1 ? "is" : "are", needed);
    }
    const size_t periods = selection->row_count - (prices ? 1 : 0);
    const size_t assets = selection->asset_count;
    if (periods > SIZE_MAX / assets) {
        return mxsi_fail_memory(error, "the returns");
    }
    double *returns = mxsi_arena_allocate(market->arena, periods * assets, sizeof *returns);
    if (returns == NULL) {
        return mxsi_fail_memory(error, "the returns");
    }
    for (size_t t = 0; t < periods; ++t) {
        const size_t row = selection->rows[prices ? t + 1 : t];
        const double *now = panel->values + row * panel->assets;
        const double *before = prices ? panel->values + selection->rows[t] * panel->assets : NULL;
        for (size_t j = 0; j < assets; ++j) {
            const size_t a = selection->assets[j];
            const double value = prices ? now[a] / before[a] - 1.0 : now[a];
            if (!isfinite(value)) {
                return mxsi_fail_at(error, MXS_ERROR_DATA, panel->file, 0, 0,
                                    "%.60s: the return %s %s is too large for a number: correct the prices",
                                    panel->tickers[a], panel->dates == NULL ? "in" : "on",
                                    mxsi_row_print(panel, row).text);
            }
            returns[t * assets + j] = value;
        }
    }
    market->info.returns = returns;
    market->info.periods = periods;
    return MXS_OK;
}

static mxs_status copy_dates(mxs_market *market, const mxsi_panel *panel, const mxsi_selection *selection,
                             mxs_error *error) {
    if (panel->dates == NULL) {
        return MXS_OK;
    }
    const size_t first = selection->rows[0];
    const size_t last = selection->rows[selection->row_count - 1];
    market->info.first = mxsi_arena_copy_string(market->arena, mxsi_date_print(panel->dates[first]).text);
    market->info.last = mxsi_arena_copy_string(market->arena, mxsi_date_print(panel->dates[last]).text);
    return market->info.first == NULL || market->info.last == NULL ? mxsi_fail_memory(error, "the dates") : MXS_OK;
}

/* How far equal returns of up to this size lie apart by rounding. A given return is rounded relative to itself; one
 * that comes from prices relative to their quotient, which is near one however small the return is. */
static double rounding_of_returns(double largest, mxs_input input) {
    return 4.0 * DBL_EPSILON * (input == MXS_INPUT_PRICES ? 1.0 + largest : largest);
}

/* An asset that never moves, beyond the rounding of its returns, has no variance: its Sharpe ratio would be anything.
 */
static mxs_status check_variation(const mxs_market *market, const mxsi_panel *panel, mxs_input input,
                                  mxs_error *error) {
    const mxs_market_info *info = &market->info;
    for (size_t j = 0; j < info->assets; ++j) {
        double least = info->returns[j];
        double most = least;
        for (size_t t = 1; t < info->periods; ++t) {
            const double value = info->returns[t * info->assets + j];
            least = value < least ? value : least;
            most = value > most ? value : most;
        }
        if (most - least <= rounding_of_returns(fmax(fabs(least), fabs(most)), input)) {
            (void)mxsi_fail_at(error, MXS_ERROR_DATA, panel->file, 0, 0,
                               "asset %.60s has constant returns: its variance is zero", info->tickers[j]);
            return mxsi_advise(error, MXS_ERROR_DATA, MXS_HINT_EXCLUDE, info->tickers[j]);
        }
    }
    return MXS_OK;
}

static mxs_status compute_moments(mxs_market *market, const mxsi_panel *panel, mxs_error *error) {
    const size_t n = market->info.assets;
    double *mean = mxsi_arena_allocate(market->arena, n, sizeof *mean);
    double *covariance = mxsi_arena_allocate(market->arena, n * n, sizeof *covariance);
    if (mean == NULL || covariance == NULL ||
        mxsi_moments_compute(market->info.returns, market->info.periods, n, mean, covariance) != 0) {
        return mxsi_fail_memory(error, "the covariance");
    }
    for (size_t i = 0; i < n; ++i) {
        /* The other covariances are bounded by the variances. A variance can also underflow. */
        const double variance = covariance[i * n + i];
        if (!isfinite(mean[i]) || !isfinite(variance) || !(variance > 0.0)) {
            (void)mxsi_fail_at(error, MXS_ERROR_DATA, panel->file, 0, 0,
                               "asset %.60s: its returns are too %s for a variance", market->info.tickers[i],
                               variance <= 0.0 ? "small" : "large");
            return mxsi_advise(error, MXS_ERROR_DATA, MXS_HINT_EXCLUDE, market->info.tickers[i]);
        }
    }
    market->info.mean = mean;
    market->info.covariance = covariance;
    return MXS_OK;
}

mxs_status mxsi_market_fill(mxs_market *market, const mxsi_panel *panel, const mxsi_request *request,
                            mxs_error *error) {
    mxsi_selection selection;
    mxs_status status = mxsi_missing_apply(panel, request, market->arena, &selection, error);
    if (status == MXS_OK) {
        status = copy_tickers(market, panel->tickers, selection.assets, selection.asset_count, error);
    }
    if (status == MXS_OK) {
        status = copy_returns(market, panel, request, &selection, error);
    }
    if (status == MXS_OK) {
        status = copy_dates(market, panel, &selection, error);
    }
    if (status == MXS_OK) {
        status = check_variation(market, panel, request->input, error);
    }
    if (status == MXS_OK) {
        status = compute_moments(market, panel, error);
    }
    market->info.input = request->input;
    market->dropped = selection.dropped;
    market->info.dropped_count = selection.dropped_count;
    market->info.dropped_rows = selection.dropped_rows;
    return status;
}

mxs_status mxsi_market_fill_moments(mxs_market *market, const mxsi_given_moments *moments, mxs_error *error) {
    const size_t n = moments->assets;
    double *mean = mxsi_arena_allocate(market->arena, n, sizeof *mean);
    double *covariance = n > SIZE_MAX / n ? NULL : mxsi_arena_allocate(market->arena, n * n, sizeof *covariance);
    if (mean == NULL || covariance == NULL) {
        return mxsi_fail_memory(error, "the covariance");
    }
    memcpy(mean, moments->mean, n * sizeof *mean);
    memcpy(covariance, moments->covariance, n * n * sizeof *covariance);
    market->info.input = MXS_INPUT_MOMENTS;
    market->info.mean = mean;
    market->info.covariance = covariance;
    return copy_tickers(market, moments->tickers, NULL, n, error);
}
