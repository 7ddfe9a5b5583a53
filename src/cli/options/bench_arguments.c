#include "cli/options/bench_arguments.h"

#include <stdint.h>
#include <string.h>

#include "cli/options/option_values.h"
#include "cli/options/option_words.h"
#include "cli/terminal/messages.h"

enum {
    BENCH_ASSETS = FIRST_OPTION_ID,
    BENCH_SIMULATIONS,
    BENCH_MAX_WEIGHT,
    BENCH_MIN_WEIGHT,
    BENCH_RISK_FREE,
    BENCH_PERIODS_PER_YEAR,
    BENCH_SEED,
    BENCH_INPUT,
    BENCH_BACKEND,
    BENCH_WORKERS,
    BENCH_PARTS,
    BENCH_QUICK,
    BENCH_SECONDS,
    BENCH_FORMAT,
    BENCH_OUTPUT,
    BENCH_PROGRESS,
    BENCH_HELP
};

enum { WORKERS_LIMIT = 1024 };

/* Of 20 s that a quick run may take: the rest is for starting, for runs that overshoot, and for a busy machine. */
static const double QUICK_SECONDS = 14;
static const double FULL_SECONDS = 180;
static const double SECONDS_LIMIT = 86400;

static const option_row rows[] = {
    {.help = "The problem that is timed:"},
    {BENCH_ASSETS, 'k', "assets", "K", "assets per portfolio (five sixths of them, at most 25)"},
    {BENCH_SIMULATIONS, 'n', "simulations", "S", "simulated weight vectors per portfolio (1000)"},
    {BENCH_MAX_WEIGHT, 'w', "max-weight", "W", "the most that one asset may weigh (0.2, or 2/K where that is\nmore)"},
    {BENCH_MIN_WEIGHT, 0, "min-weight", "W", "the least that one asset may weigh (0)"},
    {BENCH_RISK_FREE, 'r', "risk-free", "RF", "risk-free rate per year (0.05)"},
    {BENCH_PERIODS_PER_YEAR, 0, "periods-per-year", "A", "rows of returns in a year (252)"},
    {BENCH_SEED, 's', "seed", "SEED", "the seed of all simulations (0)"},
    {BENCH_INPUT, 0, "input", "prices|returns|moments", "what FILE holds (prices)"},
    {.help = "What is measured:"},
    {BENCH_BACKEND, 0, "backend", "auto|cpu|cuda",
     "auto: the CPU, and the GPU where one can be used;\n"
     "cuda: both or an error (auto)"},
    {BENCH_WORKERS, 0, "workers", "P", "worker processes on the CPU (one for each core we\nmay use)"},
    {BENCH_PARTS, 0, "part", "A,B",
     "some of peaks, ladder, scaling, dealing and sizes;\n"
     "gpu is another word for sizes (all of them)"},
    {BENCH_QUICK, 0, "quick", NULL,
     "three runs of everything in less than 20 seconds,\ninstead of seven in a few minutes"},
    {BENCH_SECONDS, 0, "seconds", "X", "about how long to measure (180; with --quick 14)"},
    {.help = "The report:"},
    {BENCH_FORMAT, 0, "format", "text|json", "the form of what is printed (text)"},
    {BENCH_OUTPUT, 'o', "output", "DIR",
     "write bench.txt, bench.json, the data of the plots\n"
     "and, where gnuplot is installed, the plots to DIR"},
    {BENCH_PROGRESS, 0, "progress", "auto|always|never", "progress on stderr; auto: when it is a terminal\n(auto)"},
    {BENCH_HELP, 'h', "help", NULL, "print this help"},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

/* In the order of the enumerations that they name. */
static const char *const input_names[] = {"prices", "returns", "moments"};
static const char *const backend_names[] = {"auto", "cpu", "cuda"};
static const char *const format_names[] = {"text", "json"};
static const char *const progress_names[] = {"auto", "always", "never"};

/* The bits of bench_part in their order, then other words for them. */
static const char *const part_names[] = {"peaks", "ladder", "scaling", "dealing", "sizes", "gpu", "all"};
static const unsigned part_masks[] = {PART_PEAKS, PART_LADDER, PART_SCALING, PART_DEALING,
                                      PART_SIZES, PART_SIZES,  PART_ALL};

static bool read_parts(const char *name, const char *text, unsigned *parts) {
    *parts = 0;
    for (const char *start = text;;) {
        char word[32];
        const size_t length = strcspn(start, ",");
        (void)snprintf(word, sizeof word, "%.*s", (int)length, start);
        const int choice = length < sizeof word ? READ_CHOICE(name, word, part_names) : -1;
        if (choice < 0) {
            if (length >= sizeof word) {
                print_error("option '--%s': '%s' is no part", name, text);
            }
            return false;
        }
        *parts |= part_masks[choice];
        if (start[length] == '\0') {
            return true;
        }
        start += length + 1;
    }
}

static bool apply_to_problem(bench_arguments *arguments, int id, const char *name, const char *text) {
    search_request *const request = &arguments->request;
    uint64_t count = 0;
    bool taken = false;
    switch (id) {
    case BENCH_ASSETS:
        taken = read_count(name, text, 1, SIZE_MAX, &count);
        request->problem.assets_per_portfolio = (size_t)count;
        return taken;
    case BENCH_SIMULATIONS:
        return read_count(name, text, 1, UINT64_MAX, &request->sampling.simulations);
    case BENCH_MAX_WEIGHT:
        arguments->chose_max_weight = true;
        return read_number(name, text, 0, 1, &request->problem.max_weight);
    case BENCH_MIN_WEIGHT:
        return read_number(name, text, 0, 1, &request->problem.min_weight);
    case BENCH_RISK_FREE:
        return read_number(name, text, -1, 10, &request->problem.risk_free);
    case BENCH_PERIODS_PER_YEAR:
        return read_number(name, text, 1e-3, 1e9, &request->problem.periods_per_year);
    case BENCH_WORKERS:
        taken = read_count(name, text, 1, WORKERS_LIMIT, &count);
        request->run.workers = (unsigned)count;
        return taken;
    default: /* BENCH_SEED */
        return read_count(name, text, 0, UINT64_MAX, &request->sampling.seed);
    }
}

static bool apply(bench_arguments *arguments, int id, const char *name, const char *text) {
    int choice = -1;
    switch (id) {
    case BENCH_INPUT:
        choice = READ_CHOICE(name, text, input_names);
        arguments->market.input = (mxs_input)choice;
        return choice >= 0;
    case BENCH_BACKEND:
        choice = READ_CHOICE(name, text, backend_names);
        arguments->request.run.backend = (mxs_backend)choice;
        return choice >= 0;
    case BENCH_FORMAT:
        choice = READ_CHOICE(name, text, format_names);
        arguments->format = (report_format)choice;
        return choice >= 0;
    case BENCH_PROGRESS:
        choice = READ_CHOICE(name, text, progress_names);
        arguments->progress = (progress_mode)choice;
        return choice >= 0;
    case BENCH_PARTS:
        return read_parts(name, text, &arguments->parts);
    case BENCH_QUICK:
        arguments->quick = true;
        return true;
    case BENCH_SECONDS:
        return read_number(name, text, 0.1, SECONDS_LIMIT, &arguments->seconds);
    case BENCH_OUTPUT:
        arguments->folder = text;
        return true;
    default:
        return apply_to_problem(arguments, id, name, text);
    }
}

static bool take_file(bench_arguments *arguments, const char *word) {
    if (arguments->file != NULL) {
        print_error("one FILE at a time: '%s' is one too many; try 'maxsharpe bench --help'", word);
        return false;
    }
    arguments->file = word;
    return true;
}

arguments_outcome bench_arguments_parse(int count, char **words, bench_arguments *arguments) {
    *arguments = (bench_arguments){.parts = PART_ALL, .format = REPORT_TEXT};
    mxs_market_options_init(&arguments->market, sizeof arguments->market);
    search_request_init(&arguments->request);

    option_parser parser;
    option_parser_begin(&parser, "bench", rows, ROW_COUNT, count, words);
    const char *text = NULL;
    for (int id; (id = option_parser_next(&parser, &text)) != OPTION_END;) {
        if (id == OPTION_BAD) {
            return ARGUMENTS_BAD;
        }
        if (id == BENCH_HELP) {
            return ARGUMENTS_HELP;
        }
        const bool taken = id == OPTION_OPERAND ? take_file(arguments, text)
                                                : apply(arguments, id, option_parser_name(&parser, id), text);
        if (!taken) {
            return ARGUMENTS_BAD;
        }
    }
    if ((arguments->parts & PART_LADDER) != 0) {
        arguments->parts |= PART_PEAKS; /* which it is held against */
    }
    if (arguments->seconds == 0) {
        arguments->seconds = arguments->quick ? QUICK_SECONDS : FULL_SECONDS;
    }
    return ARGUMENTS_RUN;
}

void bench_arguments_print_help(FILE *out) {
    (void)fputs(
        "Usage: maxsharpe bench [FILE] [options]\n"
        "\n"
        "Times this machine: the way from the textbook's mathematics to the fastest method, each held to the\n"
        "same answer; more worker processes; ways of dealing out work; the GPU against the CPU by size.\n"
        "\n"
        "FILE is a price file as for 'maxsharpe search'. Without it one is made up: 30 assets, 252 days.\n",
        out);
    print_option_help(out, rows, ROW_COUNT);
    (void)fputs(
        "\n"
        "Example: everything, with plots, in a folder:\n"
        "  maxsharpe bench -o bench-results\n"
        "\n"
        "Exit status:\n"
        "  0    measured; what cannot run here is listed with its reason\n"
        "  1    two methods gave different answers, a run failed, or the report could not be written\n"
        "  2    usage: an unknown option or part, a value that does not parse or is out of range\n"
        "  3    bad input data\n"
        "  4    an infeasible problem\n"
        "  130  interrupted: what has been measured is reported, marked incomplete\n",
        out);
}
