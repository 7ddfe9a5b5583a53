/* Where and when figures were measured, and by what. */
#ifndef MAXSHARPE_BENCH_MACHINE_H
#define MAXSHARPE_BENCH_MACHINE_H

#include "maxsharpe/devices.h"

typedef struct bench_machine {
    char date[32];              /* UTC, "2026-11-23T12:34:56Z" */
    char cpu[128];              /* model */
    char system[224];           /* kernel, release, architecture */
    const char *compiler;       /* that built the program */
    const char *commit;         /* of the source it was built from; "unknown" */
    double memory;              /* bytes; 0: not known */
    double load;                /* processes that wanted a core in the last minute, before we began; -1: not known */
    const mxs_devices *devices; /* borrowed */
} bench_machine;

/* Fills *machine, which points to the devices. Every text is fit for a line. */
void bench_machine_describe(bench_machine *machine, const mxs_devices *devices);

#endif
