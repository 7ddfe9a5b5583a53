/* A market from a file, or from the bytes of one. */
#ifndef MAXSHARPE_MARKET_READ_H
#define MAXSHARPE_MARKET_READ_H

#include <stddef.h>

#include "data/market/market_data.h"
#include "data/table/panel.h"

/* Statuses: as mxs_market_read. *market is NULL after a failure. */
mxs_status mxsi_market_read(const char *path, const mxsi_request *request, mxs_market **market, mxs_error *error);

/* The same over the bytes of a plain text file in memory; name stands for the path in messages. */
mxs_status mxsi_market_parse(const void *bytes, size_t size, const char *name, const mxsi_request *request,
                             mxs_market **market, mxs_error *error);

#endif
