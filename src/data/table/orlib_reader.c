#include "data/table/orlib_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "data/table/csv_table.h"
#include "data/table/number_text.h"
#include "data/table/panel.h"

enum { LINE_SIZE = 256, WORDS_MAX = 4 };

/* One line cut into words; one more than any valid line has is enough to refuse it. */
typedef struct line_words {
    char text[LINE_SIZE];
    const char *word[WORDS_MAX];
    size_t count;
    uint64_t line;
} line_words;

static void cut(line_words *words) {
    words->count = 0;
    char *at = words->text;
    while (words->count < WORDS_MAX) {
        at += strspn(at, " \t");
        if (*at == '\0') {
            return;
        }
        words->word[words->count++] = at;
        at += strcspn(at, " \t");
        if (*at != '\0') {
            *at++ = '\0';
        }
    }
}

typedef struct reader {
    mxsi_text_source *source;
    const char *file;
    locale_t c_locale;
    line_words words; /* of the line at hand; count 0 at the end of the text */
    double *deviation;
    unsigned char *present; /* [assets][assets] 1: the pair has been read; only i <= j is used */
    mxsi_orlib_moments *moments;
    mxs_error *error;
} reader;

#define FAIL_AT_WORD(r, column, ...) \
    mxsi_fail_at((r)->error, MXS_ERROR_DATA, (r)->file, (r)->words.line, (column), __VA_ARGS__)

/* The next line that is not blank. */
static mxs_status next_line(reader *r) {
    line_words *words = &r->words;
    size_t length = 0;
    words->count = 0;
    for (;;) {
        mxsi_text_piece piece;
        const mxs_status status = mxsi_text_source_next(r->source, &piece, r->error);
        if (status != MXS_OK) {
            return status;
        }
        words->line = piece.line;
        if (piece.length > LINE_SIZE - 1 - length) {
            return mxsi_advise(r->error, FAIL_AT_WORD(r, 0, "the line is too long for a moments file"),
                               MXS_HINT_INPUT_TABLE, NULL);
        }
        memcpy(words->text + length, piece.bytes, piece.length);
        length += piece.length;
        words->text[length] = '\0';
        const int over = piece.length == 0 && !piece.ends_line;
        if (!over && !piece.ends_line) {
            continue;
        }
        cut(words);
        length = 0;
        if (words->count > 0 || over) {
            return MXS_OK;
        }
    }
}

/* A whole number from 1 to most; 0 for anything else. */
static size_t parse_index(const char *text, size_t most) {
    size_t value = 0;
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0' || strlen(text) > 9) {
        return 0;
    }
    for (; *text != '\0'; ++text) {
        value = value * 10 + (size_t)(*text - '0');
    }
    return value <= most ? value : 0;
}

static mxs_status parse_number(reader *r, size_t word, double *value) {
    int percent = 0;
    const mxsi_number_result result = mxsi_number_parse(r->words.word[word], '.', r->c_locale, value, &percent);
    if (result != MXSI_NUMBER_OK || percent) {
        return FAIL_AT_WORD(r, word + 1, "\"%s\" is not a number", mxsi_shorten(r->words.word[word]).text);
    }
    return MXS_OK;
}

static mxs_status read_count(reader *r) {
    mxs_status status = next_line(r);
    if (status != MXS_OK) {
        return status;
    }
    const size_t count = r->words.count == 1 ? parse_index(r->words.word[0], SIZE_MAX) : 0;
    if (count == 0) {
        (void)FAIL_AT_WORD(r, 0,
                           "not an OR-Library moments file, which begins with the number of assets alone on its line");
        return mxsi_advise(r->error, MXS_ERROR_DATA, MXS_HINT_INPUT_TABLE, NULL);
    }
    if (count > MXSI_ASSETS_MAX) {
        return FAIL_AT_WORD(r, 1, "%zu assets, more than the %d that are supported", count, (int)MXSI_ASSETS_MAX);
    }
    r->moments->assets = count;
    return MXS_OK;
}

static mxs_status read_means(reader *r) {
    const size_t n = r->moments->assets;
    r->moments->mean = calloc(n, sizeof *r->moments->mean);
    r->deviation = calloc(n, sizeof *r->deviation);
    if (r->moments->mean == NULL || r->deviation == NULL) {
        return mxsi_fail_memory(r->error, "the means");
    }
    for (size_t i = 0; i < n; ++i) {
        mxs_status status = next_line(r);
        if (status == MXS_OK && r->words.count != 2) {
            status = FAIL_AT_WORD(r, 0, "expected the mean and the standard deviation of asset %zu of %zu", i + 1, n);
        }
        if (status == MXS_OK) {
            status = parse_number(r, 0, &r->moments->mean[i]);
        }
        if (status == MXS_OK) {
            status = parse_number(r, 1, &r->deviation[i]);
        }
        if (status == MXS_OK && r->deviation[i] < 0.0) {
            status =
                FAIL_AT_WORD(r, 2, "the standard deviation \"%s\" is below zero", mxsi_shorten(r->words.word[1]).text);
        }
        if (status != MXS_OK) {
            return status;
        }
    }
    return MXS_OK;
}

/* The line at hand: i j correlation. */
static mxs_status take_pair(reader *r) {
    const size_t n = r->moments->assets;
    if (r->words.count != 3) {
        return FAIL_AT_WORD(r, 0, "expected two assets and their correlation, such as \"1 2 .562289\"");
    }
    size_t pair[2];
    for (size_t k = 0; k < 2; ++k) {
        pair[k] = parse_index(r->words.word[k], n);
        if (pair[k] == 0) {
            return FAIL_AT_WORD(r, k + 1, "\"%s\" is not an asset from 1 to %zu", mxsi_shorten(r->words.word[k]).text,
                                n);
        }
    }
    double correlation = 0.0;
    const mxs_status status = parse_number(r, 2, &correlation);
    if (status != MXS_OK) {
        return status;
    }
    const size_t i = (pair[0] < pair[1] ? pair[0] : pair[1]) - 1;
    const size_t j = (pair[0] < pair[1] ? pair[1] : pair[0]) - 1;
    const int is_one = correlation >= 1.0 && correlation <= 1.0;
    if (fabs(correlation) > 1.0 || (i == j && !is_one)) {
        return FAIL_AT_WORD(r, 3, "\"%s\" is not a correlation%s", mxsi_shorten(r->words.word[2]).text,
                            i == j ? " of an asset with itself, which is 1" : ": it lies beyond 1");
    }
    if (r->present[i * n + j]) {
        return FAIL_AT_WORD(r, 0, "the pair %zu %zu comes twice: remove one of the two", i + 1, j + 1);
    }
    r->present[i * n + j] = 1;
    const double value = correlation * r->deviation[i] * r->deviation[j];
    r->moments->covariance[i * n + j] = value;
    r->moments->covariance[j * n + i] = value;
    return MXS_OK;
}

static mxs_status read_pairs(reader *r) {
    const size_t n = r->moments->assets;
    /* calloc leaves the pages untouched until pairs arrive: a short file that claims many assets costs nothing. */
    r->moments->covariance = calloc(n * n, sizeof *r->moments->covariance);
    r->present = calloc(n * n, sizeof *r->present);
    if (r->moments->covariance == NULL || r->present == NULL) {
        return mxsi_fail_memory(r->error, "the covariance");
    }
    for (;;) {
        mxs_status status = next_line(r);
        if (status == MXS_OK && r->words.count == 0) {
            break;
        }
        if (status == MXS_OK) {
            status = take_pair(r);
        }
        if (status != MXS_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = i; j < n; ++j) {
            if (!r->present[i * n + j]) {
                return FAIL_AT_WORD(r, 0, "the file ends without the correlation of %zu and %zu", i + 1, j + 1);
            }
        }
    }
    return MXS_OK;
}

mxs_status mxsi_orlib_read(mxsi_text_source *source, mxsi_orlib_moments *moments, mxs_error *error) {
    *moments = (mxsi_orlib_moments){0};
    reader r = {.source = source, .file = mxsi_text_source_name(source), .moments = moments, .error = error};
    r.c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (r.c_locale == (locale_t)0) {
        return mxsi_fail_memory(error, "reading numbers");
    }
    mxs_status status = read_count(&r);
    if (status == MXS_OK) {
        status = read_means(&r);
    }
    if (status == MXS_OK) {
        status = read_pairs(&r);
    }
    if (status != MXS_OK) {
        mxsi_orlib_clear(moments);
    }
    free(r.deviation);
    free(r.present);
    freelocale(r.c_locale);
    return status;
}

void mxsi_orlib_clear(mxsi_orlib_moments *moments) {
    free(moments->mean);
    free(moments->covariance);
    *moments = (mxsi_orlib_moments){0};
}

/* Cuts the first line that is not blank off a text; 0, or -1 where none is whole. */
static int first_line(const char **at, const char *end, line_words *words) {
    while (*at < end) {
        const char *stop = memchr(*at, '\n', (size_t)(end - *at));
        const size_t length = (size_t)((stop == NULL ? end : stop) - *at);
        if (length >= LINE_SIZE) {
            return -1;
        }
        memcpy(words->text, *at, length);
        words->text[length] = '\0';
        words->text[strcspn(words->text, "\r")] = '\0';
        *at = stop == NULL ? end : stop + 1;
        cut(words);
        if (words->count > 0) {
            return 0;
        }
    }
    return -1;
}

int mxsi_orlib_resembles(const char *sample, size_t length) {
    const char *at = sample;
    const char *end = sample + length;
    line_words words;
    if (first_line(&at, end, &words) != 0 || words.count != 1 || parse_index(words.word[0], SIZE_MAX) == 0) {
        return 0;
    }
    return first_line(&at, end, &words) == 0 && words.count == 2 && mxsi_number_scan(words.word[0]).with_point &&
           mxsi_number_scan(words.word[1]).with_point;
}
