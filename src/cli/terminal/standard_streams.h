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

/* Writes all of it; false with errno: it did not arrive. A write that a signal interrupts fails with EINTR. */
bool write_all(int descriptor, const char *text, size_t size);

/* Whether something can be written to stdout at all; false with errno. A full disk shows only when it is written. */
bool standard_output_is_open(void);

/* write_all to stdout, with its one line on stderr where that fails. */
bool print_to_standard_output(const char *text, size_t size);

#endif
