#include "process/shared_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/errors.h"

static int open_nameless_memory(void) {
    const int fd = memfd_create("maxsharpe", MFD_CLOEXEC);
    if (fd >= 0 || errno != ENOSYS) {
        return fd;
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

/* Nameless memory counts as a file: to grow it beyond the limit would bring SIGXFSZ, which ends the program. */
static int is_beyond_file_limit(uint64_t size) {
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && size > limit.rlim_cur;
}

/* A limit of the whole machine: asking for more than there is would not fail but bring the out-of-memory killer. */
static int is_beyond_this_machine(uint64_t size) {
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 && size / (uint64_t)page > (uint64_t)pages / 10 * 9;
}

static void *map(int descriptor, uint64_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static int make(uint64_t size, struct mxsi_shared_memory *shared) {
    if (is_beyond_file_limit(size)) {
        errno = EFBIG;
        return -1;
    }
    const int fd = open_nameless_memory();
    if (fd < 0) {
        return -1;
    }
    int failed = posix_fallocate(fd, 0, (off_t)size);
    void *memory = NULL;
    if (failed == 0 && (memory = map(fd, size)) == NULL) {
        failed = errno;
    }
    if (memory == NULL) {
        (void)close(fd);
        errno = failed;
        return -1;
    }
    *shared = (struct mxsi_shared_memory){.memory = memory, .size = size, .descriptor = fd};
    return 0;
}

mxs_status mxsi_shared_memory_create(uint64_t size, const char *what, struct mxsi_shared_memory *shared,
                                     mxs_error *error) {
    *shared = (struct mxsi_shared_memory){.descriptor = -1};
    if (size > INT64_MAX || is_beyond_this_machine(size)) {
        return mxsi_fail(error, MXS_ERROR_MEMORY,
                         "the shared memory of %s would need %.1f GB, more than this machine has; use fewer assets or "
                         "rows",
                         what, (double)size * 1e-9);
    }
    if (make(size, shared) != 0) {
        return mxsi_fail(error, MXS_ERROR_MEMORY, "not enough memory for the %.1f MB that %s takes: %s",
                         (double)size * 1e-6, what, strerror(errno));
    }
    return MXS_OK;
}

int mxsi_shared_memory_map(int descriptor, struct mxsi_shared_memory *shared) {
    struct stat status;
    *shared = (struct mxsi_shared_memory){.descriptor = -1};
    if (fstat(descriptor, &status) != 0) {
        return -1;
    }
    void *memory = map(descriptor, (uint64_t)status.st_size);
    if (memory == NULL) {
        return -1;
    }
    *shared = (struct mxsi_shared_memory){.memory = memory, .size = (uint64_t)status.st_size, .descriptor = -1};
    return 0;
}

void mxsi_shared_memory_destroy(struct mxsi_shared_memory *shared) {
    if (shared->memory != NULL) {
        (void)munmap(shared->memory, shared->size);
    }
    if (shared->descriptor >= 0) {
        (void)close(shared->descriptor);
    }
    *shared = (struct mxsi_shared_memory){.descriptor = -1};
}
