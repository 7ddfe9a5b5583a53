/* Where the library lies, and what lies beside it. */
#ifndef MAXSHARPE_LIBRARY_FOLDER_H
#define MAXSHARPE_LIBRARY_FOLDER_H

#include <stddef.h>

/* The absolute path of `name` in the folder of the library (or of the program, where it is linked in) that this code is
 * in, whatever the current folder is or has become. Whether there is such a file, is not looked at. Returns 0; -1 where
 * the folder is not known or the path does not fit. */
int mxsi_path_beside_library(const char *name, char *path, size_t path_size);

#endif
