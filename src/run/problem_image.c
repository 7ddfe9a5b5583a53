#include "run/problem_image.h"

#include <stddef.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "run/layout.h"

#define MAGIC "mxsimage"
enum { VERSION = 1, BYTE_ORDER_MARK = 0x01020304 };

struct mxsi_problem_image {
    char magic[8];
    struct mxsi_image_hash hash; /* of all that follows */
    uint32_t version;
    uint32_t byte_order;
    uint64_t size;
    struct mxsi_problem problem; /* its pointers are NULL */
    uint64_t returns_at;         /* 0: there are none */
    uint64_t mean_at;
    uint64_t covariance_at;
    uint64_t forced_at;
    uint64_t free_assets_at;
};

/* The hash is of bytes: none of them is padding, which has no value that could be relied on. */
_Static_assert(sizeof(struct mxsi_problem) ==
                   6 * sizeof(uint32_t) + 2 * sizeof(uint64_t) + 4 * sizeof(double) + 5 * sizeof(void *),
               "padding in a problem");
_Static_assert(sizeof(struct mxsi_problem_image) == 8 + sizeof(struct mxsi_image_hash) + 2 * sizeof(uint32_t) +
                                                        sizeof(uint64_t) + sizeof(struct mxsi_problem) +
                                                        5 * sizeof(uint64_t),
               "padding in its image");

static struct mxsi_problem_image lay_out(const struct mxsi_problem *problem) {
    struct mxsi_problem_image image = {
        .magic = MAGIC,
        .version = VERSION,
        .byte_order = BYTE_ORDER_MARK,
        .problem = *problem,
    };
    image.problem.returns = NULL;
    image.problem.mean = NULL;
    image.problem.covariance = NULL;
    image.problem.forced = NULL;
    image.problem.free_assets = NULL;
    const uint64_t n = problem->assets;
    const uint64_t rows = problem->returns == NULL ? 0 : problem->periods;
    uint64_t end = 0;
    uint64_t unused = 0;
    const int fits = mxsi_layout_place(&end, &unused, 1, sizeof image) &&
                     mxsi_layout_place(&end, &image.returns_at, rows, n * sizeof(double)) &&
                     mxsi_layout_place(&end, &image.mean_at, n, sizeof(double)) &&
                     mxsi_layout_place(&end, &image.covariance_at, n * n, sizeof(double)) &&
                     mxsi_layout_place(&end, &image.forced_at, problem->forced_count, sizeof(uint32_t)) &&
                     mxsi_layout_place(&end, &image.free_assets_at, problem->free_count, sizeof(uint32_t));
    if (rows == 0) {
        image.returns_at = 0;
    }
    image.size = fits ? end : 0;
    return image;
}

static struct mxsi_image_hash hash_of(const struct mxsi_problem_image *image) {
    const size_t skipped = offsetof(struct mxsi_problem_image, version);
    const XXH128_hash_t hash = XXH3_128bits((const char *)image + skipped, image->size - skipped);
    return (struct mxsi_image_hash){hash.high64, hash.low64};
}

uint64_t mxsi_problem_image_size(const struct mxsi_problem *problem) {
    return lay_out(problem).size;
}

static void copy_in(struct mxsi_problem_image *image, uint64_t offset, const void *from, uint64_t bytes) {
    if (bytes > 0) { /* else there may be no array */
        memcpy(mxsi_layout_at(image, offset), from, bytes);
    }
}

const struct mxsi_problem_image *mxsi_problem_image_write(void *memory, const struct mxsi_problem *problem) {
    struct mxsi_problem_image *image = memory;
    *image = lay_out(problem);
    const size_t n = problem->assets;
    copy_in(image, image->returns_at, problem->returns,
            image->returns_at == 0 ? 0 : problem->periods * n * sizeof(double));
    copy_in(image, image->mean_at, problem->mean, n * sizeof(double));
    copy_in(image, image->covariance_at, problem->covariance, n * n * sizeof(double));
    copy_in(image, image->forced_at, problem->forced, problem->forced_count * sizeof(uint32_t));
    copy_in(image, image->free_assets_at, problem->free_assets, problem->free_count * sizeof(uint32_t));
    image->hash = hash_of(image);
    return image;
}

static int has_pointers(const struct mxsi_problem *problem) {
    return problem->returns != NULL || problem->mean != NULL || problem->covariance != NULL ||
           problem->forced != NULL || problem->free_assets != NULL;
}

/* Whether the arrays lie where laying the image's numbers out puts them. */
static int is_consistent(const struct mxsi_problem_image *image) {
    struct mxsi_problem numbers = image->problem;
    const double present = 0.0;
    numbers.returns = image->returns_at == 0 ? NULL : &present; /* whether there are some is all that is looked at */
    const struct mxsi_problem_image expected = lay_out(&numbers);
    return expected.size != 0 && image->size == expected.size && image->returns_at == expected.returns_at &&
           image->mean_at == expected.mean_at && image->covariance_at == expected.covariance_at &&
           image->forced_at == expected.forced_at && image->free_assets_at == expected.free_assets_at;
}

static int is_image(const struct mxsi_problem_image *image) {
    return memcmp(image->magic, MAGIC, sizeof image->magic) == 0 && image->version == VERSION &&
           image->byte_order == BYTE_ORDER_MARK && !has_pointers(&image->problem) && is_consistent(image);
}

const struct mxsi_problem_image *mxsi_problem_image_check(const void *memory, uint64_t size) {
    const struct mxsi_problem_image *image = memory;
    if (size < sizeof *image || image->size != size || !is_image(image)) {
        return NULL;
    }
    const struct mxsi_image_hash hash = hash_of(image);
    return hash.high == image->hash.high && hash.low == image->hash.low ? image : NULL;
}

struct mxsi_problem mxsi_problem_image_read(const struct mxsi_problem_image *image) {
    struct mxsi_problem problem = image->problem;
    problem.returns = image->returns_at == 0 ? NULL : mxsi_layout_at(image, image->returns_at);
    problem.mean = mxsi_layout_at(image, image->mean_at);
    problem.covariance = mxsi_layout_at(image, image->covariance_at);
    problem.forced = mxsi_layout_at(image, image->forced_at);
    problem.free_assets = mxsi_layout_at(image, image->free_assets_at);
    return problem;
}

struct mxsi_image_hash mxsi_problem_image_hash(const struct mxsi_problem_image *image) {
    return image->hash;
}
