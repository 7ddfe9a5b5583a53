/* Options whose value is a list of any length, in memory of its own. */
#ifndef MAXSHARPE_OPTION_LISTS_H
#define MAXSHARPE_OPTION_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options/option_row.h"

typedef struct ticker_list {
    char **items; /* [count], owned */
    size_t count;
} ticker_list;

typedef struct gpu_list {
    bool given;   /* the option was among the words */
    int *numbers; /* [count], owned */
    size_t count; /* 0: all of them */
} gpu_list;

extern const option_kind option_tickers;
extern const option_kind option_gpus;
#define INTO_TICKERS(member) INTO(option_tickers, ticker_list, member, .choices = NULL)
#define INTO_GPUS(member) INTO(option_gpus, gpu_list, member, .choices = NULL)

void ticker_list_free(ticker_list *list);
void gpu_list_free(gpu_list *list);

/* A ticker that is on both lists; NULL: there is none. */
const char *ticker_on_both(const ticker_list *some, const ticker_list *others);

#endif
