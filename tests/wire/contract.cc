#include "tests/wire/contract.h"

#include <regex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::vector<const ServiceDescriptor*> Services() {
  // Their files are known once they are linked.
  v1::GetCustomerRequest::descriptor();
  v1::GetLicenseRequest::descriptor();
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  return {pool->FindServiceByName("lmp.v1.CustomerService"), pool->FindServiceByName("lmp.v1.LicensingService")};
}

}  // namespace

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
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

bool IsRead(const MethodDescriptor& method) {
  for (const char* verb : {"Get", "List", "Check", "Watch", "Explain", "BatchGet", "BatchCheck"}) {
    if (absl::StartsWith(method.name(), verb)) return true;
  }
  return false;
}

}  // namespace lmp::wire
