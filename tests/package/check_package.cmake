# cmake -DBUILD=… -DSOURCE=… -DCOMPILER=… -DVERSION=… -P check_package.cmake
# Everything happens in a new directory outside the sources, so that nothing is found but what was installed.
execute_process(COMMAND mktemp -d /tmp/lmp-package.XXXXXX OUTPUT_VARIABLE directory OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)

# Stops at the first step that fails, but never leaves the directory behind.
function(fail)
  file(REMOVE_RECURSE ${directory})
  message(FATAL_ERROR ${ARGN})
endfunction()

function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    fail("exit code ${result} of: ${ARGN}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# Configures and builds a project in ${directory}/NAME against what was installed; no compiler warning is accepted.
function(build name)
  step(${CMAKE_COMMAND} -S ${directory}/${name} -B ${directory}/${name}/build -G Ninja
       -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror"
       -DCMAKE_PREFIX_PATH=${directory}/prefix -DLMP_VERSION_WANTED=${VERSION})
  step(${CMAKE_COMMAND} --build ${directory}/${name}/build)
endfunction()

# Runs a program, which must print this and exit so.
function(expect exit_code wanted)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL exit_code OR NOT output MATCHES "${wanted}")
    fail("exit code ${result} of: ${ARGN}\n${output}")
  endif()
endfunction()

# What stands between the fences after "```LANGUAGE", the first time in a text, is written to a file.
function(extract text language file)
  string(FIND "${text}" "```${language}\n" begin)
  string(LENGTH "```${language}\n" fence)
  math(EXPR begin "${begin} + ${fence}")
  string(SUBSTRING "${text}" ${begin} -1 rest)
  string(FIND "${rest}" "```" end)
  string(SUBSTRING "${rest}" 0 ${end} code)
  file(WRITE ${file} "${code}")
endfunction()

step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${directory}/prefix)
file(COPY ${CMAKE_CURRENT_LIST_DIR}/stranger ${CMAKE_CURRENT_LIST_DIR}/verifier DESTINATION ${directory})
build(stranger)
expect(0 "^customers/bakery: UNAVAILABLE\n$" ${directory}/stranger/build/stranger)
build(verifier)
expect(0 "^customers/bakery/licenses/one: 25 USER\n$" ${directory}/verifier/build/verifier)
step(${CMAKE_COMMAND} -E env ldd ${directory}/verifier/build/verifier)
if(output MATCHES "protobuf|grpc")
  fail("verifying a token needs more than it should: ${output}")
endif()

# The first calls of README.md and of client/README.md, word for word. Nobody listens where they look.
function(build_example name readme)
  file(READ ${readme} text)
  extract("${text}" cmake ${directory}/${name}/CMakeLists.txt)
  extract("${text}" cpp ${directory}/${name}/main.cc)
  build(${name})
endfunction()
build_example(may_use ${SOURCE}/README.md)
expect(0 "^UNAVAILABLE: [^\n]+\n$" ${directory}/may_use/build/may_use unix:/nonexistent/lmp.sock)
build_example(first_call ${SOURCE}/client/README.md)
expect(2 "^UNAVAILABLE: [^\n]+\n$" ${directory}/first_call/build/first_call unix:/nonexistent/lmp.sock)
expect(0 "^lmp ${VERSION}\n$" ${directory}/prefix/bin/lmp --version)

# The server, and the contract as somebody who writes a client in another language takes it.
expect(0 "^lmp-server ${VERSION}" ${directory}/prefix/bin/lmp-server version)
file(GLOB_RECURSE protos ${directory}/prefix/share/lmp/proto/*.proto)
step(protoc -I ${directory}/prefix/share/lmp/proto --descriptor_set_out=${directory}/lmp.binpb ${protos})
file(REMOVE_RECURSE ${directory})
