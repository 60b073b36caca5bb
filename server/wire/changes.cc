// The same difference that a live call stores, in the words of the API.
#include "server/wire/changes.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <map>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/domain/lookup.h"
#include "server/wire/fields.h"
#include "server/wire/responses.h"
#include "storage/columns.h"

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

// A map<string, string> as JSON, in order of its keys: protobuf's own order differs from message to message.
std::string MapJson(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  std::map<std::string, std::string> entries;
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    const Message& entry = reflection->GetRepeatedMessage(message, field, i);
    entries[entry.GetReflection()->GetString(entry, field->message_type()->map_key())] =
        entry.GetReflection()->GetString(entry, field->message_type()->map_value());
  }
  return storage::MapToJson(entries);
}

// One field of `message` in protobuf JSON; empty if it is not set.
std::string FieldJson(const Message& message, const FieldDescriptor* field) {
  if (!IsSet(message, field)) return "";
  if (field->is_map()) return MapJson(message, field);
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
template <>
struct ProtoOf<model::RegistrationKey> { using type = v1::RegistrationKey; };
template <>
struct ProtoOf<model::LicenseToken> { using type = v1::LicenseToken; };

template <class Row>
void AddRow(const View& view_before, const View& view_after, const std::string& event_kind,
            const model::RowChange<Row>& change, v1::Change* out) {
  typename ProtoOf<Row>::type before, after;
  ToProto(change.after, view_after, &after);
  if (change.before.has_value()) ToProto(*change.before, view_before, &before);
  AddChange(event_kind, after.name(), change.before.has_value() ? &before : nullptr, after, out);
}

}  // namespace

void AddChanges(const engine::Decided& decided, Message* response) {
  const FieldDescriptor* field = response->GetDescriptor()->FindFieldByName("changes");
  if (field == nullptr) return;
  std::map<std::tuple<std::string, std::string, std::string>, std::string> kinds;  // of each row's last event
  for (const model::Event& event : decided.events) kinds[{event.row_table, event.key1, event.key2}] = event.kind;
  decided.changes.ForEachKind([&](const auto& rows) {
    for (const auto& change : rows) {
      const model::RowKey key = KeyOf(change.after);
      AddRow(View{decided.before, decided.env.today}, View{decided.after, decided.env.today},
             kinds[{std::string(change.after.kTable), key.first, key.second}], change,
             static_cast<v1::Change*>(response->GetReflection()->AddMessage(response, field)));
    }
  });
}

void ToProto(const model::Event& event, const model::ChangeSet& change, const model::World& around, v1::Event* out) {
  out->set_name(EventName(event.event_id));
  ToProto(event.event_time, out->mutable_event_time());
  out->set_actor(event.actor);
  out->set_reason(event.reason);
  out->set_request_id(event.request_id);
  if (event.effective_date.has_value()) ToProto(*event.effective_date, out->mutable_effective_date());
  const View view{around, event.effective_date.value_or(absl::ToCivilDay(event.event_time, absl::UTCTimeZone()))};
  change.ForEachKind([&](const auto& rows) {
    for (const auto& row : rows) AddRow(view, view, event.kind, row, out->mutable_change());
  });
}

std::string EventName(int64_t event_id) { return absl::StrCat("events/", event_id); }

std::string FieldJson(const Message& message, absl::string_view field) {
  const FieldDescriptor* descriptor = message.GetDescriptor()->FindFieldByName(std::string(field));
  return descriptor == nullptr ? "" : FieldJson(message, descriptor);
}

}  // namespace lmp::wire
