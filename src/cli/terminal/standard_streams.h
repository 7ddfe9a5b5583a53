/* Standard input, output and error: there from the start, and written so that a failure is seen. */
#ifndef MAXSHARPE_STANDARD_STREAMS_H
#define MAXSHARPE_STANDARD_STREAMS_H

#include <stdbool.h>
#include <stddef.h>

enum { STANDARD_OUTPUT = 1, STANDARD_ERROR = 2 };

/* Gives each of the descriptors 0, 1 and 2 that the program was started without to something that can be neither read
 * nor written, so that no file or segment opened later gets its number; and lets writing to a closed pipe or beyond a
 * file size limit fail instead of killing the program. */
void prepare_standard_streams(void);

/* Writes all of it; false with errno: it did not arrive. A request to end that comes meanwhile makes a write that waits
 * for its reader fail with EINTR; no other signal does. */
bool write_all(int descriptor, const char *text, size_t size);

/* Writes a text of a few hundred bytes, or leaves it where it would have to wait: a reader of stderr that has stopped
 * reading must not stop a search. */
void write_unless_busy(int descriptor, const char *text, size_t size);

/* Whether the descriptor takes a text within so many milliseconds (-1: however long that is). A request to end makes it
 * false at once. One that cannot be written at all is true: writing says so. */
bool wait_until_writable(int descriptor, int milliseconds);

/* Whether the descriptor is open for writing; false with errno. A full disk shows only when it is written. */
bool descriptor_is_writable(int descriptor);
bool standard_output_is_open(void);

#endif
