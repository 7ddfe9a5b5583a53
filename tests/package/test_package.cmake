# Installs into an empty prefix, moves it, and uses what is there as a stranger would: through find_package and through
# pkg-config. Run by ctest with BINARY_DIR, SOURCE_DIR, C_COMPILER, GENERATOR, MAKE_PROGRAM, PKG_CONFIG, LIBDIR, VERSION,
# SANITIZE_FLAGS.
cmake_minimum_required(VERSION 3.20)
set(work "${BINARY_DIR}/package_test")
set(prefix "${work}/moved")
file(REMOVE_RECURSE "${work}")
file(MAKE_DIRECTORY "${work}")

# step(WHAT COMMAND...): one command that has to succeed.
function(step what)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${what}: ${status}\n${output}")
    endif()
    message(STATUS "${what}: fine")
endfunction()

step("install" ${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${work}/installed)
file(RENAME "${work}/installed" "${prefix}")
step("find_package: configure" ${CMAKE_COMMAND} -G ${GENERATOR} -DCMAKE_MAKE_PROGRAM=${MAKE_PROGRAM}
     -S ${SOURCE_DIR} -B ${work}/build -DCMAKE_C_COMPILER=${C_COMPILER}
     -DCMAKE_PREFIX_PATH=${prefix} -DEXPECTED_VERSION=${VERSION} -DCMAKE_C_FLAGS=${SANITIZE_FLAGS})
step("find_package: build" ${CMAKE_COMMAND} --build ${work}/build)
step("find_package: run" ${work}/build/consumer)

separate_arguments(sanitize_flags UNIX_COMMAND "${SANITIZE_FLAGS}")
if(PKG_CONFIG)
    set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
    step("pkg-config: version" ${PKG_CONFIG} --exact-version=${VERSION} maxsharpe)
    execute_process(COMMAND ${PKG_CONFIG} --cflags --libs maxsharpe OUTPUT_VARIABLE flags COMMAND_ERROR_IS_FATAL ANY
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    separate_arguments(flags UNIX_COMMAND "${flags}")
    step("pkg-config: build" ${C_COMPILER} ${sanitize_flags} -DCONSUMER_EXPECTS="${VERSION}" ${SOURCE_DIR}/consumer.c
         ${flags} -lm -Wl,-rpath,${prefix}/${LIBDIR} -o ${work}/consumer)
    step("pkg-config: run" ${work}/consumer)
else()
    message(STATUS "no pkg-config here: maxsharpe.pc was not tried")
endif()

# The installed program finds its library beside itself, wherever the prefix went.
step("the installed program" ${prefix}/bin/maxsharpe --version)
file(GLOB linked "${prefix}/bin/maxsharpe" "${prefix}/${LIBDIR}/libmaxsharpe*.so" "${prefix}/${LIBDIR}/maxsharpe-launcher")
execute_process(COMMAND sh ${SOURCE_DIR}/try_runpath.sh ${linked} RESULT_VARIABLE status OUTPUT_VARIABLE output)
if(NOT status EQUAL 0 AND NOT status EQUAL 77)
    message(FATAL_ERROR "the installed files look for libraries elsewhere:\n${output}")
endif()
# The launcher finds the library that it lies beside, and says that it is not for users.
execute_process(COMMAND "${prefix}/${LIBDIR}/maxsharpe-launcher" RESULT_VARIABLE status ERROR_VARIABLE output)
if(NOT status EQUAL 2 OR NOT output MATCHES "the library maxsharpe starts it")
    message(FATAL_ERROR "the installed launcher: ${status}\n${output}")
endif()
if(NOT EXISTS "${prefix}/share/man/man1/maxsharpe.1")
    message(FATAL_ERROR "the man page was not installed")
endif()

# has_completion(SHELL FILE): the shell finds, where it looks, what the installed program prints.
function(has_completion shell file)
    execute_process(COMMAND ${prefix}/bin/maxsharpe completion ${shell} OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
    if(NOT EXISTS "${prefix}/share/${file}")
        message(FATAL_ERROR "the completion for ${shell} was not installed")
    endif()
    file(READ "${prefix}/share/${file}" installed)
    if(NOT installed STREQUAL printed)
        message(FATAL_ERROR "the installed completion for ${shell} is not that of the program")
    endif()
    message(STATUS "completion for ${shell}: fine")
endfunction()
has_completion(bash bash-completion/completions/maxsharpe)
has_completion(zsh zsh/site-functions/_maxsharpe)
has_completion(fish fish/vendor_completions.d/maxsharpe.fish)
file(REMOVE_RECURSE "${work}")
