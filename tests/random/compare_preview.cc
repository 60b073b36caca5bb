// Whether the `changes` of a preview are the events that then came: each of them, no other, and the fields as they
// became.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lmp/v1/change.pb.h"
#include "tests/random/compare.h"

namespace lmp::random_test {
namespace {

std::string NameOf(const RowName& row) {
  if (row.table == "partners") return "partners/" + row.key1;
  if (row.table == "products") return "products/" + row.key1;
  if (row.table == "service_plans") return "servicePlans/" + row.key1;
  if (row.table == "customers") return "customers/" + row.key1;
  if (row.table == "registration_keys") return "registrationKeys/" + row.key1;
  if (row.table == "license_pools") return absl::StrCat("partners/", row.key1, "/licensePools/", row.key2);
  const std::string collection = row.table == "scheduled_changes" ? "scheduledChanges" : row.table;
  return absl::StrCat("customers/", row.key1, "/", collection, "/", row.key2);
}

enum class Type { kNumber, kOptionalNumber, kBool, kOptionalBool, kText, kDate, kSubscription, kPlan, kProduct };

struct Field {
  const char* name;
  Type type;
};

// Columns that the API shows as they are. Of a table, or of all ("").
const std::map<std::pair<std::string, std::string>, Field>& Fields() {
  static const auto& fields = *new std::map<std::pair<std::string, std::string>, Field>{
      {{"licenses", "product_id"}, {"product", Type::kProduct}},
      {{"licenses", "units"}, {"units", Type::kNumber}},
      {{"licenses", "used_units"}, {"used_units", Type::kOptionalNumber}},
      {{"licenses", "start_date"}, {"start_date", Type::kDate}},
      {{"licenses", "expiration_date"}, {"expiration_date", Type::kDate}},
      {{"licenses", "grace_end_date"}, {"grace_end_date", Type::kDate}},
      {{"licenses", "suspend_date"}, {"suspend_date", Type::kDate}},
      {{"licenses", "expiration_notice_days"}, {"expiration_notice_days", Type::kNumber}},
      {{"licenses", "anchor_date"}, {"anchor_date", Type::kDate}},
      {{"licenses", "nfr"}, {"nfr", Type::kBool}},
      {{"licenses", "activation_code"}, {"activation_code", Type::kText}},
      {{"licenses", "subscription_id"}, {"subscription", Type::kSubscription}},
      {{"subscriptions", "service_plan_id"}, {"service_plan", Type::kPlan}},
      {{"subscriptions", "state"}, {"state", Type::kText}},
      {{"subscriptions", "auto_renewal"}, {"auto_renewal", Type::kBool}},
      {{"subscriptions", "renewal_term_months"}, {"renewal_term_months", Type::kNumber}},
      {{"subscriptions", "grace_period_days"}, {"grace_period_days", Type::kNumber}},
      {{"subscriptions", "expiration_notice_days"}, {"expiration_notice_days", Type::kNumber}},
      {{"subscriptions", "start_date"}, {"start_date", Type::kDate}},
      {{"subscriptions", "renewal_paused"}, {"renewal_paused", Type::kBool}},
      {{"subscriptions", "pending_changes"}, {"pending_changes", Type::kNumber}},
      {{"subscriptions", "replaced_by"}, {"replaced_by", Type::kSubscription}},
      {{"scheduled_changes", "state"}, {"state", Type::kText}},
      {{"scheduled_changes", "effective_date"}, {"effective_date", Type::kDate}},
      {{"scheduled_changes", "expiration_date"}, {"expiration_date", Type::kDate}},
      {{"scheduled_changes", "auto_renewal"}, {"auto_renewal", Type::kOptionalBool}},
      {{"scheduled_changes", "renewal_term_months"}, {"renewal_term_months", Type::kOptionalNumber}},
      {{"scheduled_changes", "expiration_notice_days"}, {"expiration_notice_days", Type::kOptionalNumber}},
      {{"license_pools", "total"}, {"total_units", Type::kNumber}},
      {{"license_pools", "assigned"}, {"assigned_units", Type::kNumber}},
      {{"license_pools", "minimum"}, {"minimum_units", Type::kNumber}},
      {{"customers", "state"}, {"state", Type::kText}},
      {{"customers", "note"}, {"note", Type::kText}},
      {{"partners", "state"}, {"state", Type::kText}},
      {{"products", "lifecycle"}, {"lifecycle", Type::kText}},
      {{"products", "end_of_life_date"}, {"end_of_life_date", Type::kDate}},
      {{"service_plans", "enabled"}, {"enabled", Type::kBool}},
      {{"registration_keys", "state"}, {"state", Type::kText}},
      {{"registration_keys", "expire_date"}, {"expire_date", Type::kDate}},
  };
  return fields;
}

// A column's value as protobuf JSON; empty if the field is then not set.
std::string JsonOf(const RowName& row, Type type, const std::optional<std::string>& value) {
  if (!value.has_value()) return "";
  switch (type) {
    case Type::kNumber:
      return *value == "0" ? "" : *value;
    case Type::kOptionalNumber:
      return *value;
    case Type::kBool:
      return *value == "0" ? "" : "true";
    case Type::kOptionalBool:
      return *value == "0" ? "false" : "true";
    case Type::kText:
      return value->empty() ? "" : absl::StrCat("\"", *value, "\"");
    case Type::kSubscription:
      return absl::StrCat("\"customers/", row.key1, "/subscriptions/", *value, "\"");
    case Type::kPlan:
      return absl::StrCat("\"servicePlans/", *value, "\"");
    case Type::kProduct:
      return absl::StrCat("\"products/", *value, "\"");
    case Type::kDate:
      break;
  }
  const auto number = [&](size_t from, size_t count) { return std::stoi(value->substr(from, count)); };
  return absl::StrCat("{\"year\":", number(0, 4), ",\"month\":", number(5, 2), ",\"day\":", number(8, 2), "}");
}

// What is shown of a license's date is never later than the end of its product's life.
std::optional<std::string> Clamped(const World& world, const RowName& row, const std::string& column,
                                   const std::optional<std::string>& value) {
  if (row.table != "licenses" || (column != "expiration_date" && column != "grace_end_date")) return value;
  const License& license = world.licenses.at({row.key1, row.key2});
  const std::optional<Date>& life = world.products.at(license.product).end_of_life;
  return life.has_value() && value.has_value() ? std::optional<std::string>(std::min(*value, Text(*life))) : value;
}

// What no longer runs promises nothing: what is then shown is not what is stored.
bool PromisesNothing(const World& world, const RowName& row, absl::string_view field) {
  if (row.table != "subscriptions") return false;
  const std::string state = StateOfSubscription(world, {row.key1, row.key2}, world.today());
  return state != "ACTIVE" && state != "SUSPENDED" &&
         (field == "state" || field == "auto_renewal" || field == "renewal_term_months" || field == "renewal_paused");
}

// The changes of one resource in a preview, in order: those of its events.
using Told = std::vector<v1::Change>;

// "SUBSCRIPTION_RENEWED 2026-02-28", as HistoryCheck puts it.
std::string EventOf(const v1::Change& change) {
  return change.has_effective_date() ? absl::StrCat(change.event_kind(), " ", Text(DateOf(change.effective_date())))
                                     : change.event_kind();
}

// What a field was at first and is in the end, all changes together.
void CompareFields(const World& world, const RowName& row, const RowChange& happened, const Told& changes,
                   std::vector<std::string>& wrong) {
  std::map<std::string, std::pair<std::string, std::string>> told;
  for (const v1::Change& change : changes) {
    std::set<std::string> once;
    for (const v1::FieldChange& field : change.fields()) {
      if (!once.insert(field.field()).second) wrong.push_back(absl::StrCat("a change tells ", field.field(), " twice"));
      told.try_emplace(field.field(), field.before(), "").first->second.second = field.after();
    }
    if (once.empty())
      wrong.push_back(absl::StrCat("the preview says ", EventOf(change), " of ", change.resource(), ", but no field"));
  }
  for (const auto& [column, field] : Fields()) {
    if (column.first != row.table) continue;
    const auto found = told.find(field.name);
    if (PromisesNothing(world, row, field.name)) {
      const std::string shown =
          absl::StrCat("\"", StateOfSubscription(world, {row.key1, row.key2}, world.today()), "\"");
      if (found == told.end() || found->second.second == (column.second == "state" ? shown : "")) continue;
    }
    const auto json = [&](const std::optional<std::string>& value) {
      return JsonOf(row, field.type, Clamped(world, row, column.second, value));
    };
    const std::string after = json(happened.after.at(column.second));
    const std::string before = happened.created ? "" : json(happened.before.at(column.second));
    const std::string told_before = found == told.end() ? before : found->second.first;
    const std::string told_after = found == told.end() ? before : found->second.second;
    if (told_before == before && told_after == after) continue;
    wrong.push_back(absl::StrCat("the preview says ", changes[0].resource(), " ", field.name, ": ", told_before, " → ",
                                 told_after, ", but it became: ", before, " → ", after));
  }
}

}  // namespace

std::vector<std::string> CompareWithPreview(const World& world, const google::protobuf::Message& preview,
                                            const std::map<RowName, RowChange>& happened) {
  std::vector<std::string> wrong;
  const auto* list = preview.GetDescriptor()->FindFieldByName("changes");
  std::map<std::string, Told> told;
  bool of_call = false;  // what time did before it stands first: those events are not the call's
  for (int i = 0; list != nullptr && i < preview.GetReflection()->FieldSize(preview, list); ++i) {
    v1::Change change;
    change.CopyFrom(preview.GetReflection()->GetRepeatedMessage(preview, list, i));
    of_call = of_call || !change.has_effective_date();
    if (!of_call) continue;
    told[change.resource()].push_back(change);
  }
  for (const auto& [row, change] : happened) {
    const auto found = told.find(NameOf(row));
    if (found == told.end()) {
      wrong.push_back(absl::StrCat("the preview does not tell of ", Text(row)));
      continue;
    }
    if (found->second[0].created() != change.created) wrong.push_back(absl::StrCat("created of ", found->first));
    std::vector<std::string> events;
    for (const v1::Change& one : found->second) events.push_back(EventOf(one));
    if (events != change.events) {
      wrong.push_back(absl::StrCat("the preview says ", absl::StrJoin(events, ", "), " of ", found->first,
                                   ", its events say ", absl::StrJoin(change.events, ", ")));
    }
    CompareFields(world, row, change, found->second, wrong);
    told.erase(found);
  }
  for (const auto& [name, changes] : told)
    wrong.push_back(absl::StrCat("the preview tells of ", name, ", which did not change"));
  return wrong;
}

}  // namespace lmp::random_test
