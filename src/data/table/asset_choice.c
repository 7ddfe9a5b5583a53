#include "data/table/asset_choice.h"

#include "base/errors.h"

mxs_status mxsi_asset_choice_make(const mxsi_ticker_index *index, const mxsi_request *request, const char *file,
                                  mxsi_arena *arena, mxsi_asset_choice *choice, mxs_error *error) {
    choice->count = 0;
    choice->original = mxsi_arena_allocate(arena, index->count, sizeof *choice->original);
    choice->chosen = mxsi_arena_allocate(arena, index->count, sizeof *choice->chosen);
    if (choice->original == NULL || choice->chosen == NULL) {
        return mxsi_fail_memory(error, "the tickers");
    }
    for (size_t i = 0; i < request->exclude_count; ++i) {
        const char *ticker = request->exclude[i];
        const size_t at = ticker == NULL ? MXSI_TICKER_NONE : mxsi_ticker_index_find(index, ticker);
        if (at == MXSI_TICKER_NONE) {
            return mxsi_fail(error, MXS_ERROR_ARGUMENT, "no ticker \"%.60s\" to exclude in %.400s",
                             ticker == NULL ? "" : ticker, file == NULL ? "the data" : file);
        }
        choice->chosen[at] = MXSI_TICKER_NONE;
    }
    for (size_t i = 0; i < index->count; ++i) {
        if (choice->chosen[i] != MXSI_TICKER_NONE) {
            choice->chosen[i] = choice->count;
            choice->original[choice->count++] = i;
        }
    }
    if (choice->count == 0) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "every ticker is excluded: keep at least one");
    }
    if (choice->count > MXSI_ASSETS_MAX) {
        return mxsi_fail_at(error, MXS_ERROR_DATA, file, 0, 0,
                            "%zu assets, more than the %d that are supported: leave some out", choice->count,
                            (int)MXSI_ASSETS_MAX);
    }
    return MXS_OK;
}
