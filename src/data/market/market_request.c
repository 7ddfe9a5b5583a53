#include "data/market/market_request.h"

#include <string.h>

#include "base/errors.h"
#include "base/options_struct.h"

mxs_market_options mxsi_market_options_default(void) {
    const mxs_market_options defaults = MXS_MARKET_OPTIONS;
    return defaults;
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

static mxs_status parse_range(const mxs_market_options *options, mxsi_request *request, mxs_error *error) {
    mxs_status status = MXS_OK;
    request->has_range = options->from != NULL || options->to != NULL;
    request->from = INT32_MIN;
    request->to = INT32_MAX;
    if (options->from != NULL) {
        status = parse_date(options->from, "from", &request->from, error);
    }
    if (status == MXS_OK && options->to != NULL) {
        status = parse_date(options->to, "to", &request->to, error);
    }
    if (status == MXS_OK && request->from > request->to) {
        status = mxsi_fail(error, MXS_ERROR_ARGUMENT, "from %s to %s holds no day: from comes after to",
                           mxsi_date_print(request->from).text, mxsi_date_print(request->to).text);
    }
    return status;
}

mxs_status mxsi_market_request_make(const mxs_market_options *options, mxsi_request *request, mxs_error *error) {
    mxs_market_options known = mxsi_market_options_default();
    const mxs_status status = mxsi_options_read(&known, sizeof known, options, "the market options", error);
    if (status != MXS_OK) {
        return status;
    }
    if (mxs_input_name(known.input) == NULL) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no kind of input %d", (int)known.input);
    }
    if (mxs_missing_name(known.missing) == NULL) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no policy for missing values %d", (int)known.missing);
    }
    if (known.exclude == NULL && known.exclude_count > 0) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the list of tickers to exclude is missing");
    }
    *request = (mxsi_request){
        .input = known.input, .missing = known.missing, .exclude = known.exclude, .exclude_count = known.exclude_count};
    return parse_range(&known, request, error);
}
