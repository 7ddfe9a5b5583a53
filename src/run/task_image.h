/* A task in one piece of shared memory that nobody writes to once it is made: the problem image, and behind it how the
 * problem is sampled and screened. Workers read it, a GPU pins it, another process maps it.
 *
 *     header | problem image | sampling, its table | screening, its arrays */
#ifndef MAXSHARPE_TASK_IMAGE_H
#define MAXSHARPE_TASK_IMAGE_H

#include "process/shared_memory.h"
#include "run/problem_image.h"
#include "run/task.h"

struct mxsi_task_image {
    struct mxsi_shared_memory shared;
    const struct mxsi_problem_image *problem_image;
    struct mxsi_problem problem; /* this and the following point into the shared memory */
    struct mxsi_sampling sampling;
    struct mxsi_screening screening;
};

/* Destroy it with mxsi_task_image_destroy. Returns MXS_OK, MXS_ERROR_MEMORY. */
MXS_NODISCARD mxs_status mxsi_task_image_create(const struct mxsi_task *task, struct mxsi_task_image *image,
                                                mxs_error *error);

/* The image that another process has created; the descriptor is taken over. 0; -1: it
 * cannot be mapped, or is none. */
int mxsi_task_image_map(int descriptor, struct mxsi_task_image *image);

void mxsi_task_image_destroy(struct mxsi_task_image *image);

/* The task of an image, which stays where it is. */
struct mxsi_task mxsi_task_image_read(const struct mxsi_task_image *image);

#endif
