/* The file of recorded answers: a search a line, in the program's words, and what comes out of it. */
#ifndef MAXSHARPE_TESTS_RECORDED_ANSWERS_H
#define MAXSHARPE_TESTS_RECORDED_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One line. What is no search, a comment or an empty line, has its text alone. */
struct recorded_line {
    char *text; /* as it stands in the file, without its end */
    size_t number;
    bool is_search;
    bool is_small; /* few enough simulations for kernels that run on the CPU */
    char market[64];
    char options[192];
    const char *answer; /* in text: the columns behind the options */
};

struct recorded_file {
    struct recorded_line *lines;
    size_t count;
};

/* Reads tests/signature/answers.tsv; fails the test where a line is malformed. Free it with recorded_file_free. */
struct recorded_file read_recorded_file(void);
void recorded_file_free(struct recorded_file *file);

/* Puts the text in the file's place. */
void write_recorded_file(const char *text);

/* The columns of an answer, made portfolio by portfolio, the best first, each followed by its weights in the order of
 * the market. Every bit of every number that a report has goes into the digest. */
enum { ANSWER_LENGTH = 192 };

struct answer_writer {
    FILE *all; /* the text that is digested */
    char *all_text;
    size_t all_size;
    size_t portfolios;
    char best[ANSWER_LENGTH];
};

void answer_begin(struct answer_writer *writer);
void answer_add_portfolio(struct answer_writer *writer, uint64_t rank, uint32_t tile, uint32_t attempt, double sharpe,
                          double expected_return, double volatility);
void answer_add_weight(struct answer_writer *writer, const char *ticker, double weight);
void answer_end(struct answer_writer *writer, const char *sampler, char answer[ANSWER_LENGTH]);

/* Whether it is the recorded answer; where it is not, says how the line should stand. how: what computed it. */
bool is_recorded_answer(const struct recorded_line *line, const char *answer, const char *how);

/* The line with this answer in place of the recorded one. */
void print_recorded_line(FILE *out, const struct recorded_line *line, const char *answer);

#endif
