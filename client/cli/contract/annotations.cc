#include "client/cli/contract/annotations.h"

#include <map>
#include <set>
#include <string>

#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"

namespace lmp::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using Patterns = std::map<std::string, std::string>;  // by the type of the resource

bool Has(const FieldDescriptor& field, google::api::FieldBehavior wanted) {
  for (const int behavior : field.options().GetRepeatedExtension(google::api::field_behavior)) {
    if (behavior == wanted) return true;
  }
  return false;
}

// Returns "customers/*" for "customers/{customer}".
std::string WithStars(const std::string& pattern) {
  std::string text;
  bool inside = false;
  for (const char c : pattern) {
    if (c == '{') text += '*';
    inside = c == '{' || (inside && c != '}');
    if (!inside && c != '}') text += c;
  }
  return text;
}

void AddPatterns(const FileDescriptor& file, std::set<const FileDescriptor*>& seen, Patterns& patterns) {
  if (!seen.insert(&file).second) return;
  for (int i = 0; i < file.message_type_count(); ++i) {
    const auto& resource = file.message_type(i)->options().GetExtension(google::api::resource);
    if (!resource.type().empty()) patterns[resource.type()] = WithStars(resource.pattern(0));
  }
  for (int i = 0; i < file.dependency_count(); ++i) AddPatterns(*file.dependency(i), seen, patterns);
}

const Patterns& AllPatterns() {
  static const auto* const kPatterns = [] {
    auto* patterns = new Patterns;
    std::set<const FileDescriptor*> seen;
    AddPatterns(
        *v1::CreateCustomerRequest::descriptor()->file()->pool()->FindFileByName("lmp/v1/customer_service.proto"), seen,
        *patterns);
    AddPatterns(
        *v1::CreateProductRequest::descriptor()->file()->pool()->FindFileByName("lmp/v1/licensing_service.proto"), seen,
        *patterns);
    return patterns;
  }();
  return *kPatterns;
}

}  // namespace

bool IsOutputOnly(const FieldDescriptor& field) { return Has(field, google::api::OUTPUT_ONLY); }

bool IsImmutable(const FieldDescriptor& field) { return Has(field, google::api::IMMUTABLE); }

absl::string_view NamePattern(const FieldDescriptor& field) {
  std::string type = field.options().GetExtension(google::api::resource_reference).type();
  if (type.empty() && field.name() == "name") {
    type = field.containing_type()->options().GetExtension(google::api::resource).type();
  }
  const auto pattern = AllPatterns().find(type);
  return pattern == AllPatterns().end() ? "" : absl::string_view(pattern->second);
}

}  // namespace lmp::cli
