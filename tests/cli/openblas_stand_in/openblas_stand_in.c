/* An OpenBLAS that does not know this processor: it picks Haswell kernels unless its environment says otherwise when it
 * is loaded, as the real one does. With STAND_IN_IS_OLD it has never heard of SkylakeX, and runs its oldest kernel when
 * it is asked for it. With STAND_IN_HANGS it is never loaded to the end. It computes nothing; with
 * STAND_IN_OPERATIONS_PER_SECOND it takes the time for a product that a processor of such a rate would take. */
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static const char *core = "Haswell";

static __attribute__((constructor)) void pick(void) {
#ifdef STAND_IN_HANGS
    for (;;) {
        (void)pause();
    }
#endif
    const char *wish = getenv("OPENBLAS_CORETYPE"); /* NOLINT(concurrency-mt-unsafe): as the real one */
    if (wish == NULL) {
        return;
    }
    core = "Prescott";
#ifndef STAND_IN_IS_OLD
    if (strcasecmp(wish, "SkylakeX") == 0) {
        core = "SkylakeX";
    }
#endif
    if (strcasecmp(wish, "Sandybridge") == 0) {
        core = "Sandybridge";
    }
}

const char *openblas_get_corename(void);
const char *openblas_get_config(void);

const char *openblas_get_corename(void) {
    return core;
}

const char *openblas_get_config(void) {
    return "OpenBLAS stand-in";
}

/* What the library looks up when it opens OpenBLAS. */
#define COMPUTES_NOTHING(name) \
    void name(void);           \
    void name(void) {          \
        abort();               \
    }
#ifdef STAND_IN_OPERATIONS_PER_SECOND
/* As cblas.h declares it, but for the enums, which are ints. */
void cblas_sgemm(int order, int left_turned, int right_turned, int rows, int columns, int terms, float factor,
                 const float *left, int left_stride, const float *right, int right_stride, float kept, float *product,
                 int product_stride);
/* NOLINTBEGIN(readability-non-const-parameter): the product is written to by the real one */
void cblas_sgemm(int order, int left_turned, int right_turned, int rows, int columns, int terms, float factor,
                 const float *left, int left_stride, const float *right, int right_stride, float kept, float *product,
                 int product_stride) {
    /* NOLINTEND(readability-non-const-parameter) */
    (void)order, (void)left_turned, (void)right_turned, (void)factor, (void)left, (void)left_stride;
    (void)right, (void)right_stride, (void)kept, (void)product, (void)product_stride;
    const double operations = 2.0 * rows * columns * terms; /* a multiply and an add each */
    const double seconds = operations / STAND_IN_OPERATIONS_PER_SECOND;
    struct timespec left_to_sleep = {.tv_sec = (time_t)seconds};
    left_to_sleep.tv_nsec = (long)((seconds - (double)left_to_sleep.tv_sec) * 1e9);
    while (nanosleep(&left_to_sleep, &left_to_sleep) != 0 && errno == EINTR) {
    }
}
#else
COMPUTES_NOTHING(cblas_sgemm)
#endif
COMPUTES_NOTHING(cblas_sgemv)
COMPUTES_NOTHING(cblas_dgemm)
COMPUTES_NOTHING(cblas_dgemv)
