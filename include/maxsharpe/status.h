/* Statuses, error messages and hints: errors are values. */
#ifndef MAXSHARPE_STATUS_H
#define MAXSHARPE_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "maxsharpe/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, value, text): one list makes the enum and its strings. Values are stable; new ones are appended. */
#define MXS_STATUS_LIST(X)                                                             \
    X(MXS_OK, 0, "success")                                                            \
    X(MXS_ERROR_RUN, 1, "the run failed")                                              \
    X(MXS_ERROR_ARGUMENT, 2, "an argument is out of range or names something unknown") \
    X(MXS_ERROR_DATA, 3, "the input data cannot be used")                              \
    X(MXS_ERROR_INFEASIBLE, 4, "no portfolio can satisfy the problem")                 \
    X(MXS_ERROR_MEMORY, 5, "not enough memory")                                        \
    X(MXS_ERROR_BACKEND, 6, "the requested backend or evaluator is not available")     \
    X(MXS_INTERRUPTED, 7, "interrupted before the search was complete")

#define MXS_STATUS_ENUMERATOR(name, value, text) name = value,
typedef enum mxs_status { MXS_STATUS_LIST(MXS_STATUS_ENUMERATOR) } mxs_status;
#undef MXS_STATUS_ENUMERATOR

/* Which option helps against an error. A message says what is wrong and where, and how a file is mended; what an option
 * is called is for a front end to say: a program has other words for it than a binding.
 *
 * X(name, value, text): text is the advice in this API's words. Values are stable, new ones are appended. */
#define MXS_HINT_LIST(X)                                                                                          \
    X(MXS_HINT_NONE, 0, "")                                                                                       \
    X(MXS_HINT_INPUT_RETURNS, 1, "correct it, or for returns set input to MXS_INPUT_RETURNS")                     \
    X(MXS_HINT_INPUT_TABLE, 2, "for a CSV file set input to MXS_INPUT_PRICES or MXS_INPUT_RETURNS")               \
    X(MXS_HINT_INPUT_MOMENTS, 3, "set input to MXS_INPUT_MOMENTS")                                                \
    X(MXS_HINT_NO_RANGE, 4, "leave out from and to")                                                              \
    X(MXS_HINT_OTHER_RANGE, 5, "choose from and to among the dates there are")                                    \
    X(MXS_HINT_EXCLUDE, 6, "exclude the ticker that subject names")                                               \
    X(MXS_HINT_FILL_OR_DROP, 7, "fill it in, or set missing to MXS_MISSING_DROP_ASSETS or MXS_MISSING_DROP_ROWS") \
    X(MXS_HINT_LATER_OR_DROP_ROWS, 8, "set from to a later date, or missing to MXS_MISSING_DROP_ROWS")            \
    X(MXS_HINT_EXCLUDE_OR_DROP_ASSETS, 9,                                                                         \
      "exclude the ticker that subject names, or set missing to MXS_MISSING_DROP_ASSETS")                         \
    X(MXS_HINT_FEWER_OR_DROP_ASSETS, 10, "exclude a ticker, or set missing to MXS_MISSING_DROP_ASSETS")

#define MXS_HINT_ENUMERATOR(name, value, text) name = value,
typedef enum mxs_hint { MXS_HINT_LIST(MXS_HINT_ENUMERATOR) } mxs_hint;
#undef MXS_HINT_ENUMERATOR

enum {
    MXS_ERROR_MESSAGE_SIZE = 1024,
    MXS_ERROR_SUBJECT_SIZE = 256 /* the longest ticker there is, whole */
};

/* Filled by a function that fails; untouched by one that succeeds. */
typedef struct mxs_error {
    mxs_status status;
    uint64_t line;                        /* 1-based line of the input file, 0 where there is none */
    uint64_t column;                      /* 1-based column (field) of that line, 0 where there is none */
    char message[MXS_ERROR_MESSAGE_SIZE]; /* one line, no final newline, begins "FILE:LINE:COLUMN: " where it has a
                                             place */
    mxs_hint hint;                        /* MXS_HINT_NONE where no option helps */
    char subject[MXS_ERROR_SUBJECT_SIZE]; /* the ticker that the hint is about, in full; "" where it is about none */
} mxs_error;

/* The text of a status; "unknown status" for a value that is none. Never NULL, never freed. */
MXS_API const char *mxs_status_string(mxs_status status);

/* The text of a hint; "" for MXS_HINT_NONE and for a value that is none. Never NULL, never freed. */
MXS_API const char *mxs_hint_string(mxs_hint hint);

#ifdef __cplusplus
}
#endif

#endif
