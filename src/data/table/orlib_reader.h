/* OR-Library's portfolio files: J. E. Beasley, OR-Library: distributing test problems by electronic mail, Journal of
 * the Operational Research Society 41(11), 1990. The number of assets N, then N lines "mean deviation", then a line
 * "i j correlation" for every pair i <= j. */
#ifndef MAXSHARPE_ORLIB_READER_H
#define MAXSHARPE_ORLIB_READER_H

#include <stddef.h>

#include "data/table/text_source.h"

typedef struct mxsi_orlib_moments {
    size_t assets;
    double *mean;       /* [assets] */
    double *covariance; /* [assets][assets]: correlation times both deviations */
} mxsi_orlib_moments;

/* Reads the rest of source. On success free both arrays with mxsi_orlib_clear.
 * MXS_ERROR_DATA: anything that is not such a file, a pair twice or missing, a correlation beyond one. */
mxs_status mxsi_orlib_read(mxsi_text_source *source, mxsi_orlib_moments *moments, mxs_error *error);

void mxsi_orlib_clear(mxsi_orlib_moments *moments);

/* Whether a text begins as such a file does, so that a CSV reader can say what it is. */
int mxsi_orlib_resembles(const char *sample, size_t length);

#endif
