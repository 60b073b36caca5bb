// The contract as the tests of it see it: descriptors, and what the texts beside them say.
#ifndef LMP_TESTS_WIRE_CONTRACT_H_
#define LMP_TESTS_WIRE_CONTRACT_H_

#include <google/protobuf/descriptor.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace lmp::wire {

// Where the sources are.
const std::string& Root();

// Names in lmp.v1.ErrorReason.
std::set<std::string> Reasons();

// Status code of each reason, as the headings in errors.proto say.
std::map<std::string, std::string> CodesInProto();

// Of both services.
std::vector<const google::protobuf::MethodDescriptor*> Methods();

// Whether the RPC changes nothing.
bool IsRead(const google::protobuf::MethodDescriptor& method);

}  // namespace lmp::wire

#endif  // LMP_TESTS_WIRE_CONTRACT_H_
