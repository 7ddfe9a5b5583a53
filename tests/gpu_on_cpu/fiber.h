/* Fibers: a stack each, switched between by saving and restoring the registers that a function call keeps. No system
 * call is made, so that a thousand threads of a block can take turns millions of times a second. */
#ifndef MAXSHARPE_FIBER_H
#define MAXSHARPE_FIBER_H

#include <cstddef>
#include <vector>

namespace mxsi_cpu {

struct Fiber {
    void *stack_pointer = nullptr;  /* where its registers lie while it does not run */
    unsigned char *stack = nullptr; /* lowest byte */
    size_t stack_size = 0;
    void *sanitizer_state = nullptr;
};

/* Stacks for `count` fibers, each with an unmapped page below it. They are kept until the program ends. */
void fibers_reserve(std::vector<Fiber> *fibers, size_t count);

/* The next switch to the fiber calls `entry` on its empty stack; `entry` never returns. `colour` moves the top a
 * little, so that the tops of many stacks do not compete for the same lines of the cache. `abandoned`: the fiber was
 * left for good in mid-function. */
void fiber_prepare(Fiber *fiber, void (*entry)(), size_t colour, bool abandoned);

/* A fiber for the stack on which the program itself runs. */
Fiber fiber_of_this_thread();

void fiber_switch(Fiber *from, Fiber *to);

/* The first thing that `entry` does, and the last: a switch to a fiber, never to return. */
void fiber_entered();
[[noreturn]] void fiber_leave(Fiber *to);

}  // namespace mxsi_cpu

#endif
