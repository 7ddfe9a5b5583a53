/* The one way to read a caller's options: a struct that begins with its size, a size_t, so that it can grow.
 *
 * A caller built with an older header has a shorter struct: what it lacks has its default. One built with a newer
 * header has a longer one: what this library does not know of must be zero, which is the default of every member that
 * is ever appended; a wish that it cannot fulfil is refused, not ignored. No such struct ends in padding: what is
 * appended would stand in it, where an older caller has left whatever was there. */
#ifndef MAXSHARPE_OPTIONS_STRUCT_H
#define MAXSHARPE_OPTIONS_STRUCT_H

#include <stddef.h>

#include "maxsharpe/status.h"

/* Copies options over `known`, which holds the defaults and keeps its own size in its first member. options: NULL for
 * the defaults. what: "the market options", for the message. Returns MXS_OK, MXS_ERROR_ARGUMENT. */
MXS_NODISCARD mxs_status mxsi_options_read(void *known, size_t known_size, const void *options, const char *what,
                                           mxs_error *error);

/* Fills a caller's struct of struct_size bytes with the defaults: those that it has room for, and zeros where it is
 * longer. */
void mxsi_options_init(void *options, size_t struct_size, const void *defaults, size_t defaults_size);

#endif
