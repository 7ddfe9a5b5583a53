#include "cli/terminal/messages.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/terminal/interrupt.h"
#include "cli/terminal/printable_text.h"
#include "cli/terminal/standard_streams.h"

/* Nowhere is left to say that it failed. Once the program is asked to end, a reader that has stopped reading is not
 * waited for. */
static void write_line(const char *line, size_t length) {
    enum { PATIENCE = 1000 }; /* milliseconds */
    if (wait_until_writable(STANDARD_ERROR, interrupt_requested() ? PATIENCE : -1)) {
        (void)write_all(STANDARD_ERROR, line, length);
    }
}

void print_error(const char *format, ...) {
    enum { LINE_SIZE = 8192 };
    static const char prefix[] = "maxsharpe: ";
    const size_t used = sizeof prefix - 1;
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)snprintf(line, sizeof line, "%s", prefix);
    const int length = vsnprintf(line + used, sizeof line - used - 1, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return;
    }
    const size_t room = sizeof line - 2; /* for the newline, and for what snprintf ends with */
    const size_t end = used + (size_t)length < room ? used + (size_t)length : room;
    blank_control_characters(line);
    /* The newline goes out with the text, in one write: lines of two programs on one terminal do not mix. */
    line[end] = '\n';
    write_line(line, end + 1);
}

void print_warning(const char *text) {
    print_error("warning: %s", text);
}

void print_warnings(size_t count, const char *const *lines) {
    for (size_t i = 0; i < count; ++i) {
        print_warning(lines[i]);
    }
}
