#include "base/options_struct.h"

#include <string.h>

#include "base/errors.h"

static int is_zero(const unsigned char *bytes, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (bytes[i] != 0) {
            return 0;
        }
    }
    return 1;
}

mxs_status mxsi_options_read(void *known, size_t known_size, const void *options, const char *what, mxs_error *error) {
    if (options == NULL) {
        return MXS_OK;
    }
    size_t size = 0;
    memcpy(&size, options, sizeof size);
    /* A struct is as long as its alignment says: one that ends within a member was not made by mxsi_options_init. And
     * none ever grows by so much. */
    if (size < sizeof size || size % sizeof size != 0 || size > known_size + ((size_t)1 << 16)) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "%s are not initialised: a struct of %zu bytes", what, size);
    }
    const size_t common = size < known_size ? size : known_size;
    if (!is_zero((const unsigned char *)options + common, size - common)) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT,
                         "%s ask for something that this version of the library does not know; use a newer library",
                         what);
    }
    memcpy((char *)known + sizeof size, (const char *)options + sizeof size, common - sizeof size);
    return MXS_OK;
}

void mxsi_options_init(void *options, size_t struct_size, const void *defaults, size_t defaults_size) {
    memset(options, 0, struct_size);
    memcpy(options, defaults, struct_size < defaults_size ? struct_size : defaults_size);
    if (struct_size >= sizeof struct_size) {
        memcpy(options, &struct_size, sizeof struct_size);
    }
}
