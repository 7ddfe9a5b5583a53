/* What the JSON reports are built with. */
#ifndef MAXSHARPE_JSON_TREE_H
#define MAXSHARPE_JSON_TREE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A tree under construction: the first allocation that fails is remembered, so that it is asked about once. */
typedef struct json_builder {
    bool failed;
} json_builder;

/* Both take the value; NULL, what an allocation that failed gives, is remembered. */
void json_set_member(json_builder *builder, json_t *object, const char *key, json_t *value);
void json_append_item(json_builder *builder, json_t *array, json_t *value);

/* Text from elsewhere may be no UTF-8, which JSON has to be: see copy_as_utf8. NULL: out of memory. */
json_t *json_text(const char *text);

/* NULL is null. */
void json_set_text(json_builder *builder, json_t *object, const char *key, const char *text);

/* JSON knows no infinity and no NaN: they are null. */
void json_set_real(json_builder *builder, json_t *object, const char *key, double value);

/* A count of up to 64 bits; its key is one that json_print knows. */
void json_set_count(json_builder *builder, json_t *object, const char *key, uint64_t value);

/* Prints the tree with 17 digits and a final newline. False: out of memory. */
bool json_print(FILE *out, const json_t *root);

#endif
