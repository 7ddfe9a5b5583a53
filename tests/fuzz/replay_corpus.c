/* replay_corpus FOLDER...: gives a fuzz target every file of its corpus, where there is no libFuzzer to do it. What the
 * fuzzer once found stays found, under every compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path) {
    int status = 1;
    uint8_t *data = NULL;
    struct stat facts;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &facts) != 0) {
        goto cleanup;
    }
    const size_t size = (size_t)facts.st_size;
    /* Exactly as large as the input, so that a sanitizer sees one byte too many. */
    data = malloc(size == 0 ? 1 : size);
    if (data == NULL || fread(data, 1, size, file) != size) {
        goto cleanup;
    }
    status = LLVMFuzzerTestOneInput(data, size);

cleanup:
    if (status != 0) {
        (void)fprintf(stderr, "%s: cannot be replayed\n", path);
    }
    free(data);
    if (file != NULL) {
        (void)fclose(file);
    }
    return status;
}

static int is_file(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

/* In the order of their names, so that a crash comes at the same place each time. Returns how many, -1: a failure. */
static int replay_folder(const char *folder) {
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_file, alphasort);
    int failures = 0;
    for (int i = 0; i < count; ++i) {
        char path[4096];
        const int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (length < 0 || (size_t)length >= sizeof path || replay_file(path) != 0) {
            ++failures;
        }
        free(entries[i]);
    }
    free(entries);
    return failures > 0 ? -1 : count;
}

int main(int argc, char **argv) {
    int total = 0;
    for (int i = 1; i < argc; ++i) {
        const int count = replay_folder(argv[i]);
        if (count <= 0) {
            (void)fprintf(stderr, "%s: an empty or failing corpus\n", argv[i]);
            return 1;
        }
        total += count;
    }
    (void)printf("%d inputs\n", total);
    return total > 0 ? 0 : 1;
}
