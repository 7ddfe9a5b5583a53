/* Filling a caller's mxs_error in the line that fails. */
#ifndef MAXSHARPE_ERRORS_H
#define MAXSHARPE_ERRORS_H

#include "maxsharpe/status.h"

/* Fills *error (may be NULL) with status and the formatted line, and returns status, so that a failing function ends
 * in `return mxsi_fail(error, MXS_ERROR_DATA, "...")`. */
__attribute__((format(printf, 3, 4))) mxs_status mxsi_fail(mxs_error *error, mxs_status status, const char *format,
                                                           ...);

/* The same with a place: the message becomes "FILE:LINE:COLUMN: ..."; a file of NULL is "the data". A line of 0 leaves
 * out ":LINE:COLUMN", a column of 0 leaves out ":COLUMN". */
__attribute__((format(printf, 6, 7))) mxs_status mxsi_fail_at(mxs_error *error, mxs_status status, const char *file,
                                                              uint64_t line, uint64_t column, const char *format, ...);

/* Replaces every control character by '?': what is left is one line. */
void mxsi_make_printable(char *text);

/* The one wording for "out of memory", with what it was for. */
mxs_status mxsi_fail_memory(mxs_error *error, const char *what);

/* Gives an error that has just been filled a hint, and what it is about (may be NULL), and returns status:
 * `return mxsi_advise(error, mxsi_fail(error, ...), MXS_HINT_EXCLUDE, ticker)`. */
mxs_status mxsi_advise(mxs_error *error, mxs_status status, mxs_hint hint, const char *subject);

#endif
