/* Dates as they stand in price files. */
#ifndef MAXSHARPE_CALENDAR_DATE_H
#define MAXSHARPE_CALENDAR_DATE_H

#include <stdint.h>

/* A day is the integer YYYYMMDD: it compares as dates do and prints without arithmetic. */
typedef int32_t mxsi_date;

typedef enum mxsi_date_kind {
    MXSI_DATE_NONE = 0,    /* not a date */
    MXSI_DATE_YEAR_FIRST,  /* 2024-08-01, 2024/8/1, 20240801 */
    MXSI_DATE_TWO_NUMBERS, /* 01/08/2024, 1.8.2024: day first or month first, which one text does not tell */
    MXSI_DATE_MONTH_NAME   /* 1-Aug-2024, 1 August 2024, Aug 1, 2024 */
} mxsi_date_kind;

/* A text that has the shape of a date; whether the calendar has the day is for mxsi_date_is_valid to say. */
typedef struct mxsi_date_text {
    mxsi_date_kind kind;
    int year;
    int first;  /* the month; with MXSI_DATE_TWO_NUMBERS whichever number comes first */
    int second; /* the day; or whichever number comes second */
} mxsi_date_text;

/* A time of day after a blank or a T is passed over. */
mxsi_date_text mxsi_date_scan(const char *text);

mxsi_date mxsi_date_pack(int year, int month, int day);

int mxsi_date_is_valid(mxsi_date date);

typedef struct mxsi_date_string {
    char text[16]; /* "YYYY-MM-DD" */
} mxsi_date_string;

mxsi_date_string mxsi_date_print(mxsi_date date);

#endif
