#include "run_program.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORD_LIMIT = 64 };

static char *read_descriptor(int descriptor, size_t *size) {
    struct stat status;
    assert_int_equal(fstat(descriptor, &status), 0);
    *size = (size_t)status.st_size;
    char *const text = malloc(*size + 1);
    assert_non_null(text);
    assert_int_equal(pread(descriptor, text, *size, 0), status.st_size);
    text[*size] = '\0';
    return text;
}

static void become_program(const program_setup *setup, char *words, int out, int err) {
    char *arguments[WORD_LIMIT + 2] = {(char *)"maxsharpe"};
    size_t count = 1;
    for (char *word = strtok(words, " "); word != NULL && count <= WORD_LIMIT; word = strtok(NULL, " ")) {
        arguments[count++] = word;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGINT, SIG_DFL); /* a shell that runs the tests in the background ignores it */
    (void)signal(SIGHUP, SIG_DFL);
    (void)dup2(out, 1);
    (void)dup2(err, 2);
    if (setup->stdout_path != NULL) {
        (void)close(1);
        if (setup->stdout_path[0] != '\0' && open(setup->stdout_path, O_WRONLY) != 1) {
            _exit(99);
        }
    }
    if (setup->stdout_descriptor != 0) {
        (void)dup2(setup->stdout_descriptor, 1);
    }
    if (setup->stderr_closed) {
        (void)close(2);
    }
    if (setup->file_size_limit != 0) {
        const struct rlimit limit = {setup->file_size_limit, setup->file_size_limit};
        (void)setrlimit(RLIMIT_FSIZE, &limit);
    }
    if (setup->memory_limit != 0) {
        const struct rlimit limit = {setup->memory_limit, setup->memory_limit};
        (void)setrlimit(RLIMIT_AS, &limit);
    }
    if (setup->libraries != NULL && setenv("LD_LIBRARY_PATH", setup->libraries, 1) != 0) {
        _exit(97);
    }
    (void)execv(MXS_PROGRAM, arguments);
    _exit(98);
}

/* The two ends of a terminal or a pipe: what is written into the second can be read from the first. */
static void open_channel(bool terminal, int ends[2]) {
    if (!terminal) {
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        return;
    }
    ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(ends[0] >= 0 && grantpt(ends[0]) == 0 && unlockpt(ends[0]) == 0);
    ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(ends[1] >= 0);
}

/* Copies the program's stderr to a file until it ends, and signals once the awaited line is there. */
static void watch(const program_setup *setup, pid_t program, int from, int to) {
    FILE *const lines = fdopen(from, "r");
    assert_non_null(lines);
    char *line = NULL;
    size_t capacity = 0;
    bool sent = false;
    for (ssize_t length; (length = getline(&line, &capacity, lines)) >= 0;) {
        assert_int_equal(write(to, line, (size_t)length), length);
        if (setup->signal != 0 && !sent && strstr(line, setup->signal_after) != NULL) {
            assert_int_equal(kill(program, setup->signal), 0);
            if (setup->signal_again != 0) {
                (void)usleep(setup->pause_us);
                (void)kill(program, setup->signal_again); /* it may have ended, and is still to be waited for */
            }
            sent = true;
        }
    }
    free(line);
    (void)fclose(lines);
}

program_run run_program_with(const program_setup *setup, const char *words) {
    char *const copy = strdup(words);
    const int out = memfd_create("stdout", MFD_CLOEXEC);
    const int err = memfd_create("stderr", MFD_CLOEXEC);
    const bool watched = setup->signal != 0 || setup->stderr_terminal;
    int ends[2] = {-1, -1};
    assert_true(copy != NULL && out >= 0 && err >= 0);
    if (watched) {
        open_channel(setup->stderr_terminal, ends);
    }
    const pid_t program = fork();
    assert_true(program >= 0);
    if (program == 0) {
        become_program(setup, copy, out, watched ? ends[1] : err);
    }
    free(copy);
    if (watched) {
        (void)close(ends[1]);
        watch(setup, program, ends[0], err);
    }
    int status = 0;
    assert_int_equal(waitpid(program, &status, 0), program);
    program_run run = {.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status)};
    size_t err_size = 0;
    run.out = read_descriptor(out, &run.out_size);
    run.err = read_descriptor(err, &err_size);
    (void)close(out);
    (void)close(err);
    return run;
}

program_run run_program(const char *words) {
    const program_setup usual = {.signal = 0};
    return run_program_with(&usual, words);
}

enum { LINE_SIZE = 4096 };

static void make_search_line(char line[LINE_SIZE], const char *words) {
    const int length = snprintf(line, LINE_SIZE, "search %s --backend cpu %s", MXS_EXAMPLE_MARKET, words);
    assert_in_range(length, 1, LINE_SIZE - 1);
}

program_run run_search(const char *words) {
    char line[LINE_SIZE];
    make_search_line(line, words);
    return run_program(line);
}

void program_run_free(program_run *run) {
    free(run->out);
    free(run->err);
    *run = (program_run){.status = 0};
}

json_t *program_as_json(const char *words) {
    char line[LINE_SIZE + 32];
    const int length = snprintf(line, sizeof line, "%s --format json", words);
    assert_in_range(length, 1, sizeof line - 1);
    program_run run = run_program(line);
    if (run.status != 0) {
        fail_msg("%s: status %d, %s", line, run.status, run.err);
    }
    json_error_t error;
    json_t *const root = json_loads(run.out, 0, &error);
    if (root == NULL) {
        fail_msg("%s: no JSON: %s", line, error.text);
    }
    program_run_free(&run);
    return root;
}

json_t *search_as_json(const char *words) {
    char line[LINE_SIZE];
    make_search_line(line, words);
    return program_as_json(line);
}

const json_t *json_at(const json_t *root, const char *path) {
    char key[64];
    const json_t *at = root;
    for (const char *part = path; part != NULL; part = strchr(part, '.') != NULL ? strchr(part, '.') + 1 : NULL) {
        (void)snprintf(key, sizeof key, "%.*s", (int)strcspn(part, "."), part);
        at = json_object_get(at, key);
    }
    if (at == NULL) {
        fail_msg("the JSON has no %s", path);
    }
    return at;
}

double json_number_at(const json_t *root, const char *path) {
    const json_t *const value = json_at(root, path);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

json_int_t json_integer_at(const json_t *root, const char *path) {
    const json_t *const value = json_at(root, path);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

const char *json_text_at(const json_t *root, const char *path) {
    const json_t *const value = json_at(root, path);
    assert_true(json_is_string(value));
    return json_string_value(value);
}

void assert_one_error_line(const program_run *run) {
    static const char warning[] = "maxsharpe: warning: ";
    static const char progress[] = "maxsharpe: progress: ";
    size_t lines = 0;
    for (const char *line = run->err; *line != '\0'; line = strchr(line, '\n') + 1) {
        if (strchr(line, '\n') == NULL || strncmp(line, "maxsharpe: ", strlen("maxsharpe: ")) != 0) {
            fail_msg("not a line of the program: '%s'", line);
        }
        lines += strncmp(line, warning, strlen(warning)) != 0 && strncmp(line, progress, strlen(progress)) != 0;
    }
    if (lines != 1) {
        fail_msg("%zu error lines instead of one: '%s'", lines, run->err);
    }
}

void assert_failed(const program_run *run, int status, const char *says) {
    if (run->status != status) {
        fail_msg("status %d instead of %d: '%s'", run->status, status, run->err);
    }
    assert_one_error_line(run);
    if (strstr(run->err, says) == NULL) {
        fail_msg("'%s' does not say '%s'", run->err, says);
    }
    assert_int_equal(run->out_size, 0);
}

void make_folder(char path[64]) {
    (void)snprintf(path, 64, P_tmpdir "/maxsharpe-test-XXXXXX");
    assert_non_null(mkdtemp(path));
}

/* Calls `each` for every entry but . and .. */
static size_t for_each_entry(const char *folder, void (*each)(const char *path)) {
    DIR *const entries = opendir(folder);
    assert_non_null(entries);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (each != NULL) {
            each(path);
        }
        ++count;
    }
    (void)closedir(entries);
    return count;
}

static void remove_path(const char *path) {
    assert_int_equal(remove(path), 0);
}

void remove_folder(const char *path) {
    (void)for_each_entry(path, remove_path);
    remove_path(path);
}

size_t count_files(const char *folder) {
    return for_each_entry(folder, NULL);
}

void write_file(const char *path, const char *text) {
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

char *read_file(const char *path) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return NULL;
    }
    size_t size = 0;
    char *const text = read_descriptor(file, &size);
    (void)close(file);
    return text;
}
