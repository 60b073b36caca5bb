# cmake -DPROTO_DIR=… -DSERVICE=CustomerService -DOUT=… -P generate.cmake: a client class with a method for each unary
# RPC of the service in customer_service.proto: OUT/lmp/customer_client.h and OUT/customer_client.cc.
string(REGEX REPLACE "Service$" "" NOUN ${SERVICE})
string(TOLOWER ${NOUN} noun)
set(FILE ${noun}_client)
set(CLASS ${NOUN}Client)
string(TOUPPER LMP_${FILE}_H_ GUARD)
set(PROTO lmp/v1/${noun}_service.proto)
set(INCLUDE lmp/v1/${noun}_service.pb.h)

file(READ ${PROTO_DIR}/${PROTO} text)
string(REGEX MATCHALL "rpc [A-Za-z]+\\([A-Za-z]+\\) returns \\([A-Za-z]+\\)" rpcs "${text}")
set(DECLARATIONS "")
set(DEFINITIONS "")
foreach(rpc IN LISTS rpcs)
  string(REGEX MATCH "rpc ([A-Za-z]+)\\(([A-Za-z]+)\\) returns \\(([A-Za-z]+)\\)" matched "${rpc}")
  set(method ${CMAKE_MATCH_1})
  set(arguments "const v1::${CMAKE_MATCH_2}& request, const CallOptions& options")
  set(response v1::${CMAKE_MATCH_3})
  string(APPEND DECLARATIONS "  absl::StatusOr<${response}> ${method}(${arguments} = {}) const;\n")
  string(APPEND DEFINITIONS "absl::StatusOr<${response}> ${CLASS}::${method}(${arguments}) const {\n"
         "  return TypedCall<${response}>(*connection_, \"/lmp.v1.${SERVICE}/${method}\", request, options);\n}\n\n")
endforeach()
configure_file(${CMAKE_CURRENT_LIST_DIR}/service_client.h.in ${OUT}/lmp/${FILE}.h @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/service_client.cc.in ${OUT}/${FILE}.cc @ONLY)
# Even if nothing differs: what depends on them is up to date then.
file(TOUCH ${OUT}/lmp/${FILE}.h ${OUT}/${FILE}.cc)
