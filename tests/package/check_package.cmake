# cmake -DBUILD=… -DCOMPILER=… -DVERSION=… -P check_package.cmake
# Everything happens in a new directory outside the sources, so that nothing is found but what was installed.
execute_process(COMMAND mktemp -d /tmp/lmp-package.XXXXXX OUTPUT_VARIABLE directory OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)

# Stops at the first step that fails, but never leaves the directory behind.
function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    file(REMOVE_RECURSE ${directory})
    message(FATAL_ERROR "exit code ${result} of: ${ARGN}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${directory}/prefix)
file(COPY ${CMAKE_CURRENT_LIST_DIR}/stranger DESTINATION ${directory})
step(${CMAKE_COMMAND} -S ${directory}/stranger -B ${directory}/build -G Ninja -DCMAKE_CXX_COMPILER=${COMPILER}
     -DCMAKE_PREFIX_PATH=${directory}/prefix -DLMP_VERSION_WANTED=${VERSION})
step(${CMAKE_COMMAND} --build ${directory}/build)
step(${directory}/build/stranger)
if(NOT output STREQUAL "customers/bakery: UNAVAILABLE\n")
  file(REMOVE_RECURSE ${directory})
  message(FATAL_ERROR "it printed: ${output}")
endif()
step(${directory}/prefix/bin/lmp --version)
file(REMOVE_RECURSE ${directory})
if(NOT output STREQUAL "lmp ${VERSION}\n")
  message(FATAL_ERROR "lmp --version printed: ${output}")
endif()
