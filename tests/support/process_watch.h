/* What a test sees of processes from outside, through /proc: its children, what it has open, what it left behind. */
#ifndef MAXSHARPE_TEST_PROCESS_WATCH_H
#define MAXSHARPE_TEST_PROCESS_WATCH_H

#include <stddef.h>
#include <sys/types.h>

/* A promise "within a second", on a machine that is busy with other work. */
#define PATIENCE_SECONDS 5.0

double seconds_now(void);
void sleep_microseconds(unsigned microseconds);

enum { CHILDREN_LIMIT = 256 };

typedef struct children_list {
    size_t count;
    pid_t pids[CHILDREN_LIMIT];
} children_list;

/* The children of a process that still run; zombies are not among them. */
children_list running_children(pid_t parent);

/* Who forks the workers of a program: the program, or where it has threads its launcher. */
enum forker { THE_PROGRAM, ITS_LAUNCHER };

/* The workers of the searches that a program runs, but for this process where it is a child of it, too. */
children_list running_workers(pid_t program, enum forker forker);

/* The children of this process, zombies too. */
size_t count_children(void);

/* Waits until `parent` has so many running children. 0 where it has not in time. */
int wait_for_children(pid_t parent, size_t count, children_list *children);
int wait_for_workers(pid_t program, enum forker forker, size_t count, children_list *workers);

/* Waits for a child of this process. 1 where it ended in time; else it is killed, and 0. */
int wait_for_end(pid_t pid, double seconds, int *wait_status);

/* Waits until this process has one thread: one that has been joined is still the kernel's for a moment. 0 where it has
 * more. */
int wait_for_one_thread(void);

/* Adopts what our descendants leave behind, and waits until all of it has ended. The number of processes that have
 * not in time; those are killed. */
void adopt_orphans(void);
size_t wait_for_orphans(double seconds);

/* cmocka's setup and teardown of every test here. The setup remembers what this process has and starts a clock; a test
 * that takes longer than `TEST_SECONDS_LIMIT` is ended with a message, and its processes with it. The teardown
 * fails unless everything is as it was: no child, no zombie, as many descriptors, threads and shared mappings as
 * before, nothing of ours in /dev/shm, and no OpenBLAS in this process. */
enum { TEST_SECONDS_LIMIT = 60 };
int watch_begin(void **state);
int watch_end(void **state);

#endif
