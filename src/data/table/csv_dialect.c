#include "data/table/csv_dialect.h"

#include <string.h>

enum { CANDIDATES = 4 };

/* The comma comes last: where another character splits the lines as evenly, the commas are decimal commas. */
static const char DELIMITERS[CANDIDATES + 1] = "\t;|,";

typedef struct tally {
    size_t first[CANDIDATES];    /* occurrences in the first record */
    size_t now[CANDIDATES];      /* in this record */
    size_t agreeing[CANDIDATES]; /* records with as many as the first */
    size_t records;
} tally;

static void end_record(tally *counts) {
    for (size_t i = 0; i < CANDIDATES; ++i) {
        if (counts->records == 0) {
            counts->first[i] = counts->now[i];
        }
        counts->agreeing[i] += counts->first[i] > 0 && counts->now[i] == counts->first[i];
        counts->now[i] = 0;
    }
    ++counts->records;
}

char mxsi_csv_detect_delimiter(const char *sample, size_t length) {
    tally counts = {0};
    int quoted = 0;
    int blank = 1;
    for (size_t i = 0; i < length; ++i) {
        const char c = sample[i];
        if ((c == '\n' || c == '\r') && !quoted) {
            if (!blank) {
                end_record(&counts);
            }
            blank = 1;
            continue;
        }
        blank = blank && c == ' ';
        quoted ^= c == '"';
        const char *found = quoted || c == '\0' ? NULL : strchr(DELIMITERS, c);
        if (found != NULL) {
            ++counts.now[found - DELIMITERS];
        }
    }
    /* The sample usually stops within a record, which then has too few of everything. */
    if (counts.records == 0) {
        end_record(&counts);
    }
    size_t best = 0;
    for (size_t i = 1; i < CANDIDATES; ++i) {
        best = counts.agreeing[i] > counts.agreeing[best] ? i : best;
    }
    return counts.agreeing[best] == 0 ? '\0' : DELIMITERS[best];
}

const char *mxsi_csv_delimiter_name(char delimiter) {
    switch (delimiter) {
    case ';':
        return "semicolon-separated";
    case '\t':
        return "tab-separated";
    case '|':
        return "bar-separated";
    default:
        return "comma-separated";
    }
}
