#include "tests/wire/contract.h"

#include <google/protobuf/descriptor.pb.h>

#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lmp/v1/errors.pb.h"
#include "server/rpcs/rpc.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
using google::protobuf::MethodDescriptor;

const std::string& Root() {
  static const auto& root = *new std::string(LMP_SOURCE_DIR);
  return root;
}

std::set<std::string> Reasons() {
  std::set<std::string> reasons;
  const google::protobuf::EnumDescriptor* type = v1::ErrorReason_descriptor();
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() != 0) reasons.insert(type->value(i)->name());
  }
  return reasons;
}

std::map<std::string, std::string> CodesInProto() {
  std::map<std::string, std::string> codes;
  std::string code;
  for (const absl::string_view line :
       absl::StrSplit(ReadText(absl::StrCat(Root(), "/proto/lmp/v1/errors.proto")), '\n')) {
    static const std::regex heading("^  // ([A-Z_]+)$"), value("^  ([A-Z_]+) = [1-9][0-9]*;$");
    const std::string text(line);
    std::smatch match;
    if (std::regex_match(text, match, heading)) code = match[1];
    if (std::regex_match(text, match, value)) codes[match[1]] = code;
  }
  return codes;
}

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const google::protobuf::ServiceDescriptor* service : rpcs::Services()) {
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

bool IsRead(const MethodDescriptor& method) {
  return method.options().idempotency_level() == google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

}  // namespace lmp::wire
