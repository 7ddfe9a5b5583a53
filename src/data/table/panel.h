/* Values by period and asset, as a file or an array gave them, before missing values are dealt with. */
#ifndef MAXSHARPE_PANEL_H
#define MAXSHARPE_PANEL_H

#include <stddef.h>
#include <stdint.h>

#include "data/table/calendar_date.h"
#include "maxsharpe/types.h"

/* Sigma of so many assets takes 2 GiB; a file beyond it is a mistake more likely than a market. */
enum { MXSI_ASSETS_MAX = 16384 };

typedef struct mxsi_panel mxsi_panel;

struct mxsi_panel {
    const char *file; /* for messages, or NULL */
    size_t rows;
    size_t assets;
    const char **tickers;   /* [assets] */
    const mxsi_date *dates; /* [rows] ascending, or NULL */
    double *values;         /* [rows][assets]; NaN: missing */
    /* Finds where in the file a value stands or should stand; line 0: nowhere. NULL where there is no file. */
    void (*place)(const mxsi_panel *panel, size_t row, size_t asset, uint64_t *line, uint64_t *column);
    const void *source; /* for place */
};

/* What a caller asks for, with its dates parsed. */
typedef struct mxsi_request {
    mxs_input input;
    mxs_missing missing;
    int has_range;
    mxsi_date from;
    mxsi_date to;
    const char *const *exclude; /* [exclude_count] */
    size_t exclude_count;
} mxsi_request;

#endif
