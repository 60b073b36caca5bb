# Tests that need a program of support/tools.py: its installation is a test of its own, done first and once.
include_guard(GLOBAL)

foreach(tool buf grpcurl node_client kubectl kubernetes_models opentelemetry_proto)
  add_test(NAME tools.${tool} COMMAND ${LMP_PYTHON} -B ${CMAKE_CURRENT_LIST_DIR}/tools.py ${tool})
  set_tests_properties(tools.${tool} PROPERTIES
    FIXTURES_SETUP ${tool} TIMEOUT 330 SKIP_REGULAR_EXPRESSION "^skipped '"
    ENVIRONMENT "LMP_TEST_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
endforeach()

# lmp_needs_tool(TEST TOOL…): they are installed before it; it may say "skipped '…'", and is then shown as skipped.
function(lmp_needs_tool test)
  set_property(TEST ${test} APPEND PROPERTY FIXTURES_REQUIRED ${ARGN})
  set_property(TEST ${test} PROPERTY SKIP_REGULAR_EXPRESSION "skipped '")
endfunction()
