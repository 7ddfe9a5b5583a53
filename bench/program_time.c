#include "program_time.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/monotonic_clock.h"

enum { MAX_WORDS = 32 };

/* Starts the program with its output in a pipe. Returns the pipe's end to read from, or -1. */
static int start(const char *program, const char *const *words, pid_t *pid) {
    char *argv[MAX_WORDS + 5] = {(char *)program, (char *)"search"};
    size_t count = 2;
    for (size_t i = 0; words[i] != NULL && i < MAX_WORDS; ++i) {
        argv[count++] = (char *)words[i];
    }
    argv[count++] = (char *)"--format";
    argv[count] = (char *)"json";
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    posix_spawn_file_actions_t actions;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    const int failed = posix_spawn(pid, program, &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    if (failed) {
        (void)close(ends[0]);
        errno = failed;
        return -1;
    }
    return ends[0];
}

static int read_winner(json_t *root, struct bench_winner *winner) {
    json_int_t rank = 0;
    json_int_t tile = 0;
    json_int_t attempt = 0;
    if (root == NULL || json_unpack(root, "{s:{s:F, s:I, s:I, s:I}}", "best", "sharpe", &winner->sharpe, "rank", &rank,
                                    "tile", &tile, "attempt", &attempt) != 0) {
        return -1;
    }
    winner->is_set = 1;
    winner->identity =
        (struct mxsi_identity){.rank = (uint64_t)rank, .tile = (uint32_t)tile, .attempt = (uint32_t)attempt};
    return 0;
}

int bench_run_program(const char *program, const char *const *words, double *seconds, struct bench_winner *winner) {
    pid_t pid = 0;
    *winner = (struct bench_winner){0};
    const uint64_t begin = mxsi_now_ns();
    const int from = start(program, words, &pid);
    if (from < 0) {
        (void)fprintf(stderr, "bench_gpu: %s cannot be started: %s\n", program, strerror(errno));
        return -1;
    }
    json_t *root = json_loadfd(from, 0, NULL);
    *seconds = 1e-9 * (double)(mxsi_now_ns() - begin);
    (void)close(from);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    const int failed = status != 0 || read_winner(root, winner) != 0;
    json_decref(root);
    if (failed) {
        (void)fprintf(stderr, "bench_gpu: %s gave no answer (status %d)\n", program, WEXITSTATUS(status));
    }
    return failed ? -1 : 0;
}
