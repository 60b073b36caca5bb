#include "server/services/subject.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace lmp::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr size_t kMaxName = 200;  // bytes; the longest name of a resource is shorter

bool IsText(const FieldDescriptor* field) {
  return field != nullptr && !field->is_repeated() && field->type() == FieldDescriptor::TYPE_STRING;
}

// Names of resources are of these; an address of e-mail, or a text, is not.
bool CanBeName(const std::string& text) {
  return text.size() <= kMaxName && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("/-_.", c);
         });
}

// The id of what is to be created, such as customer_id.
const FieldDescriptor* IdField(const Descriptor& request) {
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor* field = request.field(i);
    if (IsText(field) && absl::EndsWith(field->name(), "_id") && field->name() != "request_id") return field;
  }
  return nullptr;
}

}  // namespace

SubjectFields::SubjectFields(const Descriptor& request) : validate_only_(request.FindFieldByName("validate_only")) {
  name_ = request.FindFieldByName("name");
  if (!IsText(name_)) name_ = IdField(request);
  for (int i = 0; i < request.field_count() && name_ == nullptr; ++i) {
    const FieldDescriptor* field = request.field(i);
    const Descriptor* inner = field->is_repeated() ? nullptr : field->message_type();
    if (inner == nullptr || !absl::StartsWith(inner->full_name(), "lmp.")) continue;
    if (!IsText(inner->FindFieldByName("name"))) continue;
    within_ = field;
    name_ = inner->FindFieldByName("name");
  }
  for (const char* other : {"parent", "customer", "partner", "subscription", "license", "service_plan", "product"}) {
    if (parent_ == nullptr && IsText(request.FindFieldByName(other))) parent_ = request.FindFieldByName(other);
  }
}

std::string SubjectFields::NameIn(const google::protobuf::Message& request) const {
  const google::protobuf::Reflection& reflection = *request.GetReflection();
  std::string name;
  if (within_ != nullptr) {
    const google::protobuf::Message& inner = reflection.GetMessage(request, within_);  // may be the default one
    name = inner.GetReflection()->GetString(inner, name_);
  } else if (name_ != nullptr) {
    name = reflection.GetString(request, name_);
  }
  return name.empty() && parent_ != nullptr ? reflection.GetString(request, parent_) : name;
}

Subject SubjectFields::Of(const google::protobuf::Message& request) const {
  Subject subject{.resource = NameIn(request)};
  if (!CanBeName(subject.resource)) subject.resource = "(not a name)";
  subject.preview = validate_only_ != nullptr && request.GetReflection()->GetBool(request, validate_only_);
  return subject;
}

}  // namespace lmp::server
