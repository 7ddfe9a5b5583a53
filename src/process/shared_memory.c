#include "process/shared_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int open_anywhere(void) {
    const int descriptor = memfd_create("maxsharpe", MFD_CLOEXEC);
    if (descriptor >= 0 || errno != ENOSYS) {
        return descriptor;
    }
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    char name[64];
    (void)snprintf(name, sizeof name, "/maxsharpe-%ld-%ld", (long)getpid(), now.tv_nsec);
    const int shm = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (shm >= 0) {
        (void)shm_unlink(name);
    }
    return shm;
}

/* Where a program has closed a standard stream, others would write into what stood in its place. */
static int open_nameless_memory(void) {
    const int descriptor = open_anywhere();
    if (descriptor < 0 || descriptor > STDERR_FILENO) {
        return descriptor;
    }
    const int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int why = errno;
    (void)close(descriptor);
    errno = why;
    return moved;
}

/* Nameless memory counts as a file: to grow it beyond the limit would bring SIGXFSZ, which ends the program. */
static int is_beyond_file_limit(uint64_t size) {
    struct rlimit limit;
    return size > INT64_MAX ||
           (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && size > limit.rlim_cur);
}

int mxsi_shared_memory_is_beyond_machine(uint64_t size) {
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 && size / (uint64_t)page > (uint64_t)pages / 10 * 9;
}

/* Fills *memory; 0, or -1 and errno. */
static int map_all(int descriptor, uint64_t size, int protection, struct mxsi_shared_memory *memory) {
    const int flags = descriptor < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
    void *bytes = mmap(NULL, size, protection, flags, descriptor, 0);
    if (bytes == MAP_FAILED) {
        return -1;
    }
    *memory = (struct mxsi_shared_memory){bytes, size, descriptor};
    return 0;
}

int mxsi_shared_memory_create(uint64_t size, struct mxsi_shared_memory *memory) {
    *memory = (struct mxsi_shared_memory){.descriptor = -1};
    if (is_beyond_file_limit(size) || mxsi_shared_memory_is_beyond_machine(size)) {
        errno = is_beyond_file_limit(size) ? EFBIG : ENOMEM;
        return -1;
    }
    const int descriptor = open_nameless_memory();
    if (descriptor < 0) {
        return -1;
    }
    int failed = posix_fallocate(descriptor, 0, (off_t)size);
    if (failed == 0 && map_all(descriptor, size, PROT_READ | PROT_WRITE, memory) != 0) {
        failed = errno;
    }
    if (failed != 0) {
        (void)close(descriptor);
        errno = failed;
    }
    return failed == 0 ? 0 : -1;
}

int mxsi_shared_memory_create_for_children(uint64_t size, struct mxsi_shared_memory *memory) {
    *memory = (struct mxsi_shared_memory){.descriptor = -1};
    return map_all(-1, size, PROT_READ | PROT_WRITE, memory);
}

int mxsi_shared_memory_map(int descriptor, int may_write, struct mxsi_shared_memory *memory) {
    *memory = (struct mxsi_shared_memory){.descriptor = -1};
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        return -1;
    }
    return map_all(descriptor, (uint64_t)status.st_size, may_write ? PROT_READ | PROT_WRITE : PROT_READ, memory);
}

void mxsi_shared_memory_close(struct mxsi_shared_memory *memory) {
    if (memory->bytes != NULL) {
        (void)munmap(memory->bytes, memory->size);
        if (memory->descriptor >= 0) {
            (void)close(memory->descriptor);
        }
    }
    *memory = (struct mxsi_shared_memory){.descriptor = -1};
}
