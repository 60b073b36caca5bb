# What `cmake --install` installs beside the client library (client/install.cmake), and the Debian packages that `cpack` makes of a
# build: lmp-server (component server), lmp (tool), liblmp-dev (dev).
include(GNUInstallDirs)

# lmp_program(TARGET COMPONENT SECTION SUMMARY): installs a program with its man page, made from its --help, and its completion.
function(lmp_program target component section summary)
  set(page ${CMAKE_BINARY_DIR}/man/${target}.${section})
  install(TARGETS ${target} RUNTIME COMPONENT ${component})
  # Made here and not in each build, which it would hold up by seconds.
  install(CODE "
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/man)
    execute_process(
      COMMAND ${PROJECT_SOURCE_DIR}/deploy/package/man_page $<TARGET_FILE:${target}> ${section} \"${summary}\"
              ${PROJECT_SOURCE_DIR}/deploy/package/${target}.man
      OUTPUT_FILE ${page} COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND gzip -9 -n -f ${page} COMMAND_ERROR_IS_FATAL ANY)" COMPONENT ${component})
  install(FILES ${page}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
  install(FILES ${PROJECT_SOURCE_DIR}/deploy/package/completion.bash RENAME ${target}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT ${component})
endfunction()

# lmp_copyright(PACKAGE COMPONENT)
function(lmp_copyright package component)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
endfunction()

lmp_program(lmp tool 1 "the command-line tool of the license management platform")
lmp_program(lmp-server server 8 "the server of the license management platform")
lmp_copyright(lmp tool)
lmp_copyright(lmp-server server)
lmp_copyright(liblmp-dev dev)

install(FILES deploy/package/lmp-server.service DESTINATION lib/systemd/system COMPONENT server)
install(FILES deploy/package/sysusers.conf RENAME lmp-server.conf DESTINATION lib/sysusers.d COMPONENT server)
install(FILES deploy/package/server.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/lmp-server COMPONENT server)
install(FILES deploy/README.md deploy/runbook.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lmp-server COMPONENT server)

# The contract, for clients in other languages: protoc -I …/share/lmp/proto lmp/v1/licensing_service.proto
install(DIRECTORY proto/lmp proto/google DESTINATION ${CMAKE_INSTALL_DATADIR}/lmp/proto COMPONENT dev
        FILES_MATCHING PATTERN "*.proto")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "LMP")
set(CPACK_PACKAGE_CONTACT "The LMP authors <lmp@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL server tool dev)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# Which shared libraries the programs need is asked of the programs (dpkg-shlibdeps, of dpkg-dev).
set(CPACK_DEBIAN_SERVER_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TOOL_PACKAGE_SHLIBDEPS ON)

set(CPACK_DEBIAN_SERVER_PACKAGE_NAME lmp-server)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SERVER_DESCRIPTION "license management platform: the server
 A gRPC service that keeps who may use what (partners, customers, products,
 plans, subscriptions and licenses) in MySQL or MariaDB.")
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "systemd-standalone-sysusers | systemd")
set(CPACK_DEBIAN_SERVER_PACKAGE_SUGGESTS "lmp, mariadb-server, mariadb-server-core, mariadb-client-core")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/deploy/package/postinst ${PROJECT_SOURCE_DIR}/deploy/package/prerm
    ${PROJECT_SOURCE_DIR}/deploy/package/postrm)

set(CPACK_DEBIAN_TOOL_PACKAGE_NAME lmp)
set(CPACK_DEBIAN_TOOL_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_TOOL_DESCRIPTION "license management platform: the command-line tool
 Assigns plans to customers, looks after partners, customers, the catalog,
 subscriptions and licenses, and verifies license tokens without a server.")
set(CPACK_DEBIAN_TOOL_PACKAGE_SUGGESTS bash-completion)

set(CPACK_DEBIAN_DEV_PACKAGE_NAME liblmp-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_DESCRIPTION "license management platform: C++ client library
 Headers, static libraries, a CMake package (find_package(lmp)) and the
 contract's .proto files.")
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
    "libgrpc++-dev, libprotobuf-dev, protobuf-compiler-grpc, libabsl-dev, libssl-dev, pkg-config")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS libgmock-dev)
include(CPack)
