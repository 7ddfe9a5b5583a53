/* Linked into a conformance test, it takes the place of the library's choice: every worker runs the kernels of
 * MXS_TEST_LANES. Where this processor cannot, the test is skipped. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engines/cpu/lanes/lanes.h"

const struct mxsi_lanes *mxsi_lanes_best(void) {
    const struct mxsi_lanes *lanes = NULL;
    for (unsigned i = 0; (lanes = mxsi_lanes_at(i)) != NULL && strcmp(lanes->name, MXS_TEST_LANES) != 0; ++i) {
    }
    return lanes;
}

static __attribute__((constructor)) void skip_where_they_cannot_run(void) {
    if (mxsi_lanes_best() == NULL) {
        (void)printf("skipped: this processor does not run the %s kernels\n", MXS_TEST_LANES);
        (void)fflush(stdout);
        _exit(77);
    }
}
