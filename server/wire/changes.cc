// The `changes` of a validate_only response: the same difference that a live call stores, in the words of the API.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/domain/lookup.h"
#include "server/wire/responses.h"

namespace lmp::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Bookkeeping that changes with every change, what says which resource it is, and what has changes of its own.
bool IsLeftOut(absl::string_view field) {
  for (const absl::string_view name : {"name", "etag", "create_time", "update_time", "changes", "licenses"}) {
    if (field == name) return true;
  }
  return false;
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  return field->is_repeated() ? message.GetReflection()->FieldSize(message, field) > 0
                              : message.GetReflection()->HasField(message, field);
}

// One field of `message` in protobuf JSON; empty if it is not set.
std::string FieldJson(const Message& message, const FieldDescriptor* field) {
  if (!IsSet(message, field)) return "";
  std::unique_ptr<Message> only(message.New());
  const google::protobuf::FieldDescriptor* fields[] = {field};
  only->CopyFrom(message);
  std::vector<const FieldDescriptor*> set;
  only->GetReflection()->ListFields(*only, &set);
  for (const FieldDescriptor* other : set) {
    if (other != fields[0]) only->GetReflection()->ClearField(only.get(), other);
  }
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(*only, &json, options).ok()) return "";
  // {"field":VALUE} → VALUE
  const size_t colon = json.find(':');
  return json.substr(colon + 1, json.size() - colon - 2);
}

// A message of ours that holds fields of its own, like a contact; a date or a timestamp is a value.
bool HasFieldsOfItsOwn(const FieldDescriptor* field) {
  return !field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         absl::StartsWith(field->message_type()->full_name(), "lmp.v1.");
}

void AddFields(const Message* before, const Message& after, const std::string& prefix, v1::Change* change) {
  for (int i = 0; i < after.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = after.GetDescriptor()->field(i);
    if (prefix.empty() && IsLeftOut(field->name())) continue;
    if (HasFieldsOfItsOwn(field)) {
      const Message* old = before == nullptr ? nullptr : &before->GetReflection()->GetMessage(*before, field);
      AddFields(old, after.GetReflection()->GetMessage(after, field), prefix + field->name() + ".", change);
      continue;
    }
    const std::string old_value = before == nullptr ? "" : FieldJson(*before, field);
    const std::string new_value = FieldJson(after, field);
    if (old_value == new_value) continue;
    v1::FieldChange* entry = change->add_fields();
    entry->set_field(prefix + field->name());
    entry->set_before(old_value);
    entry->set_after(new_value);
  }
}

void AddChange(const std::string& event_kind, const std::string& resource, const Message* before, const Message& after,
               v1::Change* change) {
  change->set_event_kind(event_kind);
  change->set_resource(resource);
  change->set_created(before == nullptr);
  AddFields(before, after, "", change);
}

// The proto that shows a row.
template <class Row>
struct ProtoOf;
template <>
struct ProtoOf<model::Partner> { using type = v1::Partner; };
template <>
struct ProtoOf<model::Customer> { using type = v1::Customer; };
template <>
struct ProtoOf<model::Product> { using type = v1::Product; };
template <>
struct ProtoOf<model::ServicePlan> { using type = v1::ServicePlan; };
template <>
struct ProtoOf<model::Subscription> { using type = v1::Subscription; };
template <>
struct ProtoOf<model::License> { using type = v1::License; };
template <>
struct ProtoOf<model::LicensePool> { using type = v1::LicensePool; };
template <>
struct ProtoOf<model::ScheduledChange> { using type = v1::ScheduledChange; };

template <class Row>
void AddRow(const engine::Decided& decided, const std::string& event_kind, const model::RowChange<Row>& change,
            v1::Change* out) {
  typename ProtoOf<Row>::type before, after;
  ToProto(change.after, View{decided.after, decided.env.today}, &after);
  if (change.before.has_value()) ToProto(*change.before, View{decided.before, decided.env.today}, &before);
  AddChange(event_kind, after.name(), change.before.has_value() ? &before : nullptr, after, out);
}

}  // namespace

void AddChanges(const engine::Decided& decided, const std::string& event_kind, Message* response) {
  const FieldDescriptor* field = response->GetDescriptor()->FindFieldByName("changes");
  if (field == nullptr) return;
  decided.changes.ForEachKind([&](const auto& rows) {
    for (const auto& change : rows) {
      AddRow(decided, event_kind, change,
             static_cast<v1::Change*>(response->GetReflection()->AddMessage(response, field)));
    }
  });
}

}  // namespace lmp::wire
