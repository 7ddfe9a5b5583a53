/* The checks of shared memory that run at every access: what is usual is decided here, inline; what needs a closer look
 * is in shared_memory.cpp. Part of shared_memory.h. */
#ifndef MAXSHARPE_SHARED_MEMORY_CHECKS_H
#define MAXSHARPE_SHARED_MEMORY_CHECKS_H

#include "gpu_on_cpu/shared_memory.h"

namespace mxsi_cpu {

[[noreturn]] void fail_bounds(Access access, ptrdiff_t low, ptrdiff_t high, size_t alignment);
[[noreturn]] void fail_unwritten(Access access);
void look_closer_at_write_before(Access access, const Cell &cell, const char *doing);
void look_closer_at_reads_before(Access access, const Cell &cell, const char *doing);
void note_another_reader(Cell *cell);

inline void check_bounds(const Access &access, ptrdiff_t low, ptrdiff_t high, size_t alignment) {
    if (access.offset < low || access.offset + static_cast<ptrdiff_t>(access.size) > high || !now.running ||
        access.offset % static_cast<ptrdiff_t>(alignment) != 0) {
        fail_bounds(access, low, high, alignment);
    }
}

struct CellRange {
    Cell *first, *last; /* the last one is in it */
};

inline CellRange cells_of(const Access &access) {
    const size_t offset = static_cast<size_t>(access.offset);
    const unsigned int shift = access.array->cell_shift;
    return {access.array->cells + (offset >> shift), access.array->cells + ((offset + access.size - 1) >> shift)};
}

inline void check_read(const Access &access) {
    const CellRange range = cells_of(access);
    for (Cell *cell = range.first; cell <= range.last; cell++) {
        if (cell->write_epoch < now.block_began) {
            fail_unwritten(access);
        }
        if (cell->write_epoch == now.epoch && cell->writer != now.thread) {
            look_closer_at_write_before(access, *cell, "read");
        }
        if (cell->read_epoch != now.epoch) {
            cell->read_epoch = now.epoch;
            cell->read_time = now.warp_time;
            cell->reader_lanes = 1u << now.lane;
            cell->reader_warp = now.warp;
            cell->reader = now.thread;
        } else if (cell->reader_warp != SEVERAL) {
            note_another_reader(cell);
        }
    }
}

inline void check_write(const Access &access) {
    const CellRange range = cells_of(access);
    for (Cell *cell = range.first; cell <= range.last; cell++) {
        if (cell->write_epoch == now.epoch && cell->writer != now.thread) {
            look_closer_at_write_before(access, *cell, "written");
        }
        if (cell->read_epoch == now.epoch) {
            look_closer_at_reads_before(access, *cell, "written");
        }
        cell->write_epoch = now.epoch;
        cell->write_time = now.warp_time;
        cell->writer = now.thread;
        cell->atomic = false;
    }
}

}  // namespace mxsi_cpu

#endif
