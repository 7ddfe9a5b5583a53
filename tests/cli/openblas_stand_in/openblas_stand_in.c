/* An OpenBLAS that does not know this processor: it picks Haswell kernels unless its environment says otherwise when it
 * is loaded, as the real one does. With STAND_IN_IS_OLD it has never heard of SkylakeX, and runs its oldest kernel when
 * it is asked for it. With STAND_IN_HANGS it is never loaded to the end. It computes nothing. */
#include <stdlib.h>
#include <strings.h>
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
COMPUTES_NOTHING(cblas_sgemm)
COMPUTES_NOTHING(cblas_sgemv)
COMPUTES_NOTHING(cblas_dgemm)
COMPUTES_NOTHING(cblas_dgemv)
