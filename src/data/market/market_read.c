#include "data/market/market_read.h"

#include "base/errors.h"
#include "data/market/market_build.h"
#include "data/market/market_moments.h"
#include "data/table/csv_dialect.h"
#include "data/table/csv_table.h"
#include "data/table/orlib_reader.h"
#include "data/table/table_panel.h"
#include "data/table/table_reading.h"
#include "data/table/text_source.h"

static const char *layout_name(mxsi_layout_kind kind) {
    switch (kind) {
    case MXSI_LAYOUT_WIDE:
        break;
    case MXSI_LAYOUT_LONG:
        return "long CSV";
    case MXSI_LAYOUT_TRANSPOSED:
        return "tickers in rows";
    }
    return "wide CSV";
}

static mxs_status describe_format(mxs_market *market, const mxsi_table_reading *reading, int is_gzip,
                                  const mxsi_messages *warnings, mxs_error *error) {
    market->info.format = mxsi_arena_format(market->arena, "%s, %s%s, %s%s", layout_name(reading->layout.kind),
                                            mxsi_csv_delimiter_name(reading->table->delimiter),
                                            reading->decimal_sign == ',' ? ", decimal commas" : "",
                                            reading->date_format, is_gzip ? ", gzip" : "");
    mxsi_messages kept = {0};
    for (size_t i = 0; i < warnings->count; ++i) {
        if (mxsi_messages_append(market->arena, &kept, warnings->items[i]) != 0) {
            return mxsi_fail_memory(error, "the warnings");
        }
    }
    market->info.warnings = kept.items;
    market->info.warning_count = kept.count;
    return market->info.format == NULL ? mxsi_fail_memory(error, "the description of a file") : MXS_OK;
}

static mxs_status read_csv(mxsi_text_source *source, const mxsi_request *request, mxs_market *market,
                           mxs_error *error) {
    const char *sample = NULL;
    size_t length = 0;
    mxsi_text_source_sample(source, &sample, &length);
    if (mxsi_orlib_resembles(sample, length)) {
        (void)mxsi_fail_at(error, MXS_ERROR_DATA, mxsi_text_source_name(source), 1, 0,
                           "this looks like an OR-Library moments file");
        return mxsi_advise(error, MXS_ERROR_DATA, MXS_HINT_INPUT_MOMENTS, NULL);
    }
    mxsi_csv_table table;
    mxs_status status = mxsi_csv_table_read(source, &table, error);
    if (status != MXS_OK) {
        return status;
    }
    mxsi_arena *scratch = mxsi_arena_create();
    if (scratch == NULL) {
        status = mxsi_fail_memory(error, "reading a file");
        goto cleanup;
    }
    mxsi_table_reading reading;
    mxsi_panel panel;
    mxsi_messages warnings = {0};
    status = mxsi_table_panel_read(&table, request, scratch, &warnings, &reading, &panel, error);
    if (status == MXS_OK) {
        status = mxsi_market_fill(market, &panel, request, error);
    }
    if (status == MXS_OK) {
        status = describe_format(market, &reading, mxsi_text_source_is_gzip(source), &warnings, error);
    }
cleanup:
    mxsi_arena_destroy(scratch);
    mxsi_csv_table_clear(&table);
    return status;
}

static mxs_status read_moments(mxsi_text_source *source, const mxsi_request *request, mxs_market *market,
                               mxs_error *error) {
    if (request->has_range) {
        (void)mxsi_fail(error, MXS_ERROR_ARGUMENT, "%.400s holds moments, which have no dates",
                        mxsi_text_source_name(source));
        return mxsi_advise(error, MXS_ERROR_ARGUMENT, MXS_HINT_NO_RANGE, NULL);
    }
    mxsi_orlib_moments moments;
    mxs_status status = mxsi_orlib_read(source, &moments, error);
    if (status != MXS_OK) {
        return status;
    }
    status = mxsi_market_take_moments(market, moments.mean, moments.covariance, moments.assets, NULL, request, error);
    mxsi_orlib_clear(&moments);
    if (status == MXS_OK) {
        market->info.format = mxsi_text_source_is_gzip(source) ? "OR-Library moments, gzip" : "OR-Library moments";
    }
    return status;
}

/* Makes a market of a source, which is closed. */
static mxs_status read_source(mxsi_text_source *source, const mxsi_request *request, mxs_market **out,
                              mxs_error *error) {
    mxs_status status = MXS_OK;
    mxs_market *market = mxsi_market_new();
    if (market == NULL) {
        status = mxsi_fail_memory(error, "a market");
        goto cleanup;
    }
    market->info.file = mxsi_arena_copy_string(market->arena, mxsi_text_source_name(source));
    if (market->info.file == NULL) {
        status = mxsi_fail_memory(error, "a market");
        goto cleanup;
    }
    market->info.input = request->input;
    status = request->input == MXS_INPUT_MOMENTS ? read_moments(source, request, market, error)
                                                 : read_csv(source, request, market, error);
    if (status == MXS_OK) {
        *out = market;
        market = NULL;
    }
cleanup:
    mxsi_market_destroy(market);
    mxsi_text_source_close(source);
    return status;
}

mxs_status mxsi_market_read(const char *path, const mxsi_request *request, mxs_market **market, mxs_error *error) {
    *market = NULL;
    mxsi_text_source *source = NULL;
    const mxs_status status = mxsi_text_source_open(path, &source, error);
    return status == MXS_OK ? read_source(source, request, market, error) : status;
}

mxs_status mxsi_market_parse(const void *bytes, size_t size, const char *name, const mxsi_request *request,
                             mxs_market **market, mxs_error *error) {
    *market = NULL;
    mxsi_text_source *source = NULL;
    const mxs_status status = mxsi_text_source_open_bytes(bytes, size, name, &source, error);
    return status == MXS_OK ? read_source(source, request, market, error) : status;
}
