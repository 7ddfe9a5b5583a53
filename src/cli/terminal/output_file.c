#include "cli/terminal/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/terminal/interrupt.h"
#include "cli/terminal/messages.h"
#include "cli/terminal/standard_streams.h"

static bool fail(const output_file *output, int reason) {
    print_error("cannot write '%s': %s", output->path, strerror(reason));
    return false;
}

/* The folder of a path, with its final slash; "" for the current one. */
static void folder_of(const char *path, char folder[PATH_MAX]) {
    const char *const slash = strrchr(path, '/');
    const size_t length = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    memcpy(folder, path, length);
    folder[length] = '\0';
}

/* Replaces *path by what it links to until it links to nothing; the last target need not exist, which is why this is
 * not realpath. False with errno. */
static bool follow_links(char path[PATH_MAX]) {
    enum { LINK_LIMIT = 40 }; /* the kernel's own */
    for (int i = 0; i < LINK_LIMIT; ++i) {
        char link[PATH_MAX];
        const ssize_t length = readlink(path, link, sizeof link - 1);
        if (length < 0) {
            return errno == EINVAL || errno == ENOENT;
        }
        link[length] = '\0';
        char folder[PATH_MAX] = "";
        if (link[0] != '/') {
            folder_of(path, folder);
        }
        if (strlen(folder) + (size_t)length >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return false;
        }
        (void)stpcpy(stpcpy(path, folder), link);
    }
    errno = ELOOP;
    return false;
}

static mode_t default_mode(void) {
    const mode_t mask = umask(0);
    (void)umask(mask);
    return (mode_t)0666 & ~mask;
}

/* 0, or why no file can be made and renamed in the folder of the target. */
static int check_folder(const output_file *output) {
    char folder[PATH_MAX];
    folder_of(output->target, folder);
    const char *const name = output->target + strlen(folder);
    if (name[0] == '\0') {
        return output->target[0] == '\0' ? ENOENT : EISDIR;
    }
    return faccessat(AT_FDCWD, folder[0] == '\0' ? "." : folder, W_OK | X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

bool output_file_prepare(output_file *output, const char *path) {
    *output = (output_file){.path = path, .mode = default_mode()};
    if (strlen(path) >= sizeof output->target) {
        return fail(output, ENAMETOOLONG);
    }
    (void)stpcpy(output->target, path);
    struct stat status;
    const bool exists = stat(path, &status) == 0;
    if (!exists && errno != ENOENT) {
        return fail(output, errno);
    }
    if (exists && S_ISDIR(status.st_mode)) {
        return fail(output, EISDIR);
    }
    if (exists && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0) {
        return fail(output, errno);
    }
    if (exists && !S_ISREG(status.st_mode)) {
        output->in_place = true;
        return true;
    }
    if (!follow_links(output->target)) {
        return fail(output, errno);
    }
    if (exists) {
        output->mode = status.st_mode & (mode_t)07777;
        /* /dev/stdout and its like may link to a file that has no name any more. */
        struct stat target;
        output->in_place =
            lstat(output->target, &target) != 0 || target.st_dev != status.st_dev || target.st_ino != status.st_ino;
    }
    const int reason = output->in_place ? 0 : check_folder(output);
    return reason == 0 || fail(output, reason);
}

static bool write_in_place(const output_file *output, const char *text, size_t size) {
    const int file = open(output->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (file < 0) {
        return fail(output, errno);
    }
    int reason = write_all(file, text, size) ? 0 : errno;
    if (close(file) != 0 && reason == 0) {
        reason = errno;
    }
    return reason == 0 || fail(output, reason);
}

/* 0, or why the text is not safely in the file, which is closed. */
static int fill_file(int file, mode_t mode, const char *text, size_t size) {
    int reason = 0;
    /* On disk before it takes the name: else a power cut could leave the name with nothing behind it. File systems
     * that cannot do fsync say EINVAL. */
    if (fchmod(file, mode) != 0 || !write_all(file, text, size) || (fsync(file) != 0 && errno != EINVAL)) {
        reason = errno;
    }
    if (close(file) != 0 && reason == 0) {
        reason = errno;
    }
    return reason;
}

static void sync_folder(const char *folder) {
    const int descriptor = open(folder[0] == '\0' ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        (void)fsync(descriptor); /* the file is complete under its name whether this succeeds or not */
        (void)close(descriptor);
    }
}

bool output_file_write(const output_file *output, const char *text, size_t size) {
    static const char pattern[] = ".maxsharpe.XXXXXX";
    if (output->in_place) {
        return write_in_place(output, text, size);
    }
    char folder[PATH_MAX];
    folder_of(output->target, folder);
    char temporary[PATH_MAX + sizeof pattern];
    (void)stpcpy(stpcpy(temporary, folder), pattern);
    const int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0) {
        return fail(output, errno);
    }
    interrupt_set_temporary(temporary);
    int reason = fill_file(file, output->mode, text, size);
    if (reason == 0 && rename(temporary, output->target) != 0) {
        reason = errno;
    }
    if (reason != 0) {
        (void)unlink(temporary);
    }
    interrupt_set_temporary(NULL);
    if (reason == 0) {
        sync_folder(folder);
    }
    return reason == 0 || fail(output, reason);
}
