#include "gpu_on_cpu/shared_memory.h"

#include <cstdlib>

namespace mxsi_cpu {
namespace {

constexpr unsigned int LARGEST_CELL_SHIFT = 2;
/* What a block can have at most, on the largest GPUs (compute capability 9.0 and 10.0). */
constexpr size_t MOST_SHARED_BYTES = size_t{227} << 10;

SharedArray dynamic_shared;
uint32_t counted_launch;
size_t counted_bytes; /* of shared memory that this launch has used so far */

ptrdiff_t index_of(const Access &access) {
    const ptrdiff_t size = static_cast<ptrdiff_t>(access.element);
    return access.offset >= 0 ? access.offset / size : -((size - 1 - access.offset) / size);
}

/* The largest power of two that divides the element's size, up to four: no two elements share a cell. */
unsigned int cell_shift_of(size_t element_size) {
    const unsigned int shift = static_cast<unsigned int>(__builtin_ctzl(element_size));
    return shift < LARGEST_CELL_SHIFT ? shift : LARGEST_CELL_SHIFT;
}

void make_room(SharedArray *array, size_t size, unsigned int cell_shift) {
    if (size > array->capacity || cell_shift != array->cell_shift) {
        free(array->bytes);
        free(array->cells);
        array->capacity = (size + 15) / 16 * 16 + 16; /* never nothing */
        array->cell_shift = cell_shift;
        array->bytes = static_cast<unsigned char *>(aligned_alloc(16, array->capacity));
        array->cells = static_cast<Cell *>(calloc(array->capacity >> cell_shift, sizeof *array->cells));
        if (array->bytes == nullptr || array->cells == nullptr) {
            abort();
        }
    }
    array->size = size;
}

void count_bytes(const SharedArray *array) {
    if (counted_launch != launch_number()) {
        counted_launch = launch_number();
        counted_bytes = 0;
    }
    counted_bytes += array->size;
    if (counted_bytes > MOST_SHARED_BYTES) {
        fail_kernel(array->declared, "%zu bytes of shared memory are more than any GPU has for a block", counted_bytes);
    }
}

}  // namespace

SharedArray *static_array(SharedArraySite *site, size_t element_size, size_t size) {
    if (site->array == nullptr) {
        site->array = new SharedArray{site->name, site->declared, nullptr, nullptr, 0, 0, 0, 0};
        make_room(site->array, size, cell_shift_of(element_size));
    }
    if (site->array->launch != launch_number()) {
        site->array->launch = launch_number();
        count_bytes(site->array);
    }
    return site->array;
}

SharedArray *dynamic_array(const char *name, size_t element_size, Place place) {
    SharedArray *const array = &dynamic_shared;
    if (array->launch != launch_number()) {
        array->launch = launch_number();
        array->name = name;
        array->declared = place;
        make_room(array, dynamic_shared_bytes(), cell_shift_of(element_size));
        count_bytes(array);
    }
    check_cell_size(array, element_size, place);
    return array;
}

void check_cell_size(const SharedArray *array, size_t element_size, Place place) {
    if (cell_shift_of(element_size) < array->cell_shift) {
        fail_kernel(place,
                    "the shared array %s is used with elements of %zu bytes: declare it with the smallest of its types",
                    array->name, element_size);
    }
}

void fail_bounds(Access access, ptrdiff_t low, ptrdiff_t high, size_t alignment) {
    if (!now.running) {
        fail_kernel(access.place, "the shared array %s is used outside a kernel", access.array->name);
    }
    if (access.offset % static_cast<ptrdiff_t>(alignment) != 0) {
        fail_kernel(access.place, "an access of %zu bytes at byte %td of the shared array %s is not aligned",
                    access.size, access.offset, access.array->name);
    }
    if (low == 0 && high == static_cast<ptrdiff_t>(access.array->size)) {
        fail_kernel(access.place, "index %td is outside the shared array %s of %zu elements", index_of(access),
                    access.array->name, access.array->size / access.element);
    }
    fail_kernel(access.place, "index %td is outside the slice [%td, %td) of the shared array %s", index_of(access),
                low / static_cast<ptrdiff_t>(access.element), high / static_cast<ptrdiff_t>(access.element),
                access.array->name);
}

void fail_unwritten(Access access) {
    fail_kernel(access.place, "element %td of the shared array %s is read, and no thread of this block has written it",
                index_of(access), access.array->name);
}

void look_closer_at_write_before(Access access, const Cell &cell, const char *doing) {
    if (cell.writer == SEVERAL) {
        fail_kernel(access.place,
                    "element %td of the shared array %s is %s, and was changed atomically by several threads with "
                    "no barrier in between",
                    index_of(access), access.array->name, doing);
    }
    if (cell.writer / WARP_SIZE == now.warp && ordered_by_syncwarp(cell.writer % WARP_SIZE, cell.write_time)) {
        return;
    }
    fail_kernel(access.place,
                "element %td of the shared array %s is %s, and was %s by thread %u of the block with no barrier in "
                "between",
                index_of(access), access.array->name, doing, cell.atomic ? "changed atomically" : "written",
                cell.writer);
}

/* The readers of an epoch are all of one warp, or nobody may write before the next one but a reader that was alone. */
void look_closer_at_reads_before(Access access, const Cell &cell, const char *doing) {
    unsigned int reader = cell.reader == now.thread ? cell.other_reader : cell.reader;
    bool race = cell.reader_warp == SEVERAL || cell.reader_warp != now.warp;
    for (unsigned int lane = 0; lane < WARP_SIZE && !race; lane++) {
        if ((cell.reader_lanes >> lane & 1) != 0 && lane != now.lane && !ordered_by_syncwarp(lane, cell.read_time)) {
            race = true;
            reader = cell.reader_warp * WARP_SIZE + lane;
        }
    }
    if (race) {
        fail_kernel(access.place,
                    "element %td of the shared array %s is %s, and was read by thread %u of the block with no "
                    "barrier in between",
                    index_of(access), access.array->name, doing, reader);
    }
}

void note_another_reader(Cell *cell) {
    if (cell->reader_warp != now.warp) {
        cell->other_reader = now.thread;
        cell->reader_warp = SEVERAL;
        return;
    }
    if (cell->read_time != now.warp_time) {
        for (unsigned int lane = 0; lane < WARP_SIZE; lane++) {
            if ((cell->reader_lanes >> lane & 1) != 0 && ordered_by_syncwarp(lane, cell->read_time)) {
                cell->reader_lanes &= ~(1u << lane);
            }
        }
        cell->read_time = now.warp_time;
    }
    cell->reader_lanes |= 1u << now.lane;
}

void check_atomic(const Access &access) {
    const CellRange range = cells_of(access);
    for (Cell *cell = range.first; cell <= range.last; cell++) {
        if (cell->write_epoch < now.block_began) {
            fail_unwritten(access);
        }
        const bool this_epoch = cell->write_epoch == now.epoch;
        const bool joins = this_epoch && cell->atomic;
        const bool plain_before = this_epoch && !cell->atomic && cell->writer == now.thread;
        if (this_epoch && !cell->atomic && !plain_before) {
            look_closer_at_write_before(access, *cell, "changed atomically");
        }
        if (cell->read_epoch == now.epoch) {
            look_closer_at_reads_before(access, *cell, "changed atomically");
        }
        const bool alone = !joins || cell->writer == now.thread ||
                           (cell->writer != SEVERAL && cell->writer / WARP_SIZE == now.warp &&
                            ordered_by_syncwarp(cell->writer % WARP_SIZE, cell->write_time));
        cell->write_epoch = now.epoch;
        cell->write_time = now.warp_time;
        cell->writer = alone ? now.thread : SEVERAL;
        /* After a plain write of its own it still races with the atomic operations of others. */
        cell->atomic = !plain_before;
    }
}

}  // namespace mxsi_cpu
