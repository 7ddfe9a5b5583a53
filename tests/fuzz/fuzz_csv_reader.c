/* Any bytes, read as a file of prices, returns and moments under every policy: a market whose numbers hold together, or
 * an error of one line. Through memory, so that no file is needed. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/market/market_read.h"
#include "data/market/market_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_MAX = 64 * 1024,
    CELLS_MAX = 4096, /* bounds the square of the number of assets, which is all that would be slow here */
};

static void require(int condition) {
    if (!condition) {
        abort();
    }
}

static void check_error(mxs_status status, const mxs_error *error) {
    require(status == MXS_ERROR_DATA || status == MXS_ERROR_ARGUMENT);
    require(error->status == status);
    require(error->message[0] != '\0' && strpbrk(error->message, "\r\n") == NULL);
    require(memchr(error->message, '\0', sizeof error->message) != NULL);
}

static void check_market(const mxs_market *market) {
    const mxs_market_info *info = mxs_market_describe(market);
    require(info->assets >= 1 && info->format != NULL);
    require((info->returns == NULL) == (info->periods == 0));
    require(info->returns == NULL || info->periods >= 2);
    require((info->first == NULL) == (info->last == NULL));
    require(info->first == NULL || strcmp(info->first, info->last) < 0);
    for (size_t i = 0; i < info->periods * info->assets; ++i) {
        require(isfinite(info->returns[i]));
    }
    for (size_t i = 0; i < info->assets; ++i) {
        require(info->tickers[i][0] != '\0');
        require(isfinite(info->mean[i]) && info->covariance[i * info->assets + i] > 0.0);
        for (size_t j = 0; j < info->assets; ++j) {
            const double upper = info->covariance[i * info->assets + j];
            const double lower = info->covariance[j * info->assets + i];
            require(isfinite(upper) && upper - lower >= 0.0 && upper - lower <= 0.0);
        }
        const double whole = 1.0;
        double volatility = 0.0;
        const mxs_status status = mxs_market_evaluate(market, &i, &whole, 1, 0.0, 252.0, NULL, &volatility, NULL, NULL);
        require(status == MXS_OK && volatility > 0.0);
    }
    for (size_t i = 0; i < info->dropped_count; ++i) {
        const mxs_dropped *dropped = mxs_market_dropped(market, i);
        require(dropped != NULL && dropped->ticker != NULL && dropped->why != NULL);
    }
    require(mxs_market_dropped(market, info->dropped_count) == NULL);
}

static void read_as(const uint8_t *data, size_t size, const mxs_market_options *options) {
    mxs_market *market = NULL;
    mxs_error error;
    memset(&error, 0x55, sizeof error);
    mxsi_request request;
    require(mxsi_market_request_make(options, &request, &error) == MXS_OK);
    const mxs_status status = mxsi_market_parse(data, size, "fuzz.csv", &request, &market, &error);
    require((status == MXS_OK) == (market != NULL));
    if (status == MXS_OK) {
        check_market(market);
    } else {
        check_error(status, &error);
    }
    mxs_market_destroy(market);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t cells = 0;
    for (size_t i = 0; i < size; ++i) {
        cells += data[i] != '\0' && strchr(",;|\t\r\n", data[i]) != NULL;
    }
    if (size > INPUT_MAX || cells > CELLS_MAX) {
        return 0;
    }
    static const char *const EXCLUDED[] = {"BEE"};
    mxs_market_options options;
    mxs_market_options_init(&options, sizeof options);
    read_as(data, size, &options);
    options.missing = MXS_MISSING_ERROR;
    read_as(data, size, &options);
    options.input = MXS_INPUT_RETURNS;
    options.missing = MXS_MISSING_DROP_ROWS;
    options.exclude = EXCLUDED;
    options.exclude_count = 1;
    read_as(data, size, &options);
    options.exclude_count = 0;
    options.from = "2024-08-02";
    options.to = "2024-08-10";
    read_as(data, size, &options);
    mxs_market_options_init(&options, sizeof options);
    options.input = MXS_INPUT_MOMENTS;
    read_as(data, size, &options);
    return 0;
}
