#include "cli/options/bench_arguments.h"

#include <math.h>

#define ARGUMENTS bench_arguments /* where the rows below put their values */

/* Seconds in all. Of 20 that a quick run may take: the rest is for starting, for runs that overshoot, and for a busy
 * machine. */
#define FULL_SECONDS 180
#define QUICK_SECONDS 14
#define TEXT_OF(number) TEXT_OF_EXPANDED(number)
#define TEXT_OF_EXPANDED(number) #number

DEFINE_CHOICES(part_choices, bench_part, BENCH_PART_LIST);

static const option_row rows[] = {
    {.help = "The problem that is timed:"},
    {'k', "assets", "K", INTO_SIZE(request.problem.assets_per_portfolio, 1, SIZE_MAX),
     "five sixths of the assets, at most 25", "assets per portfolio"},
    {'n', "simulations", "S", INTO_COUNT(request.sampling.simulations, 1, UINT64_MAX), NULL,
     "simulated weight vectors per portfolio"},
    {'w', "max-weight", "W", INTO_NUMBER(request.problem.max_weight, 0, 1), "0.2, or 2/K where that is more",
     "the most that one asset may weigh"},
    {0, "min-weight", "W", INTO_NUMBER(request.problem.min_weight, 0, 1), NULL, "the least that one asset may weigh"},
    {'r', "risk-free", "RF", INTO_NUMBER(request.problem.risk_free, -1, 10), NULL, "risk-free rate per year"},
    {0, "periods-per-year", "A", INTO_NUMBER(request.problem.periods_per_year, 1e-3, 1e9), NULL,
     "rows of returns in a year"},
    {'s', "seed", "SEED", INTO_COUNT(request.sampling.seed, 0, UINT64_MAX), NULL, "the seed of all simulations"},
    {0, "input", NULL, INTO_CHOICE(mxs_input, input_choices, market.input), NULL, "what FILE holds"},
    {.help = "What is measured:"},
    {0, "backend", NULL, INTO_CHOICE(mxs_backend, backend_choices, request.run.backend), NULL,
     "auto: the CPU, and the GPU where one can be used; cuda: both or an error"},
    {0, "workers", "P", INTO_UNSIGNED(request.run.workers, 1, MXS_MAX_WORKERS), "one for each core we may use",
     "worker processes on the CPU"},
    {0, "part", "A,B", INTO_CHOICE_MASK(part_choices, parts), "all",
     "some of peaks, ladder, scaling, dealing and sizes; gpu is another word for sizes"},
    {0, "quick", NULL, INTO_FLAG(quick), NULL,
     "three runs of everything in less than 20 seconds, instead of seven in a few minutes"},
    {0, "seconds", "X", INTO_NUMBER(seconds, 0.1, 86400),
     TEXT_OF(FULL_SECONDS) ", or " TEXT_OF(QUICK_SECONDS) " with --quick", "about how long to measure"},
    {.help = "The report:"},
    {0, "format", NULL, INTO_CHOICE(report_format, document_format_choices, format), NULL,
     "the form of what is printed"},
    {'o', "output", "DIR", INTO_FOLDER(folder), NULL,
     "write bench.txt, bench.json, the data of the plots and, where gnuplot is installed, the plots to DIR"},
    {0, "progress", NULL, INTO_CHOICE(progress_mode, progress_choices, progress), NULL,
     "progress on stderr; auto: when it is a terminal"},
    OPTION_ROWS_OF_ALL,
};

static void begin(void *user) {
    bench_arguments *const arguments = user;
    *arguments = (bench_arguments){.parts = PART_ALL};
    mxs_market_options_init(&arguments->market, sizeof arguments->market);
    search_request_init(&arguments->request);
    arguments->request.problem.max_weight = (double)NAN;
}

static bool finish(void *user) {
    bench_arguments *const arguments = user;
    if ((arguments->parts & PART_LADDER) != 0) {
        arguments->parts |= PART_PEAKS; /* which it is held against */
    }
    if (arguments->seconds == 0) {
        arguments->seconds = arguments->quick ? QUICK_SECONDS : FULL_SECONDS;
    }
    return true;
}

const command_syntax bench_syntax = {
    .name = "bench",
    .summary = "how fast this machine is, by every method",
    .about =
        "Times this machine: the way from the textbook's mathematics to the fastest method, each held to the\n"
        "same answer; more worker processes; ways of dealing out work; the GPU against the CPU by size.\n"
        "\n"
        "FILE is a price file as for 'maxsharpe search'. Without it one is made up: 30 assets, 252 days.\n",
    .notes =
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
    .operand = {0, NULL, "FILE", INTO_FILE(file), NULL, NULL},
    .rows = rows,
    .row_count = sizeof rows / sizeof rows[0],
    .arguments_size = sizeof(bench_arguments),
    .begin = begin,
    .finish = finish,
};
