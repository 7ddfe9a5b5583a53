#include "gpu_on_cpu/fiber.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__)
#define FIBERS_UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBERS_UNDER_ASAN 1
#endif
#endif

#ifdef FIBERS_UNDER_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

/* mxsi_cpu_switch(save, load) pushes the registers that a callee must keep, stores the stack pointer in *save, takes
 * the stack pointer `load` and pops them again. Other machines than these two go through ucontext, at two system calls
 * a switch. */
#if defined(__x86_64__) && !defined(MXSI_FIBERS_BY_UCONTEXT)
enum { SAVED_WORDS = 6 };
__asm__(
    ".text\n"
    ".align 16\n"
    ".type mxsi_cpu_switch, @function\n"
    "mxsi_cpu_switch:\n"
    "    pushq %rbp\n"
    "    pushq %rbx\n"
    "    pushq %r12\n"
    "    pushq %r13\n"
    "    pushq %r14\n"
    "    pushq %r15\n"
    "    movq %rsp, (%rdi)\n"
    "    movq %rsi, %rsp\n"
    "    popq %r15\n"
    "    popq %r14\n"
    "    popq %r13\n"
    "    popq %r12\n"
    "    popq %rbx\n"
    "    popq %rbp\n"
    "    popq %rcx\n" /* not ret: its prediction would always be wrong */
    "    jmp *%rcx\n"
    ".size mxsi_cpu_switch, .-mxsi_cpu_switch\n");
#elif defined(__aarch64__) && !defined(MXSI_FIBERS_BY_UCONTEXT)
enum { SAVED_WORDS = 20 };
__asm__(
    ".text\n"
    ".align 4\n"
    ".type mxsi_cpu_switch, %function\n"
    "mxsi_cpu_switch:\n"
    "    sub sp, sp, #160\n"
    "    stp x19, x20, [sp, #0]\n"
    "    stp x21, x22, [sp, #16]\n"
    "    stp x23, x24, [sp, #32]\n"
    "    stp x25, x26, [sp, #48]\n"
    "    stp x27, x28, [sp, #64]\n"
    "    stp x29, x30, [sp, #80]\n"
    "    stp d8, d9, [sp, #96]\n"
    "    stp d10, d11, [sp, #112]\n"
    "    stp d12, d13, [sp, #128]\n"
    "    stp d14, d15, [sp, #144]\n"
    "    mov x9, sp\n"
    "    str x9, [x0]\n"
    "    mov sp, x1\n"
    "    ldp x19, x20, [sp, #0]\n"
    "    ldp x21, x22, [sp, #16]\n"
    "    ldp x23, x24, [sp, #32]\n"
    "    ldp x25, x26, [sp, #48]\n"
    "    ldp x27, x28, [sp, #64]\n"
    "    ldp x29, x30, [sp, #80]\n"
    "    ldp d8, d9, [sp, #96]\n"
    "    ldp d10, d11, [sp, #112]\n"
    "    ldp d12, d13, [sp, #128]\n"
    "    ldp d14, d15, [sp, #144]\n"
    "    add sp, sp, #160\n"
    "    ret\n"
    ".size mxsi_cpu_switch, .-mxsi_cpu_switch\n");
#else
#define FIBERS_BY_UCONTEXT 1
#include <ucontext.h>
#endif

#ifndef FIBERS_BY_UCONTEXT
extern "C" void mxsi_cpu_switch(void **save, void *load);
#endif

namespace mxsi_cpu {
namespace {

constexpr size_t STACK_SIZE = size_t{256} << 10;

[[noreturn]] void die(const char *what) {
    std::perror(what);
    std::abort();
}

#ifdef FIBERS_UNDER_ASAN
void announce_switch(void **keep, const Fiber *to) {
    __sanitizer_start_switch_fiber(keep, to->stack, to->stack_size);
}

void finish_switch(void *kept) {
    __sanitizer_finish_switch_fiber(kept, nullptr, nullptr);
}

/* A fiber that has left still has the frame of its entry, at the top. */
void forget_frames(const Fiber *fiber, bool all) {
    const size_t size = all ? fiber->stack_size : size_t{16} << 10;
    __asan_unpoison_memory_region(fiber->stack + fiber->stack_size - size, size);
}
#else
void announce_switch(void **, const Fiber *) {
}

void finish_switch(void *) {
}

void forget_frames(const Fiber *, bool) {
}
#endif

void switch_stacks(Fiber *from, Fiber *to) {
#ifdef FIBERS_BY_UCONTEXT
    if (swapcontext(static_cast<ucontext_t *>(from->stack_pointer), static_cast<ucontext_t *>(to->stack_pointer)) !=
        0) {
        die("swapcontext");
    }
#else
    mxsi_cpu_switch(&from->stack_pointer, to->stack_pointer);
#endif
}

}  // namespace

void fibers_reserve(std::vector<Fiber> *fibers, size_t count) {
    const size_t guard = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    while (fibers->size() < count) {
        void *const memory = mmap(nullptr, guard + STACK_SIZE, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
        if (memory == MAP_FAILED || mprotect(memory, guard, PROT_NONE) != 0) {
            die("a stack for a thread of a block");
        }
        Fiber fiber;
        fiber.stack = static_cast<unsigned char *>(memory) + guard;
        fiber.stack_size = STACK_SIZE;
        fibers->push_back(fiber);
    }
}

Fiber fiber_of_this_thread() {
    Fiber fiber;
    pthread_attr_t attributes;
    void *stack = nullptr;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0 ||
        pthread_attr_getstack(&attributes, &stack, &fiber.stack_size) != 0) {
        die("pthread_getattr_np");
    }
    pthread_attr_destroy(&attributes);
    fiber.stack = static_cast<unsigned char *>(stack);
#ifdef FIBERS_BY_UCONTEXT
    static ucontext_t context;
    fiber.stack_pointer = &context;
#endif
    return fiber;
}

void fiber_prepare(Fiber *fiber, void (*entry)(), size_t colour, bool abandoned) {
    forget_frames(fiber, abandoned);
    fiber->sanitizer_state = nullptr;
    /* 37 lines of 64 bytes: an odd number, so that 64 fibers take 64 different places in a page. */
    const size_t shift = colour * 37 * 64 % 4096;
#ifdef FIBERS_BY_UCONTEXT
    ucontext_t *const context = reinterpret_cast<ucontext_t *>(fiber->stack);
    if (getcontext(context) != 0) {
        die("getcontext");
    }
    const size_t used = (sizeof *context + 63) / 64 * 64;
    context->uc_stack.ss_sp = fiber->stack + used;
    context->uc_stack.ss_size = fiber->stack_size - used - shift;
    context->uc_link = nullptr;
    makecontext(context, entry, 0);
    fiber->stack_pointer = context;
#else
    uintptr_t *top = reinterpret_cast<uintptr_t *>(fiber->stack + fiber->stack_size - shift - 64);
    const uintptr_t start = reinterpret_cast<uintptr_t>(entry);
#ifdef __x86_64__
    *--top = 0;     /* the return address of `entry`: none */
    *--top = start; /* popped by the switch, which leaves the stack as a call of `entry` would */
    top -= SAVED_WORDS;
    for (int i = 0; i < SAVED_WORDS; i++) {
        top[i] = 0;
    }
#else
    top -= SAVED_WORDS;
    for (int i = 0; i < SAVED_WORDS; i++) {
        top[i] = 0;
    }
    top[11] = start; /* x30 */
#endif
    fiber->stack_pointer = top;
#endif
}

void fiber_switch(Fiber *from, Fiber *to) {
    announce_switch(&from->sanitizer_state, to);
    switch_stacks(from, to);
    finish_switch(from->sanitizer_state);
}

void fiber_entered() {
    finish_switch(nullptr);
}

void fiber_leave(Fiber *to) {
    Fiber nobody;
#ifdef FIBERS_BY_UCONTEXT
    ucontext_t nowhere;
    nobody.stack_pointer = &nowhere;
#endif
    announce_switch(nullptr, to);
    switch_stacks(&nobody, to);
    std::abort();
}

}  // namespace mxsi_cpu
