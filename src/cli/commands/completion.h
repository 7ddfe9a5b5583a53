/* Scripts that teach a shell the words of all commands, from their tables. */
#ifndef MAXSHARPE_COMPLETION_H
#define MAXSHARPE_COMPLETION_H

#include <stdio.h>

#include "cli/commands/command.h"

/* X as in maxsharpe/types.h. */
#define SHELL_LIST(X) X(SHELL_BASH, 0, "bash") X(SHELL_ZSH, 1, "zsh") X(SHELL_FISH, 2, "fish")
typedef enum shell_kind { SHELL_LIST(MXS_ENUMERATOR) } shell_kind;

/* what: NULL. */
void write_bash_completion(FILE *out, const void *what);
void write_zsh_completion(FILE *out, const void *what);
void write_fish_completion(FILE *out, const void *what);

enum { COMPLETION_LIST_SIZE = 256 };

/* The words of a set, parted by blanks, into list[COMPLETION_LIST_SIZE]; returns list. */
char *list_for_shell(const choice_set *choices, char *list);

/* A text as it stands between single quotes: `quote` for each of those, and a backslash before each of `special`. */
void write_escaped(FILE *out, const char *text, const char *special, const char *quote);

#endif
