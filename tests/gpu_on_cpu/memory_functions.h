/* CUDA's functions of memory, global and shared: atomic operations, __ldg, accesses of 8 and 16 bytes. */
#ifndef MAXSHARPE_MEMORY_FUNCTIONS_H
#define MAXSHARPE_MEMORY_FUNCTIONS_H

#include <cstdint>

#include "gpu_on_cpu/shared_memory.h"
#include "gpu_on_cpu/vector_types.h"
#include "gpu_on_cpu/warp_functions.h"

namespace mxsi_cpu {

/* A parameter that takes no part in finding T. */
template <class T>
struct Same {
    using type = T;
};
template <class T>
using as = typename Same<T>::type;

template <class T>
constexpr bool is_atomic_integer = is_one_of<T, int, unsigned int, unsigned long long>;

/* Threads run one at a time, so that a plain change is an atomic one. */
template <class T, class Change>
T change_atomically(T *address, Change change, Place) {
    const T before = *address;
    *address = change(before);
    return before;
}

template <class T, class Change>
T change_atomically(SharedPointer<T> address, Change change, Place place) {
    return address.change_atomically(change, place);
}

inline void check_alignment(const void *address, size_t alignment, Place place) {
    if (reinterpret_cast<uintptr_t>(address) % alignment != 0) {
        fail_kernel(place, "an access of %zu bytes to global memory is not aligned", alignment);
    }
}

template <class Vector, class T>
Vector load_vector(const T *address, Place place) {
    check_alignment(address, alignof(Vector), place);
    Vector value;
    std::memcpy(&value, address, sizeof value);
    return value;
}

template <class Vector, class T>
Vector load_vector(SharedPointer<const T> address, Place place) {
    return address.template load<Vector>(place);
}

template <class Vector, class T>
void store_vector(T *address, Vector value, Place place) {
    check_alignment(address, alignof(Vector), place);
    std::memcpy(address, &value, sizeof value);
}

template <class Vector, class T>
void store_vector(SharedPointer<T> address, Vector value, Place place) {
    address.template store<Vector>(value, place);
}

}  // namespace mxsi_cpu

/* The types are those that CUDA has; each function exists for `T *` and for shared memory. */
#define MXSI_CPU_ATOMIC(function, allowed, result)                                                   \
    template <class T>                                                                               \
    T function(T *address, mxsi_cpu::as<T> value, mxsi_cpu::Place place = mxsi_cpu::Place::here()) { \
        static_assert(allowed, "CUDA has no " #function " for this type");                           \
        return mxsi_cpu::change_atomically(                                                          \
            address, [&](T before) -> T { return result; }, place);                                  \
    }                                                                                                \
    template <class T>                                                                               \
    T function(mxsi_cpu::SharedPointer<T> address, mxsi_cpu::as<T> value,                            \
               mxsi_cpu::Place place = mxsi_cpu::Place::here()) {                                    \
        static_assert(allowed, "CUDA has no " #function " for this type");                           \
        return mxsi_cpu::change_atomically(                                                          \
            address, [&](T before) -> T { return result; }, place);                                  \
    }

MXSI_CPU_ATOMIC(atomicAdd, (mxsi_cpu::is_atomic_integer<T> || mxsi_cpu::is_one_of<T, float, double>), before + value)
MXSI_CPU_ATOMIC(atomicSub, (mxsi_cpu::is_one_of<T, int, unsigned int>), before - value)
MXSI_CPU_ATOMIC(atomicMax, (mxsi_cpu::is_atomic_integer<T> || mxsi_cpu::is_one_of<T, long long>),
                before < value ? value : before)
MXSI_CPU_ATOMIC(atomicMin, (mxsi_cpu::is_atomic_integer<T> || mxsi_cpu::is_one_of<T, long long>),
                value < before ? value : before)
MXSI_CPU_ATOMIC(atomicExch, (mxsi_cpu::is_atomic_integer<T> || mxsi_cpu::is_one_of<T, float>),
                (static_cast<void>(before), value))
MXSI_CPU_ATOMIC(atomicOr, (mxsi_cpu::is_atomic_integer<T>), before | value)
MXSI_CPU_ATOMIC(atomicAnd, (mxsi_cpu::is_atomic_integer<T>), before &value)
#undef MXSI_CPU_ATOMIC

template <class T>
T atomicCAS(T *address, mxsi_cpu::as<T> expected, mxsi_cpu::as<T> value,
            mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    static_assert(mxsi_cpu::is_atomic_integer<T>, "CUDA has no atomicCAS for this type");
    return mxsi_cpu::change_atomically(
        address, [&](T before) { return before == expected ? value : before; }, place);
}
template <class T>
T atomicCAS(mxsi_cpu::SharedPointer<T> address, mxsi_cpu::as<T> expected, mxsi_cpu::as<T> value,
            mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    static_assert(mxsi_cpu::is_atomic_integer<T>, "CUDA has no atomicCAS for this type");
    return mxsi_cpu::change_atomically(
        address, [&](T before) { return before == expected ? value : before; }, place);
}

template <class T>
T __ldg(const T *address) {
    return *address;
}

/* mxsi_load2, mxsi_load4, mxsi_store2, mxsi_store4 for one type of element and its vectors. */
#define MXSI_CPU_VECTOR_ACCESS(count, T, vector)                                                                    \
    inline vector mxsi_load##count(const T *array, size_t index, mxsi_cpu::Place place = mxsi_cpu::Place::here()) { \
        return mxsi_cpu::load_vector<vector>(array + index, place);                                                 \
    }                                                                                                               \
    inline vector mxsi_load##count(mxsi_cpu::SharedPointer<const T> array, mxsi_cpu::Index index) {                 \
        return mxsi_cpu::load_vector<vector>(array + index.value, index.place);                                     \
    }                                                                                                               \
    inline void mxsi_store##count(T *array, size_t index, vector value,                                             \
                                  mxsi_cpu::Place place = mxsi_cpu::Place::here()) {                                \
        mxsi_cpu::store_vector<vector>(array + index, value, place);                                                \
    }                                                                                                               \
    inline void mxsi_store##count(mxsi_cpu::SharedPointer<T> array, mxsi_cpu::Index index, vector value) {          \
        mxsi_cpu::store_vector<vector>(array + index.value, value, index.place);                                    \
    }

MXSI_CPU_VECTOR_ACCESS(2, float, float2)
MXSI_CPU_VECTOR_ACCESS(4, float, float4)
MXSI_CPU_VECTOR_ACCESS(2, unsigned int, uint2)
MXSI_CPU_VECTOR_ACCESS(4, unsigned int, uint4)
#undef MXSI_CPU_VECTOR_ACCESS

template <class T>
T *mxsi_shared_slice(T *array, size_t first, size_t) {
    return array + first;
}
template <class T>
mxsi_cpu::SharedPointer<T> mxsi_shared_slice(mxsi_cpu::SharedPointer<T> array, mxsi_cpu::Index first,
                                             mxsi_cpu::Index count) {
    return array.slice(first, count);
}
template <class U, class T>
mxsi_cpu::SharedPointer<U> mxsi_shared_cast(mxsi_cpu::SharedPointer<T> array,
                                            mxsi_cpu::Place place = mxsi_cpu::Place::here()) {
    return array.template cast<U>(place);
}

#endif
