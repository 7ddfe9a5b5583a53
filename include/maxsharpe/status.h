/* Statuses and error messages: errors are values. */
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

enum { MXS_ERROR_MESSAGE_SIZE = 1024 };

/* Filled by a function that fails; untouched by one that succeeds. */
typedef struct mxs_error {
    mxs_status status;
    uint64_t line;                        /* 1-based line of the input file, 0 where there is none */
    uint64_t column;                      /* 1-based column (field) of that line, 0 where there is none */
    char message[MXS_ERROR_MESSAGE_SIZE]; /* one line, no final newline, begins "FILE:LINE:COLUMN: " where it has a
                                             place */
} mxs_error;

/* The text of a status; "unknown status" for a value that is none. Never NULL, never freed. */
MXS_API const char *mxs_status_string(mxs_status status);

#ifdef __cplusplus
}
#endif

#endif
