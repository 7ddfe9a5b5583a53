#include "base/errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "maxsharpe/maxsharpe.h"

void mxsi_make_printable(char *text) {
    for (; *text != '\0'; ++text) {
        const unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f) {
            *text = '?';
        }
    }
}

static void fill(mxs_error *error, mxs_status status, uint64_t line, uint64_t column, const char *place,
                 const char *format, va_list arguments) {
    if (error == NULL) {
        return;
    }
    error->status = status;
    error->line = line;
    error->column = column;
    error->hint = MXS_HINT_NONE;
    error->subject[0] = '\0';
    const int length = snprintf(error->message, sizeof error->message, "%s", place);
    const size_t used =
        length < 0 ? 0 : ((size_t)length < sizeof error->message ? (size_t)length : sizeof error->message - 1);
    (void)vsnprintf(error->message + used, sizeof error->message - used, format, arguments);
    mxsi_make_printable(error->message); /* whatever a file or an argument had in it */
}

mxs_status mxsi_fail(mxs_error *error, mxs_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, 0, 0, "", format, arguments);
    va_end(arguments);
    return status;
}

mxs_status mxsi_fail_at(mxs_error *error, mxs_status status, const char *file, uint64_t line, uint64_t column,
                        const char *format, ...) {
    /* A long path must not push the reason out of the line. */
    char place[MXS_ERROR_MESSAGE_SIZE / 2];
    file = file == NULL ? "the data" : file; /* an array has no name */
    if (line == 0) {
        (void)snprintf(place, sizeof place, "%.400s: ", file);
    } else if (column == 0) {
        (void)snprintf(place, sizeof place, "%.400s:%llu: ", file, (unsigned long long)line);
    } else {
        (void)snprintf(place, sizeof place, "%.400s:%llu:%llu: ", file, (unsigned long long)line,
                       (unsigned long long)column);
    }
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, line, column, place, format, arguments);
    va_end(arguments);
    return status;
}

mxs_status mxsi_fail_memory(mxs_error *error, const char *what) {
    return mxsi_fail(error, MXS_ERROR_MEMORY, "not enough memory for %s", what);
}

mxs_status mxsi_advise(mxs_error *error, mxs_status status, mxs_hint hint, const char *subject) {
    if (error != NULL) {
        error->hint = hint;
        (void)snprintf(error->subject, sizeof error->subject, "%s", subject == NULL ? "" : subject);
    }
    return status;
}

const char *mxs_status_string(mxs_status status) {
    switch (status) {
#define MXSI_STATUS_CASE(name, value, text) \
    case name:                              \
        return text;
        MXS_STATUS_LIST(MXSI_STATUS_CASE)
#undef MXSI_STATUS_CASE
    default:
        return "unknown status";
    }
}

const char *mxs_hint_string(mxs_hint hint) {
    switch (hint) {
#define MXSI_HINT_CASE(name, value, text) \
    case name:                            \
        return text;
        MXS_HINT_LIST(MXSI_HINT_CASE)
#undef MXSI_HINT_CASE
    default:
        return "";
    }
}

#define MXSI_TEXT_OF(value) #value
#define MXSI_TEXT(value) MXSI_TEXT_OF(value)

const char *mxs_version(void) {
    return MXSI_TEXT(MXS_VERSION_MAJOR) "." MXSI_TEXT(MXS_VERSION_MINOR) "." MXSI_TEXT(MXS_VERSION_PATCH);
}
