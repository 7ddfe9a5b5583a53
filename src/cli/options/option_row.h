/* An option is one row of a table: what it is called, what it takes, and where that goes. Parsing, usage errors, help
 * and completion all read the row; nothing else knows the option. */
#ifndef MAXSHARPE_OPTION_ROW_H
#define MAXSHARPE_OPTION_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options/choices.h"

/* What a shell can offer for a value. */
typedef enum completion_form {
    COMPLETE_NOTHING, /* only the user knows */
    COMPLETE_CHOICE,  /* one of the row's choices */
    COMPLETE_CHOICES, /* some of them, parted by commas */
    COMPLETE_FILE,
    COMPLETE_FOLDER
} completion_form;

typedef enum arguments_outcome {
    ARGUMENTS_RUN,     /* the arguments say what to do */
    ARGUMENTS_HELP,    /* --help was among the words */
    ARGUMENTS_VERSION, /* --version was */
    ARGUMENTS_BAD      /* one line on stderr has said why */
} arguments_outcome;

typedef struct option_row option_row;

/* How a value is read. */
typedef struct option_kind {
    bool takes_value;
    /* From text, NULL where none is taken, into the row's field. False: one line on stderr has said why. NULL: there
     * is no field. */
    bool (*read)(const option_row *row, const char *text, void *field);
    /* The field as a user would type it; "" where it holds nothing. NULL: as if it held nothing. */
    void (*show)(const option_row *row, const void *field, char *text, size_t size);
    completion_form completion;
    bool adds_up;              /* given twice, it adds to what it said; else it replaces that */
    arguments_outcome outcome; /* of the words, once this option is among them */
} option_kind;

struct option_row {
    char letter;             /* 0: it has none */
    const char *name;        /* without its dashes; NULL: no option but a heading of the help */
    const char *value;       /* what stands for its value; NULL: it takes none, or its choices stand for it */
    const option_kind *kind; /* NULL: of a heading */
    size_t field;            /* where the value goes: an offset in the arguments of the command */
    union {
        struct {
            uint64_t least, most;
        } counts;
        struct {
            double least, most;
        } numbers;
        const choice_set *choices;
    } limits;           /* of the value; of which kind says `kind` */
    const char *preset; /* what holds without the option; NULL: the field as the arguments begin says it */
    const char *help;   /* one line, however long; lines are broken where it is printed */
};

extern const option_kind option_flag;
extern const option_kind option_count;
extern const option_kind option_size;
extern const option_kind option_unsigned;
extern const option_kind option_number;
extern const option_kind option_range;
extern const option_kind option_choice;
extern const option_kind option_choice_mask; /* some of the choices, whose values are bits */
extern const option_kind option_text;        /* the word itself, not copied */
extern const option_kind option_file;        /* likewise */
extern const option_kind option_folder;      /* likewise */
extern const option_kind option_help;
extern const option_kind option_version;

/* FROM:TO */
typedef struct count_range {
    uint64_t from;
    uint64_t to; /* not in it; UINT64_MAX: to the last */
} count_range;

/* Kind, field and limits of a row, whose value goes into a member of ARGUMENTS; a table defines that. A member that is
 * not of the type that the kind fills does not compile. */
#define INTO(kind_, type, member, ...)                                                  \
    &(kind_), _Generic(((ARGUMENTS *)0)->member, type : offsetof(ARGUMENTS, member)), { \
        __VA_ARGS__                                                                     \
    }
#define INTO_FLAG(member) INTO(option_flag, bool, member, .choices = NULL)
#define INTO_COUNT(member, least_, most_) INTO(option_count, uint64_t, member, .counts = {least_, most_})
#define INTO_SIZE(member, least_, most_) INTO(option_size, size_t, member, .counts = {least_, most_})
#define INTO_UNSIGNED(member, least_, most_) INTO(option_unsigned, unsigned, member, .counts = {least_, most_})
#define INTO_NUMBER(member, least_, most_) INTO(option_number, double, member, .numbers = {least_, most_})
#define INTO_RANGE(member) INTO(option_range, count_range, member, .choices = NULL)
#define INTO_CHOICE(type, set, member) INTO(option_choice, type, member, .choices = &(set))
#define INTO_CHOICE_MASK(set, member) INTO(option_choice_mask, unsigned, member, .choices = &(set))
#define INTO_TEXT(member) INTO(option_text, const char *, member, .choices = NULL)
#define INTO_FILE(member) INTO(option_file, const char *, member, .choices = NULL)
#define INTO_FOLDER(member) INTO(option_folder, const char *, member, .choices = NULL)

/* What every table of options ends with. */
#define OPTION_ROWS_OF_ALL                                                                                  \
    {'h', "help", NULL, &option_help, 0, {.choices = NULL}, NULL, "print this help"}, {                     \
        0, "version", NULL, &option_version, 0, {.choices = NULL}, NULL, "print the version of the program" \
    }

enum { OPTION_VALUE_SIZE = 160 };

/* What stands for a row's value, "K" or "fresh|shared", "" where it takes none, into text[OPTION_VALUE_SIZE]; returns
 * text. */
char *describe_value(const option_row *row, char *text);

/* What holds without the option, in words or as the field of arguments says it, "" where that is nothing, likewise. The
 * arguments are those that nothing has been read into. */
char *describe_preset(const option_row *row, const void *arguments, char *text);

/* One line on stderr: which option or operand, the text, and what is wrong with it. */
__attribute__((format(printf, 3, 4))) void refuse_value(const option_row *row, const char *text, const char *wrong,
                                                        ...);

#endif
