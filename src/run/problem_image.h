/* The problem image: a problem with all its arrays in one piece of memory that means the same wherever it is mapped.
 *
 *     header | R | mu | Sigma | forced | free
 *
 * Offsets are 64-bit and count from the header; there is no pointer in it. Every array begins on a 64-byte line. It is
 * written once and never again. Its hash covers every byte behind the hash: a checkpoint names it, another machine of
 * the same byte order can be sent the image, and knows by the hash that it has arrived whole. */
#ifndef MAXSHARPE_PROBLEM_IMAGE_H
#define MAXSHARPE_PROBLEM_IMAGE_H

#include <stdint.h>

#include "maxsharpe/status.h"
#include "problem/problem.h"

struct mxsi_problem_image;

/* XXH3's 128 bits (Y. Collet, xxHash), high half first. */
struct mxsi_image_hash {
    uint64_t high;
    uint64_t low;
};

/* Bytes of a problem's image; 0: more than 2^63. */
uint64_t mxsi_problem_image_size(const struct mxsi_problem *problem);

/* Writes the image of a problem to `memory`: mxsi_problem_image_size bytes, 64-byte aligned, zeroed. */
const struct mxsi_problem_image *mxsi_problem_image_write(void *memory, const struct mxsi_problem *problem);

/* What is at `memory`, where it is a whole image of this version and byte order; NULL where it is not. It is read
 * through once, for the hash. */
const struct mxsi_problem_image *mxsi_problem_image_check(const void *memory, uint64_t size);

/* The problem of an image; its arrays point into it. */
struct mxsi_problem mxsi_problem_image_read(const struct mxsi_problem_image *image);

struct mxsi_image_hash mxsi_problem_image_hash(const struct mxsi_problem_image *image);

#endif
