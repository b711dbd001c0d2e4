# `cmake --install` gives headers, library, skyboxConfig.cmake and skybox.pc.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/skybox)
install(DIRECTORY include/skybox TYPE INCLUDE FILES_MATCHING PATTERN "*.h")
install(TARGETS skybox EXPORT skyboxTargets)
install(EXPORT skyboxTargets NAMESPACE skybox:: DESTINATION ${config_dir})

configure_package_config_file(cmake/skyboxConfig.cmake.in skyboxConfig.cmake
                              INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(skyboxConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/skyboxConfig.cmake ${PROJECT_BINARY_DIR}/skyboxConfigVersion.cmake
        DESTINATION ${config_dir})

# The pkg-config file asks for what the targets link, under the names of their own pkg-config files.
function(name_packages variable)
  list(TRANSFORM ARGN REPLACE "^(fmt|protobuf)::.*" "\\1")
  list(TRANSFORM ARGN REPLACE "OpenSSL::Crypto" "libcrypto")
  list(TRANSFORM ARGN REPLACE "::" "_")
  list(JOIN ARGN " " names)
  set(${variable} ${names} PARENT_SCOPE)
endfunction()
name_packages(SKYBOX_PC_REQUIRES ${SKYBOX_PUBLIC_LIBRARIES})
name_packages(SKYBOX_PC_REQUIRES_PRIVATE ${SKYBOX_PRIVATE_LIBRARIES})
file(RELATIVE_PATH SKYBOX_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/skybox.pc.in skybox.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/skybox.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
