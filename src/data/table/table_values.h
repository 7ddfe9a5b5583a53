/* The numbers of a table. */
#ifndef MAXSHARPE_TABLE_VALUES_H
#define MAXSHARPE_TABLE_VALUES_H

#include "base/arena.h"
#include "data/table/panel.h"
#include "data/table/table_reading.h"

/* Decides the decimal sign over the cells in use and fills panel->values, [rows][assets], which is allocated and, for a
 * long table, NaN. The layout, the choice and the range of reading are set. */
mxs_status mxsi_table_values_read(mxsi_table_reading *reading, const mxsi_request *request, mxsi_arena *arena,
                                  mxsi_panel *panel, mxs_error *error);

#endif
