/* The test's own program, run a second time as another one, which has nothing of this process but a descriptor. */
#ifndef MAXSHARPE_TEST_SECOND_PROGRAM_H
#define MAXSHARPE_TEST_SECOND_PROGRAM_H

/* Runs the program with the arguments `word` and the descriptor's number, and waits for it. Its exit status; -1 where
 * it did not exit. */
int run_second_program(const char *word, int descriptor);

#endif
