/* The program, from outside, gives the recorded answers of the example market: its words, defaults and digits too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/run_program.h"
#include "signature/recorded_answers.h"

static void write_answer(const json_t *root, char answer[ANSWER_LENGTH]) {
    struct answer_writer writer;
    answer_begin(&writer);
    size_t place = 0;
    const json_t *found = NULL;
    json_array_foreach(json_at(root, "top"), place, found) {
        answer_add_portfolio(&writer, (uint64_t)json_integer_at(found, "rank"),
                             (uint32_t)json_integer_at(found, "tile"), (uint32_t)json_integer_at(found, "attempt"),
                             json_number_at(found, "sharpe"), json_number_at(found, "expected_return"),
                             json_number_at(found, "volatility"));
        size_t position = 0;
        const json_t *item = NULL;
        json_array_foreach(json_at(found, "weights"), position, item) {
            answer_add_weight(&writer, json_text_at(item, "ticker"), json_number_at(item, "weight"));
        }
    }
    answer_end(&writer, json_text_at(root, "problem.sampler"), answer);
}

static void the_program_reports_the_recorded_answers_of_the_example_market(void **state) {
    (void)state;
    struct recorded_file file = read_recorded_file();
    size_t searches = 0;
    size_t differences = 0;
    for (size_t i = 0; i < file.count; ++i) {
        const struct recorded_line *const line = &file.lines[i];
        if (line->is_search && strcmp(line->market, "examples/market.csv") == 0) {
            char answer[ANSWER_LENGTH];
            json_t *const root = search_as_json(line->options);
            write_answer(root, answer);
            json_decref(root);
            differences += !is_recorded_answer(line, answer, "by the program");
            ++searches;
        }
    }
    recorded_file_free(&file);
    assert_true(searches >= 10); /* or the file is not what it is meant to be */
    assert_int_equal(differences, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_program_reports_the_recorded_answers_of_the_example_market),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
