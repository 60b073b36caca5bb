# Tests in Python: a client in another language, whose stubs protoc makes here, against the programs that were built.
include_guard(GLOBAL)

# Debian's own Python, whose packages the tests use, even if another one comes first in PATH.
set(Python3_EXECUTABLE /usr/bin/python3)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_program(GRPC_PYTHON_PLUGIN grpc_python_plugin REQUIRED)

# In the cache: the second folder that includes this file gets the function only, not this scope's variables.
set(LMP_PYTHON ${Python3_EXECUTABLE} CACHE INTERNAL "")
set(LMP_PYTHON_STUBS ${PROJECT_BINARY_DIR}/tests/python CACHE INTERNAL "")
set(service_protos lmp/v1/customer_service.proto lmp/v1/licensing_service.proto health.proto reflection.proto
    reflection_v1alpha.proto)
file(GLOB message_protos RELATIVE ${PROJECT_SOURCE_DIR}/proto CONFIGURE_DEPENDS
     ${PROJECT_SOURCE_DIR}/proto/lmp/v1/*.proto ${PROJECT_SOURCE_DIR}/proto/google/*/*.proto)
list(REMOVE_ITEM message_protos ${service_protos})
set(proto_directories ${PROJECT_SOURCE_DIR}/proto)
list(TRANSFORM proto_directories PREPEND -I OUTPUT_VARIABLE includes)

set(stubs "")
set(sources "")
foreach(proto IN LISTS service_protos message_protos)
  string(REGEX REPLACE "\\.proto$" "" base ${proto})
  list(APPEND stubs ${LMP_PYTHON_STUBS}/${base}_pb2.py)
  if(proto IN_LIST service_protos)
    list(APPEND stubs ${LMP_PYTHON_STUBS}/${base}_pb2_grpc.py)
  endif()
  find_file(source_${base} ${proto} PATHS ${proto_directories} NO_DEFAULT_PATH NO_CACHE REQUIRED)
  list(APPEND sources ${source_${base}})
endforeach()
file(MAKE_DIRECTORY ${LMP_PYTHON_STUBS})
add_custom_command(
  OUTPUT ${stubs}
  COMMAND ${Protobuf_PROTOC_EXECUTABLE} ${includes} --python_out=${LMP_PYTHON_STUBS} ${message_protos} ${service_protos}
  COMMAND ${Protobuf_PROTOC_EXECUTABLE} ${includes} --plugin=protoc-gen-grpc=${GRPC_PYTHON_PLUGIN}
          --grpc_out=${LMP_PYTHON_STUBS} ${service_protos}
  DEPENDS ${sources}
  COMMENT "protoc for Python" VERBATIM)
add_custom_target(lmp_python_stubs ALL DEPENDS ${stubs})

# lmp_python_test(NAME SCRIPT [TIMEOUT-SECONDS]): a unittest program as one test. It finds the built programs in
# LMP_TEST_BIN and starts all the servers it needs, so that any number of tests run side by side. What has a long form
# sets no time of its own, which would go before that of `ctest --timeout`.
function(lmp_python_test name script)
  set(support ${PROJECT_SOURCE_DIR}/tests/support)
  add_test(NAME ${name} COMMAND ${LMP_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/${script} -v)
  if(ARGC GREATER 2)
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARGV2})
  endif()
  set_tests_properties(${name} PROPERTIES
    ENVIRONMENT "LMP_TEST_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};PYTHONPATH=${LMP_PYTHON_STUBS}:${support}")
endfunction()
