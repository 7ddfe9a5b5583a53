/* A market's life: made of a file or of arrays, described, destroyed. */
#include "base/errors.h"
#include "base/options_struct.h"
#include "data/market/market_arrays.h"
#include "data/market/market_data.h"
#include "data/market/market_moments.h"
#include "data/market/market_read.h"
#include "data/market/market_request.h"

void mxs_market_options_init(mxs_market_options *options, size_t struct_size) {
    const mxs_market_options defaults = mxsi_market_options_default();
    mxsi_options_init(options, struct_size, &defaults, sizeof defaults);
}

mxs_status mxs_market_read(const char *path, const mxs_market_options *options, mxs_market **market, mxs_error *error) {
    *market = NULL;
    if (path == NULL) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "no file is named");
    }
    mxsi_request request;
    const mxs_status status = mxsi_market_request_make(options, &request, error);
    return status == MXS_OK ? mxsi_market_read(path, &request, market, error) : status;
}

mxs_status mxs_market_create(const double *values, size_t rows, size_t assets, const char *const *tickers,
                             const mxs_market_options *options, mxs_market **market, mxs_error *error) {
    *market = NULL;
    mxsi_request request;
    const mxs_status status = mxsi_market_request_make(options, &request, error);
    return status == MXS_OK ? mxsi_market_from_array(values, rows, assets, tickers, &request, market, error) : status;
}

mxs_status mxs_market_create_from_moments(const double *mean, const double *covariance, size_t assets,
                                          const char *const *tickers, mxs_market **market, mxs_error *error) {
    *market = NULL;
    mxsi_request request;
    const mxs_status status = mxsi_market_request_make(NULL, &request, error);
    return status == MXS_OK ? mxsi_market_from_moments(mean, covariance, assets, tickers, &request, market, error)
                            : status;
}

void mxs_market_destroy(mxs_market *market) {
    mxsi_market_destroy(market);
}

const mxs_market_info *mxs_market_describe(const mxs_market *market) {
    return &market->info;
}

const mxs_dropped *mxs_market_dropped(const mxs_market *market, size_t index) {
    return index < market->info.dropped_count ? &market->dropped[index] : NULL;
}
