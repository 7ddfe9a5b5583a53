/* The forms that a report can have. */
#ifndef MAXSHARPE_REPORT_FORMAT_H
#define MAXSHARPE_REPORT_FORMAT_H

#include "maxsharpe/types.h"

/* Those of every report, and those that only a list of portfolios can have; X as in maxsharpe/types.h. */
#define DOCUMENT_FORMAT_LIST(X) X(REPORT_TEXT, 0, "text") X(REPORT_JSON, 1, "json")
#define REPORT_FORMAT_LIST(X) DOCUMENT_FORMAT_LIST(X) X(REPORT_CSV, 2, "csv")
typedef enum report_format { REPORT_FORMAT_LIST(MXS_ENUMERATOR) } report_format;

#endif
