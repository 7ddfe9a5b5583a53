#include "data/market/dropped_assets.h"

#include <string.h>

#include "base/errors.h"
#include "data/market/market_data.h"

mxs_status mxsi_market_refuse_dropped(const mxs_market *market, const char *const *tickers, size_t count,
                                      mxs_error *error) {
    for (size_t i = 0; i < count; ++i) {
        for (size_t d = 0; d < market->info.dropped_count; ++d) {
            const mxs_dropped *dropped = &market->dropped[d];
            if (strcmp(dropped->ticker, tickers[i]) == 0) {
                (void)mxsi_fail(error, MXS_ERROR_ARGUMENT, "cannot include '%.64s': it was dropped: %.300s",
                                dropped->ticker, dropped->why);
                return mxsi_advise(error, MXS_ERROR_ARGUMENT, MXS_HINT_LATER_OR_DROP_ROWS, NULL);
            }
        }
    }
    return MXS_OK;
}
