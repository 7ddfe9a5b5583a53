#include "data/market/market_arrays.h"

#include <math.h>
#include <stdint.h>

#include "base/errors.h"
#include "data/market/given_tickers.h"
#include "data/market/market_build.h"
#include "data/table/asset_choice.h"
#include "data/table/ticker_index.h"

static mxs_status check_value(const mxsi_panel *panel, const mxsi_request *request, size_t row, size_t asset,
                              mxs_error *error) {
    const double value = panel->values[row * panel->assets + asset];
    if (isnan(value) || (isfinite(value) && (request->input == MXS_INPUT_RETURNS || value > 0.0))) {
        return MXS_OK;
    }
    return mxsi_fail(error, MXS_ERROR_DATA, "row %zu, %.60s: %g is not a %s", row + 1, panel->tickers[asset], value,
                     request->input == MXS_INPUT_PRICES ? "price above zero" : "finite return");
}

static mxs_status make_panel(const double *values, size_t rows, const mxsi_ticker_index *index,
                             const mxsi_asset_choice *choice, const mxsi_request *request, mxsi_arena *scratch,
                             mxsi_panel *panel, mxs_error *error) {
    *panel = (mxsi_panel){.rows = rows, .assets = choice->count};
    panel->tickers = mxsi_arena_allocate(scratch, choice->count, sizeof *panel->tickers);
    panel->values = mxsi_arena_allocate(scratch, rows * choice->count, sizeof *panel->values);
    if (panel->tickers == NULL || panel->values == NULL) {
        return mxsi_fail_memory(error, "the values of a market");
    }
    for (size_t a = 0; a < choice->count; ++a) {
        panel->tickers[a] = index->names[choice->original[a]];
    }
    for (size_t t = 0; t < rows; ++t) {
        for (size_t a = 0; a < choice->count; ++a) {
            panel->values[t * choice->count + a] = values[t * index->count + choice->original[a]];
            const mxs_status status = check_value(panel, request, t, a, error);
            if (status != MXS_OK) {
                return status;
            }
        }
    }
    return MXS_OK;
}

static mxs_status fill_from_array(mxs_market *market, const double *values, size_t rows, size_t assets,
                                  const char *const *tickers, const mxsi_request *request, mxs_error *error) {
    mxsi_arena *scratch = mxsi_arena_create();
    if (scratch == NULL) {
        return mxsi_fail_memory(error, "the values of a market");
    }
    mxsi_ticker_index index;
    mxsi_asset_choice choice;
    mxsi_panel panel;
    mxsi_ticker_index_init(&index, scratch);
    mxs_status status = mxsi_index_given_tickers(tickers, assets, &index, error);
    if (status == MXS_OK) {
        status = mxsi_asset_choice_make(&index, request, NULL, scratch, &choice, error);
    }
    if (status == MXS_OK) {
        status = make_panel(values, rows, &index, &choice, request, scratch, &panel, error);
    }
    if (status == MXS_OK) {
        status = mxsi_market_fill(market, &panel, request, error);
    }
    mxsi_arena_destroy(scratch);
    return status;
}

mxs_status mxsi_market_from_array(const double *values, size_t rows, size_t assets, const char *const *tickers,
                                  const mxsi_request *request, mxs_market **market, mxs_error *error) {
    *market = NULL;
    if (request->input == MXS_INPUT_MOMENTS) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "an array of moments is for mxs_market_create_from_moments");
    }
    if (request->has_range) {
        return mxsi_advise(error, mxsi_fail(error, MXS_ERROR_ARGUMENT, "an array has no dates"), MXS_HINT_NO_RANGE,
                           NULL);
    }
    if (values == NULL || rows == 0 || assets == 0 || rows > SIZE_MAX / sizeof *values / assets) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "an array of %zu rows and %zu assets holds no market", rows,
                         assets);
    }
    mxs_market *made = mxsi_market_new();
    if (made == NULL) {
        return mxsi_fail_memory(error, "a market");
    }
    const mxs_status status = fill_from_array(made, values, rows, assets, tickers, request, error);
    if (status != MXS_OK) {
        mxsi_market_destroy(made);
        return status;
    }
    *market = made;
    return MXS_OK;
}
