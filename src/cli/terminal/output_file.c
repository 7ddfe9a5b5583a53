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

/* The folder of a path, with its final slash; "" for the current one. */
static void folder_of(const char *path, char folder[PATH_MAX]) {
    const char *const slash = strrchr(path, '/');
    const size_t length = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    memcpy(folder, path, length);
    folder[length] = '\0';
}

static bool is_same_file(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether a folder is that of our open descriptors, by whichever name. */
static bool lists_our_descriptors(const char *folder) {
    struct stat ours;
    struct stat status;
    /* Open while they are compared: procfs gives out the number of a folder that nobody holds again. */
    const int first = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
    const int second = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const bool same = first >= 0 && second >= 0 && fstat(first, &ours) == 0 && fstat(second, &status) == 0 &&
                      is_same_file(&ours, &status);
    if (first >= 0) {
        (void)close(first);
    }
    if (second >= 0) {
        (void)close(second);
    }
    return same;
}

/* 7 for /proc/self/fd/7 and for /dev/fd/7; -1 for a path that names no descriptor of ours. */
static int named_descriptor(const char *path) {
    enum { DIGITS = 9 };
    char folder[PATH_MAX];
    folder_of(path, folder);
    const char *const name = path + strlen(folder);
    const size_t digits = strspn(name, "0123456789");
    const bool is_number = digits > 0 && digits <= DIGITS && name[digits] == '\0';
    return is_number && lists_our_descriptors(folder) ? (int)strtol(name, NULL, 10) : -1;
}

/* Replaces output->target by what it links to until it links to nothing; the last target need not exist, which is why
 * this is not realpath. A link that is an open descriptor of ours is not followed: what is meant is the descriptor,
 * which may append and stand anywhere in its file. False with errno. */
static bool follow_links(output_file *output) {
    enum { LINK_LIMIT = 40 }; /* the kernel's own */
    char *const path = output->target;
    for (int i = 0; i < LINK_LIMIT; ++i) {
        char link[PATH_MAX];
        output->descriptor = named_descriptor(path);
        if (output->descriptor >= 0) {
            return true;
        }
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

/* Stdout or stderr, where it was redirected to this very file: a new file under the name would take from it what the
 * others who write there have written. -1: neither. */
static int standard_descriptor_of(const struct stat *file) {
    for (int descriptor = STANDARD_OUTPUT; descriptor <= STANDARD_ERROR; ++descriptor) {
        struct stat status;
        if (fstat(descriptor, &status) == 0 && is_same_file(&status, file) && descriptor_is_writable(descriptor)) {
            return descriptor;
        }
    }
    return -1;
}

/* 0, or why what is there cannot be written. */
static int check_existing(output_file *output, const struct stat *status) {
    if (S_ISDIR(status->st_mode)) {
        return EISDIR;
    }
    output->descriptor = standard_descriptor_of(status);
    if (output->descriptor >= 0) {
        return 0;
    }
    if (faccessat(AT_FDCWD, output->path, W_OK, AT_EACCESS) != 0) {
        return errno;
    }
    /* What /proc links to may be a file that has no name any more. */
    struct stat target;
    output->in_place =
        !S_ISREG(status->st_mode) || lstat(output->target, &target) != 0 || !is_same_file(&target, status);
    output->mode = status->st_mode & (mode_t)07777;
    return output->in_place ? 0 : check_folder(output);
}

/* 0, or why nothing could be written there. */
static int check(output_file *output) {
    if (!follow_links(output)) {
        return errno;
    }
    if (output->descriptor >= 0) {
        return descriptor_is_writable(output->descriptor) ? 0 : errno;
    }
    struct stat status;
    if (stat(output->path, &status) == 0) {
        return check_existing(output, &status);
    }
    return errno == ENOENT ? check_folder(output) : errno;
}

bool output_file_prepare(output_file *output, const char *path) {
    int reason = ENAMETOOLONG;
    *output = (output_file){.path = path, .descriptor = -1, .mode = default_mode()};
    if (strlen(path) < sizeof output->target) {
        (void)stpcpy(output->target, path);
        reason = check(output);
    }
    if (reason != 0) {
        print_error("cannot write '%s': %s", path, strerror(reason));
    }
    return reason == 0;
}

bool paths_are_one_file(const char *path, const char *other) {
    struct stat a;
    struct stat b;
    /* A device can be both: what is written to a terminal is not what was read from it. */
    return stat(path, &a) == 0 && S_ISREG(a.st_mode) && stat(other, &b) == 0 && is_same_file(&a, &b);
}

static int write_in_place(const output_file *output, const char *text, size_t size) {
    const int file = open(output->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (file < 0) {
        return errno;
    }
    int reason = write_all(file, text, size) ? 0 : errno;
    if (close(file) != 0 && reason == 0) {
        reason = errno;
    }
    return reason;
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

int output_file_write(const output_file *output, const char *text, size_t size) {
    static const char pattern[] = ".maxsharpe.XXXXXX";
    if (output->descriptor >= 0) {
        return write_all(output->descriptor, text, size) ? 0 : errno;
    }
    if (output->in_place) {
        return write_in_place(output, text, size);
    }
    char folder[PATH_MAX];
    folder_of(output->target, folder);
    char temporary[PATH_MAX + sizeof pattern];
    (void)stpcpy(stpcpy(temporary, folder), pattern);
    const int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0) {
        return errno;
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
    return reason;
}
