#include "data/market/market_moments.h"

#include <math.h>

#include "base/errors.h"
#include "data/market/given_tickers.h"
#include "data/market/market_build.h"
#include "data/table/asset_choice.h"
#include "data/table/ticker_index.h"

static mxs_status check_asset(const mxs_market *market, const mxsi_given_moments *moments, size_t i, mxs_error *error) {
    const double variance = moments->covariance[i * moments->assets + i];
    if (!isfinite(moments->mean[i]) || !isfinite(variance)) {
        return mxsi_fail_at(error, MXS_ERROR_DATA, market->info.file, 0, 0,
                            "asset %.60s: its mean or variance is not a finite number", moments->tickers[i]);
    }
    if (!(variance > 0.0)) {
        (void)mxsi_fail_at(error, MXS_ERROR_DATA, market->info.file, 0, 0,
                           "asset %.60s has constant returns: its variance is not above zero", moments->tickers[i]);
        return mxsi_advise(error, MXS_ERROR_DATA, MXS_HINT_EXCLUDE, moments->tickers[i]);
    }
    return MXS_OK;
}

/* What two roundings of the same number may differ by, relative to the deviations of the pair. */
static const double ROUNDING = 1e-12;

/* Makes covariance exactly symmetric where it is so but for rounding. */
static mxs_status check_pair(const mxs_market *market, const mxsi_given_moments *moments, double *covariance, size_t i,
                             size_t j, mxs_error *error) {
    const size_t n = moments->assets;
    const double upper = covariance[i * n + j];
    const double lower = covariance[j * n + i];
    const double scale = sqrt(covariance[i * n + i]) * sqrt(covariance[j * n + j]);
    const char *fault = NULL;
    if (!isfinite(upper) || !isfinite(lower)) {
        fault = "is not a finite number";
    } else if (fabs(upper - lower) > ROUNDING * scale) {
        fault = "differs by their order: the matrix must be symmetric";
    } else if (fabs(upper) > scale * (1.0 + ROUNDING)) {
        fault = "is larger than their variances allow: the correlation lies beyond one";
    }
    if (fault != NULL) {
        return mxsi_fail_at(error, MXS_ERROR_DATA, market->info.file, 0, 0, "the covariance of %.60s and %.60s %s",
                            moments->tickers[i], moments->tickers[j], fault);
    }
    covariance[j * n + i] = upper;
    return MXS_OK;
}

static mxs_status check_moments(const mxs_market *market, const mxsi_given_moments *moments, double *covariance,
                                mxs_error *error) {
    for (size_t i = 0; i < moments->assets; ++i) {
        const mxs_status status = check_asset(market, moments, i, error);
        if (status != MXS_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < moments->assets; ++i) {
        for (size_t j = i + 1; j < moments->assets; ++j) {
            const mxs_status status = check_pair(market, moments, covariance, i, j, error);
            if (status != MXS_OK) {
                return status;
            }
        }
    }
    return MXS_OK;
}

static mxs_status take_chosen(mxs_market *market, const double *mean, const double *covariance,
                              const mxsi_ticker_index *index, const mxsi_asset_choice *choice, mxsi_arena *scratch,
                              mxs_error *error) {
    const size_t n = choice->count;
    double *chosen_mean = mxsi_arena_allocate(scratch, n, sizeof *chosen_mean);
    double *chosen_covariance = mxsi_arena_allocate(scratch, n * n, sizeof *chosen_covariance);
    const char **tickers = mxsi_arena_allocate(scratch, n, sizeof *tickers);
    if (chosen_mean == NULL || chosen_covariance == NULL || tickers == NULL) {
        return mxsi_fail_memory(error, "the covariance");
    }
    for (size_t i = 0; i < n; ++i) {
        const size_t row = choice->original[i];
        tickers[i] = index->names[row];
        chosen_mean[i] = mean[row];
        for (size_t j = 0; j < n; ++j) {
            chosen_covariance[i * n + j] = covariance[row * index->count + choice->original[j]];
        }
    }
    const mxsi_given_moments moments = {
        .assets = n, .tickers = tickers, .mean = chosen_mean, .covariance = chosen_covariance};
    const mxs_status status = check_moments(market, &moments, chosen_covariance, error);
    return status == MXS_OK ? mxsi_market_fill_moments(market, &moments, error) : status;
}

mxs_status mxsi_market_take_moments(mxs_market *market, const double *mean, const double *covariance, size_t assets,
                                    const char *const *tickers, const mxsi_request *request, mxs_error *error) {
    mxsi_arena *scratch = mxsi_arena_create();
    if (scratch == NULL) {
        return mxsi_fail_memory(error, "the covariance");
    }
    mxsi_ticker_index index;
    mxsi_asset_choice choice;
    mxsi_ticker_index_init(&index, scratch);
    mxs_status status = mxsi_index_given_tickers(tickers, assets, &index, error);
    if (status == MXS_OK) {
        status = mxsi_asset_choice_make(&index, request, market->info.file, scratch, &choice, error);
    }
    if (status == MXS_OK) {
        status = take_chosen(market, mean, covariance, &index, &choice, scratch, error);
    }
    mxsi_arena_destroy(scratch);
    return status;
}

mxs_status mxsi_market_from_moments(const double *mean, const double *covariance, size_t assets,
                                    const char *const *tickers, const mxsi_request *request, mxs_market **market,
                                    mxs_error *error) {
    *market = NULL;
    if (mean == NULL || covariance == NULL || assets == 0) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there are no assets");
    }
    mxs_market *made = mxsi_market_new();
    if (made == NULL) {
        return mxsi_fail_memory(error, "a market");
    }
    const mxs_status status = mxsi_market_take_moments(made, mean, covariance, assets, tickers, request, error);
    if (status != MXS_OK) {
        mxsi_market_destroy(made);
        return status;
    }
    *market = made;
    return MXS_OK;
}
