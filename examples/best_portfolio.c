/* best_portfolio FILE: the best 25 assets of a price file and their weights. */
#include <maxsharpe/maxsharpe.h>
#include <stdio.h>

int main(int argc, char **argv) {
    mxs_problem_options asked = MXS_PROBLEM_OPTIONS; /* what is asked */
    asked.assets_per_portfolio = 25;
    asked.max_weight = 0.2;
    mxs_sampling_options sampling = MXS_SAMPLING_OPTIONS; /* how it is looked for */
    sampling.simulations = 100;

    mxs_market *market = NULL;
    mxs_problem *problem = NULL;
    mxs_search *search = NULL;
    mxs_result *result = NULL;
    mxs_error error;
    const int found = mxs_market_read(argc > 1 ? argv[1] : "market.csv", NULL, &market, &error) == MXS_OK &&
                      mxs_problem_create(market, &asked, &problem, &error) == MXS_OK &&
                      mxs_search_create(problem, &sampling, &search, &error) == MXS_OK &&
                      mxs_search_run(search, NULL, &result, &error) == MXS_OK;
    if (found) {
        const mxs_portfolio *best = mxs_result_portfolio(result, 0);
        printf("Sharpe ratio %.4f\n", best->sharpe);
        for (size_t i = 0; i < best->asset_count; ++i) {
            printf("%-6s %.4f\n", mxs_market_describe(market)->tickers[best->assets[i]], best->weights[i]);
        }
    } else {
        fprintf(stderr, "%s\n", error.message);
    }
    mxs_result_destroy(result);
    mxs_search_destroy(search);
    mxs_problem_destroy(problem);
    mxs_market_destroy(market);
    return found ? 0 : 1;
}
