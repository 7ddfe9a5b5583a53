#include "cli/options/option_lists.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal/messages.h"

/* ---- tickers ---- */

static bool append_ticker(ticker_list *list, const char *start, size_t length) {
    char **const items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (items == NULL) {
        return false;
    }
    list->items = items;
    items[list->count] = strndup(start, length);
    if (items[list->count] == NULL) {
        return false;
    }
    ++list->count;
    return true;
}

/* Appends the tickers of "A,B". */
static bool read_tickers(const option_row *row, const char *text, void *field) {
    for (const char *start = text;; ++start) {
        const char *const comma = strchrnul(start, ',');
        const char *end = comma;
        while (start < end && *start == ' ') {
            ++start;
        }
        while (end > start && end[-1] == ' ') {
            --end;
        }
        if (start == end) {
            refuse_value(row, text, "has an empty ticker; name them as A,B,C");
            return false;
        }
        if (!append_ticker(field, start, (size_t)(end - start))) {
            print_error("not enough memory for the tickers of '--%s'", row->name);
            return false;
        }
        if (*comma == '\0') {
            return true;
        }
        start = comma;
    }
}

const option_kind option_tickers = {.takes_value = true, .read = read_tickers, .adds_up = true};

void ticker_list_free(ticker_list *list) {
    for (size_t i = 0; i < list->count; ++i) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (ticker_list){.count = 0};
}

const char *ticker_on_both(const ticker_list *some, const ticker_list *others) {
    for (size_t i = 0; i < some->count; ++i) {
        for (size_t j = 0; j < others->count; ++j) {
            if (strcmp(some->items[i], others->items[j]) == 0) {
                return some->items[i];
            }
        }
    }
    return NULL;
}

/* ---- GPUs ---- */

static bool holds_number(const gpu_list *list, int number) {
    for (size_t i = 0; i < list->count; ++i) {
        if (list->numbers[i] == number) {
            return true;
        }
    }
    return false;
}

/* The digits at text as an int, and *end behind them. False: there are none, or too many. */
static bool scan_gpu_number(const char *text, int *number, const char **end) {
    *number = 0;
    for (*end = text; **end >= '0' && **end <= '9'; ++*end) {
        const int digit = **end - '0';
        if (*number > (INT_MAX - digit) / 10) {
            return false;
        }
        *number = 10 * *number + digit;
    }
    return *end > text;
}

/* The numbers of "0,1" into list->numbers, which has room for all that text can hold. */
static bool read_gpu_numbers(const option_row *row, const char *text, gpu_list *list) {
    for (const char *at = text;; ++at) {
        int number = 0;
        if (!scan_gpu_number(at, &number, &at) || (*at != ',' && *at != '\0')) {
            refuse_value(row, text, "is neither all nor a list of GPU numbers such as 0,1");
            return false;
        }
        if (holds_number(list, number)) {
            refuse_value(row, text, "names GPU %d twice", number);
            return false;
        }
        list->numbers[list->count++] = number;
        if (*at == '\0') {
            return true;
        }
    }
}

static bool read_gpus(const option_row *row, const char *text, void *field) {
    gpu_list *const list = field;
    int *const numbers = malloc((strlen(text) / 2 + 1) * sizeof *numbers); /* a number takes a digit and a comma */
    if (numbers == NULL) {
        print_error("not enough memory for the GPUs of '--%s'", row->name);
        return false;
    }
    free(list->numbers);
    *list = (gpu_list){.given = true, .numbers = numbers};
    return strcmp(text, "all") == 0 || read_gpu_numbers(row, text, list);
}

const option_kind option_gpus = {.takes_value = true, .read = read_gpus};

void gpu_list_free(gpu_list *list) {
    free(list->numbers);
    *list = (gpu_list){.count = 0};
}
