#include "cli/terminal/advice.h"

#include <stdio.h>
#include <string.h>

/* A hint's words; where they end in "--exclude" the subject follows. No default: the compiler names a hint that has
 * none. */
static const char *words_of(mxs_hint hint) {
    switch (hint) {
    case MXS_HINT_NONE:
        return "";
    case MXS_HINT_INPUT_RETURNS:
        return "correct it, or for a file of returns use --input returns";
    case MXS_HINT_INPUT_TABLE:
        return "for a CSV file use --input prices or --input returns";
    case MXS_HINT_INPUT_MOMENTS:
        return "use --input moments";
    case MXS_HINT_NO_RANGE:
        return "leave out --from and --to";
    case MXS_HINT_OTHER_RANGE:
        return "choose --from and --to among them";
    case MXS_HINT_EXCLUDE:
        return "leave it out with --exclude";
    case MXS_HINT_FILL_OR_DROP:
        return "fill it in, or use --missing drop-assets or drop-rows";
    case MXS_HINT_LATER_OR_DROP_ROWS:
        return "begin later with --from, or use --missing drop-rows";
    case MXS_HINT_EXCLUDE_OR_DROP_ASSETS:
        return "use --missing drop-assets, or leave it out with --exclude";
    case MXS_HINT_FEWER_OR_DROP_ASSETS:
        return "use --missing drop-assets, or leave a ticker out with --exclude";
    }
    return mxs_hint_string(hint); /* of a newer library */
}

/* Whether a shell takes the text as one word, and as it is. */
static int is_plain(const char *text) {
    return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,_^=+:/@%-")] == '\0';
}

/* Appends text in single quotes, within which a quote is '\''. There is room. */
static void append_quoted(char *at, const char *text) {
    *at++ = '\'';
    for (; *text != '\0'; ++text) {
        if (*text == '\'') {
            at = stpcpy(at, "'\\'");
        }
        *at++ = *text;
    }
    (void)stpcpy(at, "'");
}

const char *advice_about(char text[ADVICE_SIZE], const mxs_error *error) {
    (void)snprintf(text, ADVICE_SIZE, "%.*s%s", WORDS_SIZE - 2, words_of(error->hint),
                   error->subject[0] == '\0' ? "" : " ");
    char *const end = text + strlen(text);
    if (is_plain(error->subject)) {
        (void)snprintf(end, ADVICE_SIZE - (size_t)(end - text), "%s", error->subject);
    } else {
        append_quoted(end, error->subject);
    }
    return text;
}
