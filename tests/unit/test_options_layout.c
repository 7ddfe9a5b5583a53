/* Options structs grow at their end: so none ends in padding, where an older caller has left whatever was there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"

#define END_OF(type, last) (offsetof(type, last) + sizeof((type *)0)->last)

static void no_struct_of_options_ends_in_padding(void **state) {
    (void)state;
    assert_int_equal(END_OF(mxs_market_options, exclude_count), sizeof(mxs_market_options));
    assert_int_equal(END_OF(mxs_problem_options, top), sizeof(mxs_problem_options));
    assert_int_equal(END_OF(mxs_sampling_options, end_portfolio), sizeof(mxs_sampling_options));
    assert_int_equal(END_OF(mxs_run_options, progress_user), sizeof(mxs_run_options));
}

/* What a macro lists in the order of the members, and what a function fills in, are the same. */
static void the_defaults_stand_where_their_members_are(void **state) {
    (void)state;
    const mxs_problem_options listed = MXS_PROBLEM_OPTIONS;
    mxs_problem_options filled;
    mxs_problem_options_init(&filled, sizeof filled);
    assert_int_equal(listed.top, 1);
    assert_int_equal(filled.top, 1);
    assert_int_equal(listed.objective, MXS_OBJECTIVE_SHARPE);
    assert_int_equal(filled.objective, MXS_OBJECTIVE_SHARPE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_struct_of_options_ends_in_padding),
        cmocka_unit_test(the_defaults_stand_where_their_members_are),
    };
    return cmocka_run_group_tests_name("the layout of options", tests, NULL, NULL);
}
