#include "cli/messages.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/printable_text.h"
#include "cli/standard_streams.h"

enum { MESSAGE_SIZE = 8192 };

static void print_line(const char *prefix, const char *format, va_list arguments) {
    char line[MESSAGE_SIZE];
    const int prefix_length = snprintf(line, sizeof line, "maxsharpe: %s", prefix);
    if (prefix_length < 0) {
        return;
    }
    /* Two bytes stay free: the newline goes out with the text, in one write, so that lines of two programs on one
     * terminal do not mix. */
    const size_t used = (size_t)prefix_length;
    const int length = vsnprintf(line + used, sizeof line - used - 1, format, arguments);
    if (length < 0) {
        return;
    }
    size_t end = used + (size_t)length;
    if (end > sizeof line - 2) {
        end = sizeof line - 2;
    }
    line[end] = '\0';
    blank_control_characters(line);
    line[end] = '\n';
    (void)write_all(STANDARD_ERROR, line, end + 1); /* nowhere is left to say that it failed */
}

void print_error(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line("", format, arguments);
    va_end(arguments);
}

__attribute__((format(printf, 1, 2))) static void print_warning_line(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line("warning: ", format, arguments);
    va_end(arguments);
}

void print_warning(const char *text) {
    print_warning_line("%s", text);
}
