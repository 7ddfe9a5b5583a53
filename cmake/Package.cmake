# What `cmake --install` leaves: program, library, headers, man page, completion for shells, a CMake package and a
# pkg-config file.
include(CMakePackageConfigHelpers)

install(TARGETS maxsharpe EXPORT maxsharpeTargets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS maxsharpe_launcher RUNTIME DESTINATION "${CMAKE_INSTALL_LIBDIR}") # the library looks for it beside itself
install(DIRECTORY include/maxsharpe DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
if(TARGET maxsharpe_program)
    install(TARGETS maxsharpe_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(FILES man/maxsharpe.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" OPTIONAL)
if(TARGET maxsharpe_completion)
    set(completion_dir "${PROJECT_BINARY_DIR}/completion")
    install(FILES "${completion_dir}/maxsharpe.bash" RENAME maxsharpe OPTIONAL
            DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
    install(FILES "${completion_dir}/maxsharpe.zsh" RENAME _maxsharpe OPTIONAL
            DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
    install(FILES "${completion_dir}/maxsharpe.fish" OPTIONAL
            DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
endif()

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/maxsharpe")
install(EXPORT maxsharpeTargets NAMESPACE maxsharpe:: DESTINATION "${package_dir}")
configure_package_config_file(cmake/maxsharpeConfig.cmake.in maxsharpeConfig.cmake INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(maxsharpeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/maxsharpeConfig.cmake" "${PROJECT_BINARY_DIR}/maxsharpeConfigVersion.cmake"
        DESTINATION "${package_dir}")

# The prefix is found from the place of the .pc file, so that an installed tree may be moved.
file(RELATIVE_PATH pc_prefix "/p/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/p")
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
configure_file(cmake/maxsharpe.pc.in maxsharpe.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/maxsharpe.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
