#include "cli/options/search_arguments.h"

#include "cli/terminal/messages.h"

#define ARGUMENTS search_arguments /* where the rows below put their values */

static const option_row rows[] = {
    {.help = "The problem:"},
    {'k', "assets", "K", INTO_SIZE(request.problem.assets_per_portfolio, 1, SIZE_MAX), "all", "assets per portfolio"},
    {'n', "simulations", "S", INTO_COUNT(request.sampling.simulations, 1, UINT64_MAX), NULL,
     "simulated weight vectors per portfolio"},
    {'w', "max-weight", "W", INTO_NUMBER(request.problem.max_weight, 0, 1), NULL,
     "the most that one asset may weigh, 0.2 or 20%"},
    {0, "min-weight", "W", INTO_NUMBER(request.problem.min_weight, 0, 1), NULL, "the least that one asset may weigh"},
    {'r', "risk-free", "RF", INTO_NUMBER(request.problem.risk_free, -1, 10), NULL,
     "risk-free rate per year, 0.05 or 5%"},
    {0, "periods-per-year", "A", INTO_NUMBER(request.problem.periods_per_year, 1e-3, 1e9), NULL,
     "rows of returns in a year"},
    {'s', "seed", "SEED", INTO_COUNT(request.sampling.seed, 0, UINT64_MAX), NULL, "the seed of all simulations"},
    {0, "draws", NULL, INTO_CHOICE(mxs_draws, draws_choices, request.sampling.draws), NULL,
     "fresh: every portfolio has simulations of its own; shared: one set of weights serves all, faster"},
    {0, "include", "A,B", INTO_TICKERS(include), NULL, "tickers that every portfolio holds"},
    {0, "portfolios", "FROM:TO", INTO_RANGE(portfolios), "all",
     "only the portfolios of rank FROM <= p < TO: a shard of the search; either end may be left out"},
    {0, "top", "M", INTO_SIZE(request.problem.top, 1, MXS_MAX_TOP), NULL,
     "report the M best portfolios, each with its best weights"},
    {.help = "The data:"},
    {0, "input", NULL, INTO_CHOICE(mxs_input, input_choices, market.input), NULL,
     "what FILE holds; moments: an OR-Library port file"},
    {0, "from", "DATE", INTO_TEXT(market.from), "the first", "first date to use, YYYY-MM-DD"},
    {0, "to", "DATE", INTO_TEXT(market.to), "the last", "last date to use, YYYY-MM-DD"},
    {0, "exclude", "C,D", INTO_TICKERS(exclude), NULL, "tickers to leave out"},
    {0, "missing", NULL, INTO_CHOICE(mxs_missing, missing_choices, market.missing), NULL,
     "what happens to missing values"},
    {.help = "The run:"},
    {0, "backend", NULL, INTO_CHOICE(mxs_backend, backend_choices, request.run.backend), NULL,
     "what computes. auto: GPUs where one can be used, else the CPU; cuda: GPUs or an error"},
    {0, "devices", "LIST", INTO_GPUS(gpus), "all",
     "GPUs to use, by their numbers in 'maxsharpe devices', such as 0,1; or all"},
    {0, "workers", "P", INTO_UNSIGNED(request.run.workers, 1, MXS_MAX_WORKERS), "one for each core we may use",
     "worker processes on the CPU; each GPU has one"},
    {0, "evaluator", NULL, INTO_CHOICE(mxs_evaluator, evaluator_choices, request.run.evaluator), NULL,
     "how a simulation is evaluated: fused on both, openblas on the CPU, staged on a GPU; auto: the fastest for the "
     "backend and the problem"},
    {.help = "The report:"},
    {0, "format", NULL, INTO_CHOICE(report_format, report_format_choices, format), NULL, "the form of the report"},
    {'o', "output", "FILE", INTO_FILE(output), NULL, "write the report to FILE, all of it or nothing"},
    {0, "progress", NULL, INTO_CHOICE(progress_mode, progress_choices, progress), NULL,
     "progress on stderr; auto: when it is a terminal"},
    {0, "stats", NULL, INTO_FLAG(stats), NULL, "where each worker's time went (JSON always has it)"},
    OPTION_ROWS_OF_ALL,
};

static void begin(void *user) {
    search_arguments *const arguments = user;
    *arguments = (search_arguments){.portfolios = {0, UINT64_MAX}};
    mxs_market_options_init(&arguments->market, sizeof arguments->market);
    search_request_init(&arguments->request);
}

/* Words that are right one by one and contradict each other. */
static bool words_agree(const search_arguments *arguments) {
    const bool on_cpu = arguments->request.run.backend == MXS_BACKEND_CPU;
    if (arguments->gpus.given && (on_cpu || arguments->request.run.evaluator == MXS_EVALUATOR_OPENBLAS)) {
        print_error("option '--devices' names GPUs, and '%s' uses none; leave one of them out",
                    on_cpu ? "--backend cpu" : "--evaluator openblas");
        return false;
    }
    const char *const ticker = ticker_on_both(&arguments->include, &arguments->exclude);
    if (ticker != NULL) {
        print_error("options '--include' and '--exclude' both name '%s'; leave one of them out", ticker);
        return false;
    }
    return true;
}

/* What is read into lists and pairs goes where the library looks for it. */
static bool finish(void *user) {
    search_arguments *const arguments = user;
    arguments->market.exclude = (const char *const *)arguments->exclude.items;
    arguments->market.exclude_count = arguments->exclude.count;
    arguments->request.problem.include = (const char *const *)arguments->include.items;
    arguments->request.problem.include_count = arguments->include.count;
    arguments->request.sampling.first_portfolio = arguments->portfolios.from;
    arguments->request.sampling.end_portfolio = arguments->portfolios.to;
    arguments->request.run.devices = arguments->gpus.numbers;
    arguments->request.run.device_count = arguments->gpus.count;
    return words_agree(arguments);
}

static void end(void *user) {
    search_arguments *const arguments = user;
    ticker_list_free(&arguments->include);
    ticker_list_free(&arguments->exclude);
    gpu_list_free(&arguments->gpus);
}

const command_syntax search_syntax = {
    .name = "search",
    .summary = "the portfolio with the highest Sharpe ratio",
    .about =
        "Finds the portfolio with the highest Sharpe ratio: every choice of K assets out of the N in FILE,\n"
        "S random weight vectors for each, uniform on the weights that sum to 1 within the bounds.\n"
        "\n"
        "FILE is CSV, plain or gzip: dates in rows and tickers in columns, one observation a row (date,\n"
        "ticker, value), or tickers in rows. Delimiter, decimal sign and date format are detected.\n",
    .notes =
        "Whole numbers may be written as 1e6. Long options may be shortened while they stay unambiguous.\n"
        "\n"
        "Example: 25 of 30 stocks, none above a fifth, a million simulations each, the result as JSON:\n"
        "  maxsharpe search prices.csv -k 25 -w 20% -n 1e6 --format json -o best.json\n"
        "\n"
        "Exit status:\n"
        "  0    found\n"
        "  1    the run failed, or its report could not be written\n"
        "  2    usage: an unknown option or ticker, a value that does not parse or is out of range\n"
        "  3    bad input data: unreadable, malformed, a constant asset\n"
        "  4    an infeasible problem: K > N, K * max-weight < 1, K * min-weight > 1\n"
        "  130  interrupted: the best so far is reported, marked incomplete\n",
    .operand = {0, NULL, "FILE", INTO_FILE(file), NULL, NULL},
    .operand_missing = "no FILE to search",
    .rows = rows,
    .row_count = sizeof rows / sizeof rows[0],
    .arguments_size = sizeof(search_arguments),
    .begin = begin,
    .finish = finish,
    .end = end,
};
