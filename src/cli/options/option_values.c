#include "cli/options/option_values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/options/value_text.h"
#include "cli/terminal/messages.h"

bool read_count(const char *name, const char *text, uint64_t least, uint64_t most, uint64_t *value) {
    uint64_t parsed = 0;
    if (!value_parse_count(text, &parsed) || parsed < least || parsed > most) {
        print_error("option '--%s': '%s' is not a whole number from %" PRIu64 " to %" PRIu64, name, text, least, most);
        return false;
    }
    *value = parsed;
    return true;
}

bool read_number(const char *name, const char *text, double least, double most, double *value) {
    double parsed = 0;
    if (!value_parse_number(text, &parsed) || parsed < least || parsed > most) {
        print_error("option '--%s': '%s' is not a number from %g to %g", name, text, least, most);
        return false;
    }
    *value = parsed;
    return true;
}

int read_choice(const char *name, const char *text, const char *const *names, int count) {
    const int choice = value_parse_choice(text, names, count);
    if (choice < 0) {
        char list[128] = "";
        for (int i = 0; i < count; ++i) {
            const size_t used = strlen(list);
            (void)snprintf(list + used, sizeof list - used, "%s%s",
                           i == 0           ? ""
                           : i == count - 1 ? " or "
                                            : ", ",
                           names[i]);
        }
        print_error("option '--%s': '%s' is not %s", name, text, list);
    }
    return choice;
}
