#include "cli/terminal/progress_bar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/terminal/printable_text.h"
#include "cli/terminal/standard_streams.h"

enum { TEXT_SIZE = 160, BAR_LIMIT = 40, BAR_LEAST = 8, USUAL_COLUMNS = 80, LINE_LIMIT = 512 };

void progress_bar_begin(progress_bar *bar, progress_mode mode) {
    const bool terminal = isatty(STANDARD_ERROR) == 1;
    *bar =
        (progress_bar){.shown = mode == PROGRESS_ALWAYS || (mode == PROGRESS_AUTO && terminal), .terminal = terminal};
}

/* 3725 -> "1:02:05" */
static void format_duration(char *text, size_t size, double seconds) {
    if (!(seconds < 1e9)) {
        (void)snprintf(text, size, "-");
        return;
    }
    const long whole = lround(ceil(seconds));
    if (whole < 3600) {
        (void)snprintf(text, size, "%ld:%02ld", whole / 60, whole % 60);
    } else if (whole < 48L * 3600) {
        (void)snprintf(text, size, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        (void)snprintf(text, size, "%ldd %ldh", whole / 86400, whole / 3600 % 24);
    }
}

static double share_done(const mxs_progress *progress) {
    return progress->simulations_total == 0
               ? 0
               : fmin(1, (double)progress->simulations_done / (double)progress->simulations_total);
}

/* "60.1M of 143M  20.1M/s  ETA 0:05  best 3.178843" */
static void describe(char *text, size_t size, const mxs_progress *progress) {
    char done[32];
    char total[32];
    char rate[32];
    char eta[32];
    char best[40] = "";
    const double per_second = progress->seconds > 0 ? (double)progress->simulations_done / progress->seconds : 0;
    const uint64_t left = progress->simulations_total > progress->simulations_done
                              ? progress->simulations_total - progress->simulations_done
                              : 0;
    format_short(done, sizeof done, (double)progress->simulations_done);
    format_short(total, sizeof total, (double)progress->simulations_total);
    format_short(rate, sizeof rate, per_second);
    format_duration(eta, sizeof eta, per_second > 0 ? (double)left / per_second : HUGE_VAL);
    if (progress->best_sharpe > -HUGE_VAL) {
        (void)snprintf(best, sizeof best, "  best %.6f", progress->best_sharpe);
    }
    (void)snprintf(text, size, "%s of %s  %s/s  ETA %s%s", done, total, rate, eta, best);
}

static size_t terminal_columns(void) {
    struct winsize size;
    return ioctl(STANDARD_ERROR, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL_COLUMNS;
}

/* A bar that is not written, or not to its end, is drawn again a moment later. */
static void draw_bar(progress_bar *bar, double share, const char *text) {
    char line[LINE_LIMIT];
    char cells[BAR_LIMIT + 1];
    const size_t columns = terminal_columns();
    const size_t fixed = text_width(text) + 12; /* "\r" is no column; " 42.3% [] " and a last column left free */
    size_t bar_width = columns > fixed ? columns - fixed : 0;
    bar_width = bar_width > BAR_LIMIT ? BAR_LIMIT : bar_width < BAR_LEAST ? 0 : bar_width;
    const size_t filled = (size_t)(share * (double)bar_width);
    memset(cells, '#', bar_width);
    memset(cells + filled, '.', bar_width - filled);
    cells[bar_width] = '\0';

    int length = bar_width > 0 ? snprintf(line, sizeof line, "\r%5.1f%% [%s] %s", 100 * share, cells, text)
                               : snprintf(line, sizeof line, "\r%5.1f%% %s", 100 * share, text);
    /* A line that wraps could not be redrawn in place. */
    if ((size_t)length > columns) {
        length = (int)columns;
    }
    const size_t width = (size_t)length - 1;
    while (bar->width > width && (size_t)length < columns) {
        line[length++] = ' ';
        --bar->width;
    }
    bar->width = width;
    write_unless_busy(STANDARD_ERROR, line, (size_t)length);
}

static void print_progress_line(double share, const char *text) {
    char line[LINE_LIMIT];
    const int length = snprintf(line, sizeof line, "maxsharpe: progress: %.1f%%  %s\n", 100 * share, text);
    write_unless_busy(STANDARD_ERROR, line, (size_t)length);
}

/* Drawing from the background would put the bar into another program's lines. */
static bool in_foreground(void) {
    const pid_t group = tcgetpgrp(STANDARD_ERROR);
    return group < 0 || group == getpgrp();
}

void progress_bar_show(progress_bar *bar, double share, double seconds, const char *text) {
    if (!bar->shown) {
        return;
    }
    if (bar->terminal) {
        if (in_foreground()) {
            draw_bar(bar, share, text);
        }
    } else if (seconds >= bar->line_after) {
        print_progress_line(share, text);
        bar->line_after = seconds + 1;
    }
}

void progress_bar_update(progress_bar *bar, const mxs_progress *progress) {
    char text[TEXT_SIZE];
    if (bar->shown) {
        describe(text, sizeof text, progress);
        progress_bar_show(bar, share_done(progress), progress->seconds, text);
    }
}

void progress_bar_end(progress_bar *bar, const mxs_progress *last) {
    if (!bar->shown) {
        return;
    }
    if (!bar->terminal) {
        if (last != NULL) {
            char text[TEXT_SIZE];
            describe(text, sizeof text, last);
            print_progress_line(share_done(last), text);
        }
    } else if (bar->width > 0) {
        char line[LINE_LIMIT];
        const int length = snprintf(line, sizeof line, "\r%*s\r", (int)bar->width, "");
        write_unless_busy(STANDARD_ERROR, line, (size_t)length);
    }
    bar->shown = false;
}
