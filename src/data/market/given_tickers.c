#include "data/market/given_tickers.h"

#include "base/errors.h"

mxs_status mxsi_index_given_tickers(const char *const *tickers, size_t assets, mxsi_ticker_index *index,
                                    mxs_error *error) {
    for (size_t i = 0; i < assets; ++i) {
        if (tickers != NULL && tickers[i] == NULL) {
            return mxsi_fail(error, MXS_ERROR_ARGUMENT, "ticker %zu is missing", i + 1);
        }
        const char *ticker = tickers == NULL ? mxsi_arena_format(index->arena, "A%zu", i + 1) : tickers[i];
        if (ticker == NULL) {
            return mxsi_fail_memory(error, "the tickers");
        }
        const char *fault = mxsi_ticker_fault(ticker);
        if (fault != NULL) {
            return mxsi_fail(error, MXS_ERROR_ARGUMENT, "ticker %zu %s", i + 1, fault);
        }
        int added = 0;
        const size_t first = mxsi_ticker_index_add(index, ticker, &added);
        if (first == MXSI_TICKER_NONE) {
            return mxsi_fail_memory(error, "the tickers");
        }
        if (!added) {
            return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the ticker \"%.60s\" is repeated (assets %zu and %zu)", ticker,
                             first + 1, i + 1);
        }
    }
    return MXS_OK;
}
