#include "run/task_image.h"

#include <string.h>

#include "run/layout.h"

#define MAGIC "mxstask"
enum { VERSION = 1 };

struct header {
    char magic[8];
    uint32_t version;
    uint32_t unused;
    uint64_t size;
    uint64_t problem_size;
    struct mxsi_sampling sampling; /* the pointers of both are NULL */
    struct mxsi_screening screening;
    uint64_t problem_at;
    uint64_t table_at;
    uint64_t excess_at;
    uint64_t risk_at;
    uint64_t floor_at;
    uint64_t ceiling_at;
};

static struct header lay_out(const struct mxsi_task *task) {
    struct header header = {
        .magic = MAGIC,
        .version = VERSION,
        .problem_size = mxsi_problem_image_size(task->problem),
        .sampling = *task->sampling,
        .screening = *task->screening,
    };
    header.sampling.table = NULL;
    header.screening.excess = NULL;
    header.screening.risk = NULL;
    header.screening.floor = NULL;
    header.screening.ceiling = NULL;
    const uint64_t n = task->problem->assets;
    uint64_t end = 0;
    uint64_t unused = 0;
    const int fits = header.problem_size != 0 && mxsi_layout_place(&end, &unused, 1, sizeof header) &&
                     mxsi_layout_place(&end, &header.problem_at, 1, header.problem_size) &&
                     mxsi_layout_place(&end, &header.table_at, 1, task->sampling->table_size) &&
                     mxsi_layout_place(&end, &header.excess_at, n, sizeof(float)) &&
                     mxsi_layout_place(&end, &header.risk_at, n * n, sizeof(float)) &&
                     mxsi_layout_place(&end, &header.floor_at, n, sizeof(double)) &&
                     mxsi_layout_place(&end, &header.ceiling_at, n, sizeof(double));
    header.size = fits ? end : UINT64_MAX;
    return header;
}

/* Whether the problem image can be where the header says. */
static int has_room_for_problem(const struct header *header, uint64_t size) {
    return header->problem_at % 64 == 0 && header->problem_at <= size &&
           header->problem_size <= size - header->problem_at;
}

/* Whether everything lies where laying the task out puts it. */
static int is_consistent(const struct header *header, const struct mxsi_problem *problem) {
    const struct mxsi_task task = {problem, &header->sampling, &header->screening};
    const struct header expected = lay_out(&task);
    return header->size == expected.size && header->problem_size == expected.problem_size &&
           header->problem_at == expected.problem_at && header->table_at == expected.table_at &&
           header->excess_at == expected.excess_at && header->risk_at == expected.risk_at &&
           header->floor_at == expected.floor_at && header->ceiling_at == expected.ceiling_at;
}

/* The problem image of a whole task image; NULL where it is none. */
static const struct mxsi_problem_image *check(const struct header *header, uint64_t size) {
    if (size < sizeof *header || memcmp(header->magic, MAGIC, sizeof header->magic) != 0 ||
        header->version != VERSION || header->size != size || !has_room_for_problem(header, size)) {
        return NULL;
    }
    const struct mxsi_problem_image *image =
        mxsi_problem_image_check(mxsi_layout_at(header, header->problem_at), header->problem_size);
    if (image == NULL) {
        return NULL;
    }
    const struct mxsi_problem problem = mxsi_problem_image_read(image);
    return is_consistent(header, &problem) ? image : NULL;
}

static void point(struct mxsi_task_image *image, const struct header *header) {
    const void *base = header;
    image->problem = mxsi_problem_image_read(image->problem_image);
    image->sampling = header->sampling;
    image->sampling.table = header->sampling.table_size == 0 ? NULL : mxsi_layout_at(base, header->table_at);
    image->screening = header->screening;
    image->screening.excess = mxsi_layout_at(base, header->excess_at);
    image->screening.risk = mxsi_layout_at(base, header->risk_at);
    image->screening.floor = mxsi_layout_at(base, header->floor_at);
    image->screening.ceiling = mxsi_layout_at(base, header->ceiling_at);
}

mxs_status mxsi_task_image_create(const struct mxsi_task *task, struct mxsi_task_image *image, mxs_error *error) {
    *image = (struct mxsi_task_image){.shared = {.descriptor = -1}};
    const struct header made = lay_out(task);
    const mxs_status status = mxsi_layout_create(made.size, "the problem", &image->shared, error);
    if (status != MXS_OK) {
        return status;
    }
    struct header *header = image->shared.bytes;
    *header = made;
    const size_t n = task->problem->assets;
    image->problem_image = mxsi_problem_image_write(mxsi_layout_at(header, header->problem_at), task->problem);
    if (task->sampling->table_size > 0) {
        memcpy(mxsi_layout_at(header, header->table_at), task->sampling->table, task->sampling->table_size);
    }
    memcpy(mxsi_layout_at(header, header->excess_at), task->screening->excess, n * sizeof(float));
    memcpy(mxsi_layout_at(header, header->risk_at), task->screening->risk, n * n * sizeof(float));
    memcpy(mxsi_layout_at(header, header->floor_at), task->screening->floor, n * sizeof(double));
    memcpy(mxsi_layout_at(header, header->ceiling_at), task->screening->ceiling, n * sizeof(double));
    point(image, header);
    return MXS_OK;
}

int mxsi_task_image_map(int descriptor, struct mxsi_task_image *image) {
    *image = (struct mxsi_task_image){.shared = {.descriptor = -1}};
    if (mxsi_shared_memory_map(descriptor, 1, &image->shared) != 0) {
        return -1;
    }
    const struct header *header = image->shared.bytes;
    image->problem_image = check(header, image->shared.size);
    if (image->problem_image == NULL) {
        mxsi_task_image_destroy(image);
        return -1;
    }
    point(image, header);
    return 0;
}

void mxsi_task_image_destroy(struct mxsi_task_image *image) {
    mxsi_shared_memory_close(&image->shared);
}

struct mxsi_task mxsi_task_image_read(const struct mxsi_task_image *image) {
    return (struct mxsi_task){&image->problem, &image->sampling, &image->screening};
}
