/* How far the search has come, on stderr. */
#ifndef MAXSHARPE_PROGRESS_BAR_H
#define MAXSHARPE_PROGRESS_BAR_H

#include <stdbool.h>
#include <stddef.h>

#include "maxsharpe/search.h"

/* Whether it is shown. auto: where stderr is a terminal; X as in maxsharpe/types.h. */
#define PROGRESS_MODE_LIST(X) X(PROGRESS_AUTO, 0, "auto") X(PROGRESS_ALWAYS, 1, "always") X(PROGRESS_NEVER, 2, "never")
typedef enum progress_mode { PROGRESS_MODE_LIST(MXS_ENUMERATOR) } progress_mode;

typedef struct progress_bar {
    bool shown;
    bool terminal;     /* a bar redrawn in place; else a line about once a second */
    size_t width;      /* columns that the bar has taken */
    double line_after; /* seconds of the run before which no further line is printed */
} progress_bar;

void progress_bar_begin(progress_bar *bar, progress_mode mode);
void progress_bar_update(progress_bar *bar, const mxs_progress *progress);

/* The same for work that is not one search: its share from 0 to 1, and one line of at most 160 characters that says
 * what it is at. */
void progress_bar_show(progress_bar *bar, double share, double seconds, const char *text);

/* Clears the bar from the terminal. Where lines are printed the last one is this: *last, the end of the run. NULL:
 * there is no such end. */
void progress_bar_end(progress_bar *bar, const mxs_progress *last);

#endif
