/* best_portfolio FILE: the best 25 assets of a price file and their weights. */
#include <maxsharpe/maxsharpe.h>
#include <stdio.h>

int main(int argc, char **argv) {
    mxs_search_options options;
    mxs_search_options_init(&options, sizeof options);
    options.assets_per_portfolio = 25;
    options.max_weight = 0.2;
    options.simulations = 100;

    mxs_market *market = NULL;
    mxs_search *search = NULL;
    mxs_result *result = NULL;
    mxs_error error;
    const int found = mxs_market_read(argc > 1 ? argv[1] : "market.csv", NULL, &market, &error) == MXS_OK &&
                      mxs_search_create(market, &options, &search, &error) == MXS_OK &&
                      mxs_search_run(search, &result, &error) == MXS_OK;
    if (found) {
        const mxs_portfolio *best = &mxs_result_describe(result)->top[0];
        printf("Sharpe ratio %.4f\n", best->sharpe);
        for (size_t i = 0; i < options.assets_per_portfolio; ++i) {
            printf("%-6s %.4f\n", mxs_market_describe(market)->tickers[best->assets[i]], best->weights[i]);
        }
    } else {
        fprintf(stderr, "%s\n", error.message);
    }
    mxs_result_destroy(result);
    mxs_search_destroy(search);
    mxs_market_destroy(market);
    return found ? 0 : 1;
}
