#include "engines/cpu/evaluators/evaluator.h"

#include <stdio.h>

#include "base/arena.h"

size_t mxsi_evaluator_memory(const struct mxsi_evaluator_kind *kind, const struct mxsi_task *task) {
    /* A place for the addresses that are only measured. */
    union {
        struct mxsi_evaluator_base base;
        char own[MXSI_EVALUATOR_MAX_SIZE];
    } unplaced = {.base = {.kind = kind, .task = *task}};
    uintptr_t at = 0;
    (void)mxsi_take_cache_lines(&at, kind->size);
    return (size_t)kind->lay_out(&unplaced.base, at);
}

void *mxsi_evaluator_create(const struct mxsi_evaluator_kind *kind, const struct mxsi_task *task,
                            const struct mxsi_lanes *lanes, void *memory, char *reason, size_t reason_size) {
    uintptr_t at = (uintptr_t)memory;
    struct mxsi_evaluator_base *evaluator = mxsi_take_cache_lines(&at, kind->size);
    evaluator->kind = kind;
    evaluator->task = *task;
    evaluator->lanes = lanes;
    (void)kind->lay_out(evaluator, at);
    if (kind->by_openblas && mxsi_openblas_open(&evaluator->openblas, reason, reason_size) != 0) {
        return NULL;
    }
    if (kind->init != NULL) {
        kind->init(evaluator);
    }
    return evaluator;
}

void mxsi_evaluator_describe(const struct mxsi_evaluator_base *evaluator, char *text, size_t text_size) {
    if (evaluator->kind->by_openblas) {
        (void)snprintf(text, text_size, "%s, OpenBLAS %s", evaluator->lanes->name, evaluator->openblas.core_name());
    } else {
        (void)snprintf(text, text_size, "%s", evaluator->lanes->name);
    }
}
