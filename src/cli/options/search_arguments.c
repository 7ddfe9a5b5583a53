#include "cli/options/search_arguments.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options/option_values.h"
#include "cli/options/option_words.h"
#include "cli/options/value_text.h"
#include "cli/terminal/messages.h"

enum {
    OPTION_ASSETS = FIRST_OPTION_ID,
    OPTION_SIMULATIONS,
    OPTION_MAX_WEIGHT,
    OPTION_MIN_WEIGHT,
    OPTION_RISK_FREE,
    OPTION_PERIODS_PER_YEAR,
    OPTION_SEED,
    OPTION_DRAWS,
    OPTION_PORTFOLIOS,
    OPTION_INCLUDE,
    OPTION_TOP,
    OPTION_INPUT,
    OPTION_FROM,
    OPTION_TO,
    OPTION_EXCLUDE,
    OPTION_MISSING,
    OPTION_BACKEND,
    OPTION_DEVICES,
    OPTION_WORKERS,
    OPTION_EVALUATOR,
    OPTION_FORMAT,
    OPTION_OUTPUT,
    OPTION_PROGRESS,
    OPTION_STATS,
    OPTION_HELP
};

enum { TOP_LIMIT = 10000, WORKERS_LIMIT = 4096 };

static const option_row rows[] = {
    {.help = "The problem:"},
    {OPTION_ASSETS, 'k', "assets", "K", "assets per portfolio (default: all of them)"},
    {OPTION_SIMULATIONS, 'n', "simulations", "S", "simulated weight vectors per portfolio (1000)"},
    {OPTION_MAX_WEIGHT, 'w', "max-weight", "W", "the most that one asset may weigh, 0.2 or 20% (1)"},
    {OPTION_MIN_WEIGHT, 0, "min-weight", "W", "the least that one asset may weigh (0)"},
    {OPTION_RISK_FREE, 'r', "risk-free", "RF", "risk-free rate per year, 0.05 or 5% (0.05)"},
    {OPTION_PERIODS_PER_YEAR, 0, "periods-per-year", "A", "rows of returns in a year (252)"},
    {OPTION_SEED, 's', "seed", "SEED", "the seed of all simulations (0)"},
    {OPTION_DRAWS, 0, "draws", "fresh|shared",
     "fresh: every portfolio has simulations of its own;\n"
     "shared: one set of weights serves all, faster (fresh)"},
    {OPTION_INCLUDE, 0, "include", "A,B", "tickers that every portfolio holds"},
    {OPTION_PORTFOLIOS, 0, "portfolios", "FROM:TO",
     "only the portfolios of rank FROM <= p < TO: a shard\nof the search; either end may be left out (all)"},
    {OPTION_TOP, 0, "top", "M", "report the M best portfolios, up to 10000 (1)"},
    {.help = "The data:"},
    {OPTION_INPUT, 0, "input", "prices|returns|moments", "what FILE holds; moments: an OR-Library port file\n(prices)"},
    {OPTION_FROM, 0, "from", "DATE", "first date to use, YYYY-MM-DD"},
    {OPTION_TO, 0, "to", "DATE", "last date to use, YYYY-MM-DD"},
    {OPTION_EXCLUDE, 0, "exclude", "C,D", "tickers to leave out"},
    {OPTION_MISSING, 0, "missing", "error|drop-assets|drop-rows", "what happens to missing values (drop-assets)"},
    {.help = "The run:"},
    {OPTION_BACKEND, 0, "backend", "auto|cpu|cuda",
     "what computes. auto: GPUs where one can be used,\n"
     "else the CPU; cuda: GPUs or an error (auto)"},
    {OPTION_DEVICES, 0, "devices", "LIST",
     "GPUs to use, by their numbers in 'maxsharpe\n"
     "devices', such as 0,1; or all (all)"},
    {OPTION_WORKERS, 0, "workers", "P",
     "worker processes on the CPU (one for each core we\nmay use); each GPU has one"},
    {OPTION_EVALUATOR, 0, "evaluator", "auto|openblas|fused|staged",
     "how a simulation is evaluated: fused on both,\n"
     "openblas on the CPU, staged on a GPU; auto: the\n"
     "fastest for the backend and the problem (auto)"},
    {.help = "The report:"},
    {OPTION_FORMAT, 0, "format", "text|json|csv", "the form of the report (text)"},
    {OPTION_OUTPUT, 'o', "output", "FILE", "write the report to FILE, all of it or nothing"},
    {OPTION_PROGRESS, 0, "progress", "auto|always|never", "progress on stderr; auto: when it is a terminal\n(auto)"},
    {OPTION_STATS, 0, "stats", NULL, "where each worker's time went (JSON always has it)"},
    {OPTION_HELP, 'h', "help", NULL, "print this help"},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

/* In the order of the enumerations that they name. */
static const char *const draws_names[] = {"fresh", "shared"};
static const char *const input_names[] = {"prices", "returns", "moments"};
static const char *const missing_names[] = {"drop-assets", "drop-rows", "error"};
static const char *const backend_names[] = {"auto", "cpu", "cuda"};
static const char *const evaluator_names[] = {"auto", "openblas", "fused", "staged"};
static const char *const format_names[] = {"text", "json", "csv"};
static const char *const progress_names[] = {"auto", "always", "never"};

/* Appends the tickers of "A,B" to a list: an option that is given twice adds to what it named before. */
static bool read_tickers(const char *name, const char *text, ticker_list *list) {
    for (const char *start = text;; ++start) {
        const char *const comma = strchrnul(start, ',');
        const char *end = comma;
        while (start < end && *start == ' ') {
            ++start;
        }
        while (end > start && end[-1] == ' ') {
            --end;
        }
        if (start == end) {
            print_error("option '--%s': '%s' has an empty ticker; name them as A,B,C", name, text);
            return false;
        }
        char **const items = realloc(list->items, (list->count + 1) * sizeof *items);
        if (items != NULL) {
            list->items = items;
            items[list->count] = strndup(start, (size_t)(end - start));
        }
        if (items == NULL || items[list->count] == NULL) {
            print_error("not enough memory for the tickers of '--%s'", name);
            return false;
        }
        ++list->count;
        if (*comma == '\0') {
            return true;
        }
        start = comma;
    }
}

static bool holds_number(const int *numbers, size_t count, int number) {
    for (size_t i = 0; i < count; ++i) {
        if (numbers[i] == number) {
            return true;
        }
    }
    return false;
}

/* The digits at text as an int, and *end behind them. False: there are none, or too many. */
static bool scan_gpu_number(const char *text, int *number, const char **end) {
    *number = 0;
    for (*end = text; **end >= '0' && **end <= '9'; ++*end) {
        const int digit = **end - '0';
        if (*number > (INT_MAX - digit) / 10) {
            return false;
        }
        *number = 10 * *number + digit;
    }
    return *end > text;
}

/* The numbers of "0,1" into numbers, which has room for all that text can hold. */
static bool read_gpu_numbers(const char *name, const char *text, int *numbers, size_t *count) {
    for (const char *at = text;; ++at) {
        int number = 0;
        if (!scan_gpu_number(at, &number, &at) || (*at != ',' && *at != '\0')) {
            print_error("option '--%s': '%s' is neither all nor a list of GPU numbers such as 0,1", name, text);
            return false;
        }
        if (holds_number(numbers, *count, number)) {
            print_error("option '--%s': '%s' names GPU %d twice", name, text, number);
            return false;
        }
        numbers[(*count)++] = number;
        if (*at == '\0') {
            return true;
        }
    }
}

/* Replaces what the option said before. */
static bool read_devices(const char *name, const char *text, search_arguments *arguments) {
    int *const devices = malloc((strlen(text) / 2 + 1) * sizeof *devices); /* a number takes a digit and a comma */
    if (devices == NULL) {
        print_error("not enough memory for the GPUs of '--%s'", name);
        return false;
    }
    free(arguments->devices);
    arguments->devices = devices;
    arguments->names_gpus = true;
    arguments->search.run.devices = devices;
    arguments->search.run.device_count = 0;
    return strcmp(text, "all") == 0 || read_gpu_numbers(name, text, devices, &arguments->search.run.device_count);
}

static bool apply_to_problem(search_arguments *arguments, int id, const char *name, const char *text) {
    search_request *const search = &arguments->search;
    uint64_t count = 0;
    switch (id) {
    case OPTION_ASSETS:
        if (!read_count(name, text, 1, SIZE_MAX, &count)) {
            return false;
        }
        search->problem.assets_per_portfolio = (size_t)count;
        return true;
    case OPTION_SIMULATIONS:
        return read_count(name, text, 1, UINT64_MAX, &search->sampling.simulations);
    case OPTION_MAX_WEIGHT:
        return read_number(name, text, 0, 1, &search->problem.max_weight);
    case OPTION_MIN_WEIGHT:
        return read_number(name, text, 0, 1, &search->problem.min_weight);
    case OPTION_RISK_FREE:
        return read_number(name, text, -1, 10, &search->problem.risk_free);
    case OPTION_PERIODS_PER_YEAR:
        return read_number(name, text, 1e-3, 1e9, &search->problem.periods_per_year);
    case OPTION_SEED:
        return read_count(name, text, 0, UINT64_MAX, &search->sampling.seed);
    case OPTION_INCLUDE:
        return read_tickers(name, text, &arguments->include);
    case OPTION_PORTFOLIOS:
        if (!value_parse_range(text, &search->sampling.first_portfolio, &search->sampling.end_portfolio)) {
            print_error("option '--%s': '%s' is not FROM:TO, two whole numbers with FROM < TO", name, text);
            return false;
        }
        return true;
    default: /* OPTION_TOP */
        if (!read_count(name, text, 1, TOP_LIMIT, &count)) {
            return false;
        }
        search->problem.top = (size_t)count;
        return true;
    }
}

/* Options whose value is one of a few words. */
static bool apply_choice(search_arguments *arguments, int id, const char *name, const char *text) {
    int choice = -1;
    switch (id) {
    case OPTION_DRAWS:
        choice = READ_CHOICE(name, text, draws_names);
        arguments->search.sampling.draws = (mxs_draws)choice;
        break;
    case OPTION_INPUT:
        choice = READ_CHOICE(name, text, input_names);
        arguments->market.input = (mxs_input)choice;
        break;
    case OPTION_MISSING:
        choice = READ_CHOICE(name, text, missing_names);
        arguments->market.missing = (mxs_missing)choice;
        break;
    case OPTION_BACKEND:
        choice = READ_CHOICE(name, text, backend_names);
        arguments->search.run.backend = (mxs_backend)choice;
        break;
    case OPTION_EVALUATOR:
        choice = READ_CHOICE(name, text, evaluator_names);
        arguments->search.run.evaluator = (mxs_evaluator)choice;
        break;
    case OPTION_FORMAT:
        choice = READ_CHOICE(name, text, format_names);
        arguments->format = (report_format)choice;
        break;
    default: /* OPTION_PROGRESS */
        choice = READ_CHOICE(name, text, progress_names);
        arguments->progress = (progress_mode)choice;
        break;
    }
    return choice >= 0;
}

static bool apply(search_arguments *arguments, int id, const char *name, const char *text) {
    uint64_t count = 0;
    switch (id) {
    case OPTION_FROM:
        arguments->market.from = text;
        return true;
    case OPTION_TO:
        arguments->market.to = text;
        return true;
    case OPTION_EXCLUDE:
        return read_tickers(name, text, &arguments->exclude);
    case OPTION_DEVICES:
        return read_devices(name, text, arguments);
    case OPTION_WORKERS:
        if (!read_count(name, text, 1, WORKERS_LIMIT, &count)) {
            return false;
        }
        arguments->search.run.workers = (unsigned)count;
        return true;
    case OPTION_OUTPUT:
        arguments->output = text;
        return true;
    case OPTION_STATS:
        arguments->stats = true;
        return true;
    case OPTION_DRAWS:
    case OPTION_INPUT:
    case OPTION_MISSING:
    case OPTION_BACKEND:
    case OPTION_EVALUATOR:
    case OPTION_FORMAT:
    case OPTION_PROGRESS:
        return apply_choice(arguments, id, name, text);
    default:
        return apply_to_problem(arguments, id, name, text);
    }
}

static bool take_file(search_arguments *arguments, const char *word) {
    if (arguments->file != NULL) {
        print_error("one FILE at a time: '%s' is one too many; try 'maxsharpe search --help'", word);
        return false;
    }
    arguments->file = word;
    return true;
}

/* A ticker that is on both lists; NULL: there is none. */
static const char *on_both(const ticker_list *some, const ticker_list *others) {
    for (size_t i = 0; i < some->count; ++i) {
        for (size_t j = 0; j < others->count; ++j) {
            if (strcmp(some->items[i], others->items[j]) == 0) {
                return some->items[i];
            }
        }
    }
    return NULL;
}

/* Words that are right one by one and contradict each other. */
static bool words_agree(const search_arguments *arguments) {
    const bool on_cpu = arguments->search.run.backend == MXS_BACKEND_CPU;
    if (arguments->names_gpus && (on_cpu || arguments->search.run.evaluator == MXS_EVALUATOR_OPENBLAS)) {
        print_error("option '--devices' names GPUs, and '%s' uses none; leave one of them out",
                    on_cpu ? "--backend cpu" : "--evaluator openblas");
        return false;
    }
    const char *const ticker = on_both(&arguments->include, &arguments->exclude);
    if (ticker != NULL) {
        print_error("options '--include' and '--exclude' both name '%s'; leave one of them out", ticker);
        return false;
    }
    return true;
}

arguments_outcome search_arguments_parse(int count, char **words, search_arguments *arguments) {
    *arguments = (search_arguments){.format = REPORT_TEXT};
    mxs_market_options_init(&arguments->market, sizeof arguments->market);
    search_request_init(&arguments->search);

    option_parser parser;
    option_parser_begin(&parser, "search", rows, ROW_COUNT, count, words);
    const char *text = NULL;
    for (int id; (id = option_parser_next(&parser, &text)) != OPTION_END;) {
        if (id == OPTION_BAD) {
            return ARGUMENTS_BAD;
        }
        if (id == OPTION_HELP) {
            return ARGUMENTS_HELP;
        }
        const bool taken = id == OPTION_OPERAND ? take_file(arguments, text)
                                                : apply(arguments, id, option_parser_name(&parser, id), text);
        if (!taken) {
            return ARGUMENTS_BAD;
        }
    }
    if (arguments->file == NULL) {
        print_error("no FILE to search; try 'maxsharpe search --help'");
        return ARGUMENTS_BAD;
    }
    if (!words_agree(arguments)) {
        return ARGUMENTS_BAD;
    }
    arguments->market.exclude = (const char *const *)arguments->exclude.items;
    arguments->market.exclude_count = arguments->exclude.count;
    arguments->search.problem.include = (const char *const *)arguments->include.items;
    arguments->search.problem.include_count = arguments->include.count;
    return ARGUMENTS_RUN;
}

static void free_tickers(ticker_list *list) {
    for (size_t i = 0; i < list->count; ++i) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (ticker_list){.count = 0};
}

void search_arguments_free(search_arguments *arguments) {
    free_tickers(&arguments->include);
    free_tickers(&arguments->exclude);
    free(arguments->devices);
    arguments->devices = NULL;
}

void search_arguments_print_help(FILE *out) {
    (void)fputs(
        "Usage: maxsharpe search FILE [options]\n"
        "\n"
        "Finds the portfolio with the highest Sharpe ratio: every choice of K assets out of the N in FILE,\n"
        "S random weight vectors for each, uniform on the weights that sum to 1 within the bounds.\n"
        "\n"
        "FILE is CSV, plain or gzip: dates in rows and tickers in columns, one observation a row (date,\n"
        "ticker, value), or tickers in rows. Delimiter, decimal sign and date format are detected.\n",
        out);
    print_option_help(out, rows, ROW_COUNT);
    (void)fputs(
        "\n"
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
        out);
}
