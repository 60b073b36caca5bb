// Shows the difference that a call stores in the words of the API.
#include "server/wire/changes.h"

#include <google/protobuf/descriptor.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/wire/fields.h"
#include "server/wire/json.h"
#include "server/wire/resources.h"
#include "storage/rows/images.h"

namespace lmp::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// True for bookkeeping that changes with every change, for the resource's own name, and for what has changes of its
// own.
bool IsLeftOut(absl::string_view field) {
  for (const absl::string_view name : {"name", "etag", "create_time", "update_time", "licenses", "changes",
                                       "advisories", "preview_token", "affected"}) {
    if (field == name) return true;
  }
  return false;
}

// True for fields of a license that come from its subscription, which tells when they change: an event has only the
// license.
bool IsOfItsSubscription(const FieldDescriptor* field) {
  return field->containing_type() == v1::License::descriptor() &&
         (field->name() == "auto_renewal" || field->name() == "renewal_date");
}

using Json = nlohmann::ordered_json;

// The message in protobuf JSON, all fields in one call.
Json JsonOf(const Message& message) { return Json::parse(ToJson(message), nullptr, false); }

// One field of a message; empty if the field is not set. A map is in order of its keys, because protobuf's own order
// differs from message to message.
std::string FieldJson(const Json& message, const FieldDescriptor* field) {
  const auto value = message.find(field->name());
  if (value == message.end()) return "";
  return field->is_map() ? nlohmann::json(*value).dump() : value->dump();
}

// True for a message of ours that has fields of its own, like a contact; a date or a timestamp is a value.
bool HasFieldsOfItsOwn(const FieldDescriptor* field) {
  return !field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         absl::StartsWith(field->message_type()->full_name(), "lmp.v1.");
}

void AddFields(const Json& before, const Json& after, const Descriptor* type, const std::string& prefix,
               v1::Change* change) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (prefix.empty() && (IsLeftOut(field->name()) || IsOfItsSubscription(field))) continue;
    if (HasFieldsOfItsOwn(field)) {
      AddFields(before.value(field->name(), Json::object()), after.value(field->name(), Json::object()),
                field->message_type(), prefix + field->name() + ".", change);
      continue;
    }
    const std::string old_value = FieldJson(before, field);
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
  AddFields(before == nullptr ? Json::object() : JsonOf(*before), JsonOf(after), after.GetDescriptor(), "", change);
}

// True for a change of what the history has told of a license's coming end.
template <class Row>
bool Announces(const model::RowChange<Row>& change) {
  if constexpr (std::is_same_v<Row, model::License>) {
    return change.before.has_value() && change.before->announced_date != change.after.announced_date;
  }
  return false;
}

// The type of the proto that shows a row.
template <class Row>
struct ProtoOf;
template <>
struct ProtoOf<model::Partner> {
  using type = v1::Partner;
};
template <>
struct ProtoOf<model::Customer> {
  using type = v1::Customer;
};
template <>
struct ProtoOf<model::Product> {
  using type = v1::Product;
};
template <>
struct ProtoOf<model::ServicePlan> {
  using type = v1::ServicePlan;
};
template <>
struct ProtoOf<model::Subscription> {
  using type = v1::Subscription;
};
template <>
struct ProtoOf<model::License> {
  using type = v1::License;
};
template <>
struct ProtoOf<model::LicensePool> {
  using type = v1::LicensePool;
};
template <>
struct ProtoOf<model::ScheduledChange> {
  using type = v1::ScheduledChange;
};
template <>
struct ProtoOf<model::RegistrationKey> {
  using type = v1::RegistrationKey;
};
template <>
struct ProtoOf<model::LicenseToken> {
  using type = v1::LicenseToken;
};
template <>
struct ProtoOf<model::ApiKey> {
  using type = v1::ApiKey;
};

template <class Row>
void AddRow(const View& view_before, const View& view_after, const std::string& event_kind,
            const model::RowChange<Row>& change, v1::Change* out) {
  typename ProtoOf<Row>::type before, after;
  ToProto(change.after, view_after, &after);
  if (change.before.has_value()) ToProto(*change.before, view_before, &before);
  AddChange(event_kind, after.name(), change.before.has_value() ? &before : nullptr, after, out);
}

}  // namespace

namespace {

// The other rows with which an event is rendered. Rows are left out if nobody can know how they were at the time.
model::World AroundEvents(const model::World& world) {
  model::World around;
  around.MutableCatalog().products = world.catalog->products;
  return around;
}

// Adds a change that time made, as its event will tell it.
void AddPassed(const model::Event& event, const model::World& world, std::vector<v1::Change>& out) {
  const absl::StatusOr<model::ChangeSet> change = storage::ChangeOf(event);
  if (!change.ok()) return;  // never happens: the image was made a moment ago
  const model::World around = AroundEvents(world);
  v1::Event told;
  ToProto(event, *change, around, &told);
  out.push_back(std::move(*told.mutable_change()));
}

}  // namespace

std::vector<v1::Change> ChangesOf(const engine::Decision& decided) {
  std::vector<v1::Change> changes;
  auto event = decided.events.begin();
  for (; event != decided.events.end() && event->effective_date.has_value(); ++event)
    AddPassed(*event, decided.after, changes);
  const View before{decided.before, decided.env.today}, after{decided.after, decided.env.today};
  decided.changes.ForEachKind([&](const auto& rows) {
    for (const auto& change : rows) {
      if (!IsNews(change)) continue;
      AddRow(before, after, (event++)->kind, change, &changes.emplace_back());
      if (changes.back().fields_size() > 0) continue;
      // What a disabled customer lays over its licenses, or a renewal that follows at once, hides the change from
      // readers, but not from the history.
      const model::World around = AroundEvents(decided.after);
      const View bare{.world = around, .today = decided.env.today, .announcing = Announces(change)};
      changes.pop_back();
      AddRow(bare, bare, std::prev(event)->kind, change, &changes.emplace_back());
    }
  });
  for (; event != decided.events.end(); ++event) AddPassed(*event, decided.after, changes);
  return changes;
}

void ToProto(const model::Event& event, const model::ChangeSet& change, const model::World& around, v1::Event* out) {
  out->set_name(EventName(event.event_id));
  ToProto(event.event_time, out->mutable_event_time());
  out->set_actor(event.actor);
  out->set_reason(event.reason);
  out->set_request_id(event.request_id);
  out->set_sequence(event.sequence);
  if (event.partner_id.has_value() && !event.partner_id->empty())
    out->set_partner(domain::PartnerName(*event.partner_id));
  const model::Date day = event.effective_date.value_or(absl::ToCivilDay(event.event_time, absl::UTCTimeZone()));
  // What is due happens as the day begins, so before it the day was the previous one.
  const model::Date day_before = event.effective_date.has_value() ? day - 1 : day;
  change.ForEachKind([&](const auto& rows) {
    for (const auto& row : rows) {
      const View before{.world = around, .today = day_before, .announcing = Announces(row)};
      const View after{.world = around, .today = day, .announcing = Announces(row)};
      AddRow(before, after, event.kind, row, out->mutable_change());
    }
  });
  if (!event.effective_date.has_value()) return;
  ToProto(day, out->mutable_effective_date());
  ToProto(day, out->mutable_change()->mutable_effective_date());
}

std::string EventName(int64_t event_id) { return absl::StrCat("events/", event_id); }

absl::StatusOr<int64_t> EventIdOf(const std::string& name) {
  int64_t event_id = 0;
  const absl::string_view number = absl::StripPrefix(name, "events/");
  if (!absl::SimpleAtoi(number, &event_id) || EventName(event_id) != name) return NoSuchEvent(name);
  return event_id;
}

absl::Status NoSuchEvent(const std::string& name) { return domain::NotFound(domain::reason::kEventNotFound, name); }

std::string FieldJson(const Message& message, absl::string_view field) {
  const FieldDescriptor* descriptor = message.GetDescriptor()->FindFieldByName(std::string(field));
  return descriptor == nullptr ? "" : FieldJson(JsonOf(message), descriptor);
}

}  // namespace lmp::wire
