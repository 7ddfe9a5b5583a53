#include "signature/recorded_answers.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/seeded_random.h"

/* Copies the column at *at, of less than `size` characters, and steps over the tab behind it. */
static bool next_column(const char **at, char *column, size_t size) {
    const size_t length = strcspn(*at, "\t");
    if (length == 0 || length >= size || (*at)[length] != '\t') {
        return false;
    }
    memcpy(column, *at, length);
    column[length] = '\0';
    *at += length + 1;
    return true;
}

static void read_line(struct recorded_line *line) {
    if (line->text[0] == '#' || line->text[0] == '\0') {
        return;
    }
    char size[8];
    line->answer = line->text;
    if (!next_column(&line->answer, size, sizeof size) ||
        !next_column(&line->answer, line->market, sizeof line->market) ||
        !next_column(&line->answer, line->options, sizeof line->options) ||
        (strcmp(size, "small") != 0 && strcmp(size, "large") != 0)) {
        fail_msg("%s:%zu: not a size, a market, options and an answer", MXS_SIGNATURE_FILE, line->number);
    }
    line->is_search = true;
    line->is_small = strcmp(size, "small") == 0;
}

struct recorded_file read_recorded_file(void) {
    struct recorded_file file = {NULL, 0};
    FILE *const in = fopen(MXS_SIGNATURE_FILE, "r");
    assert_non_null(in);
    char *text = NULL;
    size_t room = 0;
    for (; getline(&text, &room, in) > 0; ++file.count) {
        text[strcspn(text, "\n")] = '\0';
        file.lines = realloc(file.lines, (file.count + 1) * sizeof *file.lines);
        assert_non_null(file.lines);
        file.lines[file.count] = (struct recorded_line){.text = strdup(text), .number = file.count + 1};
        assert_non_null(file.lines[file.count].text);
        read_line(&file.lines[file.count]);
    }
    free(text);
    (void)fclose(in);
    return file;
}

void recorded_file_free(struct recorded_file *file) {
    for (size_t i = 0; i < file->count; ++i) {
        free(file->lines[i].text);
    }
    free(file->lines);
    *file = (struct recorded_file){NULL, 0};
}

void write_recorded_file(const char *text) {
    FILE *const out = fopen(MXS_SIGNATURE_FILE, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

void answer_begin(struct answer_writer *writer) {
    *writer = (struct answer_writer){.all = NULL};
    writer->all = open_memstream(&writer->all_text, &writer->all_size);
    assert_non_null(writer->all);
}

void answer_add_portfolio(struct answer_writer *writer, uint64_t rank, uint32_t tile, uint32_t attempt, double sharpe,
                          double expected_return, double volatility) {
    if (writer->portfolios++ == 0) {
        (void)snprintf(writer->best, sizeof writer->best, "%" PRIu64 "\t%" PRIu32 "\t%" PRIu32 "\t%a", rank, tile,
                       attempt, sharpe);
    }
    (void)fprintf(writer->all, "%" PRIu64 " %" PRIu32 " %" PRIu32 " %a %a %a\n", rank, tile, attempt, sharpe,
                  expected_return, volatility);
}

void answer_add_weight(struct answer_writer *writer, const char *ticker, double weight) {
    (void)fprintf(writer->all, "%s %a\n", ticker, weight);
}

void answer_end(struct answer_writer *writer, const char *sampler, char answer[ANSWER_LENGTH]) {
    assert_int_equal(fclose(writer->all), 0);
    const int length = snprintf(answer, ANSWER_LENGTH, "%s\t%zu\t%s\t%016" PRIx64, sampler, writer->portfolios,
                                writer->best, fingerprint_of(writer->all_text, writer->all_size));
    assert_in_range(length, 1, ANSWER_LENGTH - 1);
    free(writer->all_text);
}

bool is_recorded_answer(const struct recorded_line *line, const char *answer, const char *how) {
    if (strcmp(line->answer, answer) == 0) {
        return true;
    }
    print_error("line %zu, %s: it should stand\n%.*s%s\n", line->number, how, (int)(line->answer - line->text),
                line->text, answer);
    return false;
}

void print_recorded_line(FILE *out, const struct recorded_line *line, const char *answer) {
    if (line->is_search) {
        (void)fprintf(out, "%.*s%s\n", (int)(line->answer - line->text), line->text, answer);
    } else {
        (void)fprintf(out, "%s\n", line->text);
    }
}
