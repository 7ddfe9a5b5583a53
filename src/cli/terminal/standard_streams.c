#include "cli/terminal/standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "cli/terminal/interrupt.h"

void prepare_standard_streams(void) {
    for (int descriptor = 0; descriptor <= STANDARD_ERROR; ++descriptor) {
        if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) {
            continue;
        }
        /* O_PATH: a descriptor for which read and write are EBADF, as they were before. It takes the lowest free
         * number, which is this one. */
        (void)!open("/", O_PATH | O_DIRECTORY);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
}

bool wait_until_writable(int descriptor, int milliseconds) {
    const bool requested = interrupt_requested();
    struct pollfd request = {.fd = descriptor, .events = POLLOUT};
    int ready = 0;
    do {
        ready = poll(&request, 1, milliseconds);
    } while (ready < 0 && errno == EINTR && interrupt_requested() == requested);
    return ready == 1;
}

bool write_all(int descriptor, const char *text, size_t size) {
    const bool requested = interrupt_requested();
    while (size > 0) {
        const ssize_t written = write(descriptor, text, size);
        if (written < 0 && errno == EINTR && interrupt_requested() == requested) {
            continue; /* the same request again, or a signal that is no request */
        }
        /* Whoever started us may have left a terminal or a pipe in non-blocking mode. */
        if (written < 0 && errno == EAGAIN && wait_until_writable(descriptor, -1)) {
            continue;
        }
        if (written == 0) {
            errno = EIO; /* a device that takes nothing and says no reason must not hold us for ever */
        }
        if (written <= 0) {
            return false;
        }
        text += written;
        size -= (size_t)written;
    }
    return true;
}

void write_unless_busy(int descriptor, const char *text, size_t size) {
    /* A pipe that poll calls writable takes 4096 bytes at once. */
    if (wait_until_writable(descriptor, 0)) {
        (void)write_all(descriptor, text, size);
    }
}

bool descriptor_is_writable(int descriptor) {
    const int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) {
        return false;
    }
    if ((flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_RDONLY) {
        errno = EBADF;
        return false;
    }
    return true;
}

bool standard_output_is_open(void) {
    return descriptor_is_writable(STANDARD_OUTPUT);
}
