#include "cli/terminal/delivery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/terminal/messages.h"
#include "cli/terminal/standard_streams.h"

bool print_to_standard_output(const char *text, size_t size) {
    if (write_all(STANDARD_OUTPUT, text, size)) {
        return true;
    }
    print_error("cannot write to standard output: %s", strerror(errno));
    return false;
}

/* /dev/null takes everything, but nobody will find it there. */
static bool is_discarded(int descriptor) {
    struct stat status;
    struct stat null;
    return fstat(descriptor, &status) == 0 && S_ISCHR(status.st_mode) && stat("/dev/null", &null) == 0 &&
           status.st_rdev == null.st_rdev;
}

/* Whoever closed the pipe or interrupted the write wants no more of it. */
static bool is_refused(int reason) {
    return reason == EPIPE || reason == EINTR;
}

/* Writes to stderr what stdout did not take; only a person's terminal may hold more than lines of ours. */
static bool show_on_terminal(int reason, const char *text, size_t size) {
    return !is_refused(reason) && isatty(STANDARD_ERROR) == 1 && write_all(STANDARD_ERROR, text, size);
}

static bool deliver_to_standard_output(const char *text, size_t size) {
    if (write_all(STANDARD_OUTPUT, text, size)) {
        return true;
    }
    const int reason = errno;
    print_error("cannot write to standard output: %s%s", strerror(reason),
                show_on_terminal(reason, text, size) ? "; the report is on standard error" : "");
    return false;
}

/* Writes what the file did not take for this reason wherever else it can be seen; returns where. */
static const char *save(const output_file *output, int reason, const char *text, size_t size) {
    if (output->descriptor != STANDARD_OUTPUT && standard_output_is_open() && !is_discarded(STANDARD_OUTPUT)) {
        if (write_all(STANDARD_OUTPUT, text, size)) {
            return "the report is on standard output";
        }
        reason = errno;
    }
    return output->descriptor != STANDARD_ERROR && show_on_terminal(reason, text, size)
               ? "the report is on standard error"
               : "the report is lost";
}

bool deliver_report(const output_file *output, const char *text, size_t size) {
    if (output == NULL) {
        return deliver_to_standard_output(text, size);
    }
    const int reason = output_file_write(output, text, size);
    if (reason != 0) {
        const char *const place = save(output, reason, text, size);
        print_error("cannot write '%s': %s; %s", output->path, strerror(reason), place);
    }
    return reason == 0;
}
