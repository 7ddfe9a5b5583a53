#include "cli/terminal/standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/terminal/messages.h"

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

/* Whoever started us may have left a terminal or a pipe in non-blocking mode. */
static bool wait_until_writable(int descriptor) {
    struct pollfd request = {.fd = descriptor, .events = POLLOUT};
    return poll(&request, 1, -1) == 1;
}

bool write_all(int descriptor, const char *text, size_t size) {
    while (size > 0) {
        const ssize_t written = write(descriptor, text, size);
        if (written < 0 && errno == EAGAIN && wait_until_writable(descriptor)) {
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

bool standard_output_is_open(void) {
    const int flags = fcntl(STANDARD_OUTPUT, F_GETFL);
    if (flags < 0) {
        return false;
    }
    if ((flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_RDONLY) {
        errno = EBADF;
        return false;
    }
    return true;
}

bool print_to_standard_output(const char *text, size_t size) {
    if (write_all(STANDARD_OUTPUT, text, size)) {
        return true;
    }
    print_error("cannot write to standard output: %s", strerror(errno));
    return false;
}
