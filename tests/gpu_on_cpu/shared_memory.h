/* Shared memory of which every access is checked. A cell of four bytes (of one or two in an array of smaller elements)
 * remembers who wrote and who read it, and when. Reported as failures:
 *
 *   - an index outside the array, or a wide access that is not aligned,
 *   - a read of what no thread of this block has written,
 *   - a race: a cell written by one thread and read or written by another without a barrier between the two: any
 *     __syncthreads, or a __syncwarp of both where they are of one warp. Atomic operations do not race with each other.
 *
 * Global memory is the program's own and is not checked: run the test under AddressSanitizer for that. */
#ifndef MAXSHARPE_SHARED_MEMORY_H
#define MAXSHARPE_SHARED_MEMORY_H

#include <cstring>
#include <type_traits>

#include "gpu_on_cpu/block_runner.h"

namespace mxsi_cpu {

struct Cell {
    uint32_t write_epoch;
    uint32_t write_time;
    uint32_t read_epoch;
    uint32_t read_time;    /* of the last of them */
    uint32_t reader_lanes; /* those of reader_warp whose reads no __syncwarp has put behind a later one */
    uint16_t writer;
    uint16_t reader_warp;
    uint16_t reader; /* one of them, and one of another warp: to be named */
    uint16_t other_reader;
    bool atomic; /* how it was written */
};

constexpr uint16_t SEVERAL = UINT16_MAX;

struct SharedArray {
    const char *name;
    Place declared;
    unsigned char *bytes;
    Cell *cells;
    size_t size;             /* bytes */
    size_t capacity;         /* bytes allocated */
    unsigned int cell_shift; /* a cell is 2^cell_shift bytes */
    uint32_t launch;         /* the last one that used it */
};

/* One for every line that declares a static array; a template's instances have one each. */
struct SharedArraySite {
    const char *name;
    Place declared;
    SharedArray *array;
};

/* Bytes [offset, offset + size) of an array. */
struct Access {
    SharedArray *array;
    ptrdiff_t offset;
    size_t size;
    size_t element; /* the size of the array's elements: of a vector's parts */
    Place place;
};

void check_bounds(const Access &access, ptrdiff_t low, ptrdiff_t high, size_t alignment);
void check_read(const Access &access);
void check_write(const Access &access);
void check_atomic(const Access &access);

SharedArray *static_array(SharedArraySite *site, size_t element_size, size_t size);
SharedArray *dynamic_array(const char *name, size_t element_size, Place place);
void check_cell_size(const SharedArray *array, size_t element_size, Place place);

/* An index, and where in the source it stands. */
struct Index {
    ptrdiff_t value;
    Place place;

    template <class T, class = std::enable_if_t<std::is_integral<T>::value || std::is_enum<T>::value>>
    Index(T in_value, Place in_place = Place::here()) : value(static_cast<ptrdiff_t>(in_value)), place(in_place) {
    }
};

template <class T>
class SharedElement;

/* What `T *` is for shared memory: an array, a bounded part of one, a place in it. */
template <class T>
class SharedPointer {
    using Value = std::remove_const_t<T>;
    static_assert(std::is_trivially_copyable<Value>::value, "shared memory holds plain data");

   public:
    SharedPointer() = default;
    SharedPointer(SharedArray *in_array, ptrdiff_t in_offset, ptrdiff_t in_low, ptrdiff_t in_high)
        : array(in_array), offset(in_offset), low(in_low), high(in_high) {
    }
    operator SharedPointer<const Value>() const {
        return {array, offset, low, high};
    }

    SharedElement<T> operator[](Index index) const {
        return {*this + index.value, index.place};
    }
    SharedElement<T> operator*() const {
        return {*this, array->declared};
    }

    SharedPointer operator+(ptrdiff_t count) const {
        return {array, offset + count * static_cast<ptrdiff_t>(sizeof(T)), low, high};
    }
    SharedPointer operator-(ptrdiff_t count) const {
        return *this + -count;
    }
    ptrdiff_t operator-(const SharedPointer &other) const {
        return (offset - other.offset) / static_cast<ptrdiff_t>(sizeof(T));
    }
    SharedPointer &operator+=(ptrdiff_t count) {
        return *this = *this + count;
    }
    SharedPointer &operator-=(ptrdiff_t count) {
        return *this = *this - count;
    }
    SharedPointer &operator++() {
        return *this += 1;
    }
    bool operator==(const SharedPointer &other) const {
        return array == other.array && offset == other.offset;
    }
    bool operator!=(const SharedPointer &other) const {
        return !(*this == other);
    }
    bool operator<(const SharedPointer &other) const {
        return offset < other.offset;
    }

    SharedPointer slice(Index first, Index count) const {
        const SharedPointer begin = *this + first.value;
        const ptrdiff_t bytes = count.value * static_cast<ptrdiff_t>(sizeof(T));
        if (begin.offset < low || begin.offset + bytes > high) {
            fail_kernel(first.place,
                        "a slice of %td elements from %td on is not within the shared array %s of %zu bytes",
                        count.value, first.value, array->name, array->size);
        }
        return {array, begin.offset, begin.offset, begin.offset + bytes};
    }
    template <class U>
    SharedPointer<U> cast(Place place) const {
        check_cell_size(array, sizeof(U), place);
        return {array, offset, low, high};
    }

    /* As one access of the type U, which may be a vector of T. */
    template <class U>
    U load(Place place) const {
        const Access access = {array, offset, sizeof(U), sizeof(Value), place};
        check_bounds(access, low, high, alignof(U));
        check_read(access);
        U value;
        std::memcpy(&value, array->bytes + offset, sizeof value);
        return value;
    }
    template <class U>
    void store(U value, Place place) const {
        static_assert(!std::is_const<T>::value, "a pointer to const is not written through");
        const Access access = {array, offset, sizeof(U), sizeof(Value), place};
        check_bounds(access, low, high, alignof(U));
        check_write(access);
        std::memcpy(array->bytes + offset, &value, sizeof value);
    }
    /* Replaces the element by change(element) and gives what it was. */
    template <class Change>
    Value change_atomically(Change change, Place place) const {
        const Access access = {array, offset, sizeof(Value), sizeof(Value), place};
        check_bounds(access, low, high, alignof(Value));
        check_atomic(access);
        Value before;
        std::memcpy(&before, array->bytes + offset, sizeof before);
        const Value after = change(before);
        std::memcpy(array->bytes + offset, &after, sizeof after);
        return before;
    }

   private:
    SharedArray *array = nullptr;
    ptrdiff_t offset = 0;
    ptrdiff_t low = 0; /* the bytes that may be touched */
    ptrdiff_t high = 0;
};

/* An element on its way to be read or written. Used on the spot only: kept in a variable it does not compile, because
 * it would be read later than on the GPU. */
template <class T>
class SharedElement {
    using Value = std::remove_const_t<T>;

   public:
    SharedElement(SharedPointer<T> in_pointer, Place in_place) : pointer(in_pointer), place(in_place) {
    }
    SharedElement(const SharedElement &) = delete;
    SharedElement &operator=(const SharedElement &) = delete;

    operator Value() && {
        return get();
    }
    Value operator=(SharedElement &&other) && {
        return set(other.get());
    }
    Value operator=(Value value) && {
        return set(value);
    }
    SharedPointer<T> operator&() && {
        return pointer;
    }

    Value operator+=(Value value) && {
        return set(static_cast<Value>(get() + value));
    }
    Value operator-=(Value value) && {
        return set(static_cast<Value>(get() - value));
    }
    Value operator*=(Value value) && {
        return set(static_cast<Value>(get() * value));
    }
    Value operator/=(Value value) && {
        return set(static_cast<Value>(get() / value));
    }
    Value operator|=(Value value) && {
        return set(static_cast<Value>(get() | value));
    }
    Value operator&=(Value value) && {
        return set(static_cast<Value>(get() & value));
    }
    Value operator^=(Value value) && {
        return set(static_cast<Value>(get() ^ value));
    }
    Value operator++() && {
        return set(static_cast<Value>(get() + 1));
    }
    Value operator++(int) && {
        const Value before = get();
        set(static_cast<Value>(before + 1));
        return before;
    }

   private:
    Value get() const {
        return pointer.template load<Value>(place);
    }
    Value set(Value value) const {
        pointer.template store<Value>(value, place);
        return value;
    }

    SharedPointer<T> pointer;
    Place place;
};

template <class T, size_t count>
SharedPointer<T> static_shared_array(SharedArraySite *site) {
    static_assert(count * sizeof(T) <= 48 * 1024, "CUDA's limit for the static shared memory of a kernel");
    SharedArray *const array = static_array(site, sizeof(T), count * sizeof(T));
    return {array, 0, 0, static_cast<ptrdiff_t>(array->size)};
}

template <class T>
SharedPointer<T> dynamic_shared_array(const char *name, Place place = Place::here()) {
    SharedArray *const array = dynamic_array(name, sizeof(T), place);
    return {array, 0, 0, static_cast<ptrdiff_t>(array->size)};
}

}  // namespace mxsi_cpu

#include "gpu_on_cpu/shared_memory_checks.h"

#endif
