#include "process/child_answer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What parent and child share. */
struct sheet {
    atomic_int is_whole; /* a wait status cannot say it: there is none where the program ignores SIGCHLD */
    max_align_t answer[];
};

enum mxsi_child_end mxsi_child_ask(void (*ask)(const void *question, void *answer), const void *question, void *answer,
                                   size_t answer_size) {
    const size_t size = offsetof(struct sheet, answer) + answer_size;
    struct sheet *sheet = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (sheet == MAP_FAILED) {
        return MXSI_CHILD_NO_MEMORY;
    }
    memcpy(sheet->answer, answer, answer_size);
    const pid_t pid = fork();
    if (pid == 0) {
        ask(question, sheet->answer);
        atomic_store(&sheet->is_whole, 1);
        _exit(0);
    }
    const int why = errno;
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    const int is_whole = atomic_load(&sheet->is_whole);
    if (is_whole) {
        memcpy(answer, sheet->answer, answer_size);
    }
    (void)munmap(sheet, size);
    errno = why;
    return pid < 0 ? MXSI_CHILD_NO_PROCESS : (is_whole ? MXSI_CHILD_ANSWERED : MXSI_CHILD_DIED);
}
