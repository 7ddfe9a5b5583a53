#include "data/market/market_request.h"

#include <string.h>

#include "base/errors.h"

mxs_market_options mxsi_market_options_default(void) {
    return (mxs_market_options){
        .struct_size = sizeof(mxs_market_options), .input = MXS_INPUT_PRICES, .missing = MXS_MISSING_DROP_ASSETS};
}

static mxs_status parse_date(const char *text, const char *which, mxsi_date *date, mxs_error *error) {
    const mxsi_date_text parsed = mxsi_date_scan(text);
    *date = mxsi_date_pack(parsed.year, parsed.first, parsed.second);
    if (parsed.kind != MXSI_DATE_YEAR_FIRST || strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
        !mxsi_date_is_valid(*date)) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "%s: \"%.40s\" is not a date: write it as YYYY-MM-DD", which, text);
    }
    return MXS_OK;
}

mxs_status mxsi_market_request_make(const mxs_market_options *options, mxsi_request *request, mxs_error *error) {
    *request = (mxsi_request){.input = MXS_INPUT_PRICES, .missing = MXS_MISSING_DROP_ASSETS, .to = INT32_MAX};
    if (options == NULL) {
        return MXS_OK;
    }
    if (options->struct_size < sizeof *options) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the market options are not initialised");
    }
    if ((unsigned)options->input > MXS_INPUT_MOMENTS || (unsigned)options->missing > MXS_MISSING_ERROR) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the kind of input or the missing-data policy is out of range");
    }
    if (options->exclude == NULL && options->exclude_count > 0) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the list of tickers to exclude is missing");
    }
    request->input = options->input;
    request->missing = options->missing;
    request->exclude = options->exclude;
    request->exclude_count = options->exclude_count;
    request->has_range = options->from != NULL || options->to != NULL;
    if (options->from != NULL) {
        const mxs_status status = parse_date(options->from, "from", &request->from, error);
        if (status != MXS_OK) {
            return status;
        }
    }
    if (options->to != NULL) {
        const mxs_status status = parse_date(options->to, "to", &request->to, error);
        if (status != MXS_OK) {
            return status;
        }
    }
    if (request->from > request->to) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "from %s to %s holds no day: from comes after to",
                         mxsi_date_print(request->from).text, mxsi_date_print(request->to).text);
    }
    return MXS_OK;
}
