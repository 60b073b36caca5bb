# find_package(lmp) → lmp::client, lmp::client_mocks, lmp::license_token, lmp::proto. The targets that
# need gRPC are exported apart from the one that does not.
include(CMakePackageConfigHelpers)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME dev)  # the package of cmake/packages.cmake that it belongs to

# Generated headers in a folder of their own: <google/rpc/…> of ours must not meet a copy of another package.
set(LMP_PROTO_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR}/lmp-proto)
get_target_property(lmp_proto_dir lmp_proto BINARY_DIR)
set_target_properties(lmp_proto PROPERTIES
  EXPORT_NAME proto
  INTERFACE_INCLUDE_DIRECTORIES "$<BUILD_INTERFACE:${lmp_proto_dir}/gen>;$<INSTALL_INTERFACE:${LMP_PROTO_INCLUDEDIR}>"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "$<BUILD_INTERFACE:${lmp_proto_dir}/gen>")

install(TARGETS lmp_license_token EXPORT lmpLicenseTokenTargets)
install(TARGETS lmp_client lmp_client_mocks lmp_proto EXPORT lmpTargets)
install(DIRECTORY include/lmp mocks/lmp ${clients}/lmp TYPE INCLUDE)
install(DIRECTORY ${lmp_proto_dir}/gen/ DESTINATION ${LMP_PROTO_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

set(lmp_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lmp)
install(EXPORT lmpLicenseTokenTargets NAMESPACE lmp:: DESTINATION ${lmp_package_dir})
install(EXPORT lmpTargets NAMESPACE lmp:: DESTINATION ${lmp_package_dir})
configure_package_config_file(lmpConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/lmpConfig.cmake
                              INSTALL_DESTINATION ${lmp_package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/lmpConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lmpConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/lmpConfigVersion.cmake
        DESTINATION ${lmp_package_dir})
