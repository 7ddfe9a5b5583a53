/* What the program advises about an error of the library, in the words of the command line. */
#ifndef MAXSHARPE_ADVICE_H
#define MAXSHARPE_ADVICE_H

#include "maxsharpe/status.h"

/* Room for a hint's words, and for a subject after them: one of nothing but quotes grows fourfold. */
enum { WORDS_SIZE = 128, ADVICE_SIZE = WORDS_SIZE + 4 * MXS_ERROR_SUBJECT_SIZE };

/* Fills text with what is to be done, "leave it out with --exclude XYZ", and returns it; "" where no option helps. A
 * subject that a shell would not leave alone is quoted. */
const char *advice_about(char text[ADVICE_SIZE], const mxs_error *error);

#endif
