# How every C file of the project is compiled: the target maxsharpe_settings carries it.
add_library(maxsharpe_settings INTERFACE)
target_compile_definitions(maxsharpe_settings INTERFACE _GNU_SOURCE)
target_include_directories(maxsharpe_settings INTERFACE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")

# Contraction would give the same source different bits on different machines; errno after sqrt() is never read.
target_compile_options(maxsharpe_settings INTERFACE -fno-fast-math -fno-math-errno -ffp-contract=off)

target_compile_options(maxsharpe_settings INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wdouble-promotion
                       $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes> $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>)

# A warning that a newer compiler has invented must not keep anyone from building.
set(warnings_are_errors "${MAXSHARPE_WERROR}")
if(MAXSHARPE_WERROR STREQUAL "AUTO")
    set(warnings_are_errors OFF)
    if((CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_C_COMPILER_VERSION VERSION_LESS 13) OR
       (CMAKE_C_COMPILER_ID STREQUAL "Clang" AND CMAKE_C_COMPILER_VERSION VERSION_LESS 15))
        set(warnings_are_errors ON)
    endif()
endif()
if(warnings_are_errors)
    target_compile_options(maxsharpe_settings INTERFACE -Werror)
endif()

if(MAXSHARPE_SANITIZE)
    set(sanitizer_options -fsanitize=${MAXSHARPE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_compile_options(maxsharpe_settings INTERFACE ${sanitizer_options})
    target_link_options(maxsharpe_settings INTERFACE ${sanitizer_options})
endif()

if(MAXSHARPE_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "MAXSHARPE_FUZZ needs clang: use the preset 'fuzz', or set CMAKE_C_COMPILER=clang")
    endif()
    target_compile_options(maxsharpe_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()
