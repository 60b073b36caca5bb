#include "server/domain/subscription/revert.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/event_kinds.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/patch.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/scheduled_changes.h"
#include "server/domain/subscription/verbs.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::License;
using model::RowChange;
using model::ScheduledChange;
using model::Subscription;
using model::World;

constexpr std::array kRevertible = {
    event::kSubscriptionUpdated,   event::kServicePlanChanged,      event::kSubscriptionRenewed,
    event::kSubscriptionSuspended, event::kSubscriptionUnsuspended, event::kScheduledChangeCanceled,
    event::kChangeReverted,
};

std::string NameOf(const Subscription& row) { return SubscriptionName(row.customer_id, row.subscription_id); }
std::string NameOf(const License& row) { return LicenseName(row.customer_id, row.license_id); }
std::string NameOf(const ScheduledChange& row) { return ScheduledChangeName(row.customer_id, row.change_id); }

absl::Status NotRevertible(absl::string_view resource, absl::string_view why) {
  return Precondition(reason::kNotRevertible, resource, absl::StrCat(resource, " can't be set back: ", why));
}

// True if rows differ in nothing but what is the engine's, what products report, or what time told of a coming end:
// that is nobody's change.
template <class Row>
bool SameForPeople(const Row& as_in, Row row) {
  row.stamp = as_in.stamp;
  if constexpr (std::is_same_v<Row, Subscription>) row.pending_changes = as_in.pending_changes;
  if constexpr (std::is_same_v<Row, License>) {
    row.due_date = as_in.due_date;
    row.used_units = as_in.used_units;
    row.activate_time = as_in.activate_time;
    row.announced_date = as_in.announced_date;
  }
  return row == as_in;
}

// The rows that are not as the request left them.
template <class Row>
void AddChanged(const model::Rows<Row>& rows, const std::vector<RowChange<Row>>& changes,
                std::vector<std::string>& changed) {
  for (const RowChange<Row>& change : changes) {
    if (change.before.has_value() && SameForPeople(change.after, *change.before)) continue;
    const model::RowKey key = KeyOf(change.after);
    const Row* now = Find(rows, key.first, key.second);
    if (now == nullptr || !SameForPeople(*now, change.after)) changed.push_back(NameOf(change.after));
  }
}

// The rows with which time did something.
template <class Row>
void AddFollowed(const std::vector<RowChange<Row>>& changes, std::vector<std::string>& changed) {
  for (const RowChange<Row>& change : changes) {
    if (change.before.has_value() && SameForPeople(change.after, *change.before)) continue;
    const std::string name = NameOf(change.after);
    if (std::find(changed.begin(), changed.end(), name) == changed.end()) changed.push_back(name);
  }
}

absl::Status CheckUnchanged(const World& world, const model::ChangeSet& changes, const model::ChangeSet& followed) {
  std::vector<std::string> changed;
  AddChanged(world.subscriptions, changes.subscriptions, changed);
  AddChanged(world.licenses, changes.licenses, changed);
  AddChanged(world.scheduled_changes, changes.scheduled_changes, changed);
  AddFollowed(followed.subscriptions, changed);
  AddFollowed(followed.licenses, changed);
  AddFollowed(followed.scheduled_changes, changed);
  if (changed.empty()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kAborted,
                absl::StrCat(absl::StrJoin(changed, ", "), changed.size() == 1 ? " has" : " have",
                             " changed since: revert what came later first, or update"),
                {.reason = reason::kChangedSince,
                 .resource = changed.front(),
                 .metadata = {{"resources", absl::StrJoin(changed, ", ")}}});
}

// Sets the columns back that the change set.
template <class Row>
void SetBack(const RowChange<Row>& change, Row& row) {
  Patch<Row> patch{*change.before, DifferingColumns(*change.before, change.after)};
  for (const char* kept : {"revision", "create_time", "update_time", "due_date", "used_units", "activate_time",
                           "announced_date", "pending_changes"})
    patch.columns.erase(kept);
  ApplyPatch(patch, row);
}

absl::Status SetChangesBack(World& world, const std::vector<RowChange<ScheduledChange>>& changes, Date today) {
  for (const RowChange<ScheduledChange>& change : changes) {
    ScheduledChange& row = world.scheduled_changes.at(KeyOf(change.after));
    if (!change.before.has_value()) {
      row.state = model::ChangeState::kCanceled;
      continue;
    }
    SetBack(change, row);
    if (row.state == model::ChangeState::kPending && row.effective_date <= today)
      return NotRevertible(NameOf(row), "its day has come");
  }
  return absl::OkStatus();
}

// The product may have changed since, and others may have got it.
absl::Status CheckProduct(const World& world, const License& now, const License& back, Date today) {
  const model::Product* product = Find(world.catalog->products, back.product_id);
  if (product == nullptr) return NotFound(reason::kProductNotFound, ProductName(back.product_id));
  const bool adds =
      back.product_id != now.product_id || back.units > now.units || back.expiration_date > now.expiration_date;
  if (adds && product->lifecycle == model::Lifecycle::kEndOfLife) return AtEndOfLife(back.product_id);
  if (back.units != now.units && (back.units < product->min_units || back.units > product->max_units)) {
    return NotRevertible(NameOf(back), absl::StrCat("units of ", ProductName(product->product_id), " are ",
                                                    product->min_units, " to ", product->max_units));
  }
  if (back.product_id == now.product_id) return absl::OkStatus();
  return CheckNotHeld(world, back.customer_id, *product, today);
}

absl::Status SetLicensesBack(World& world, const std::vector<RowChange<License>>& changes, Date today) {
  for (const RowChange<License>& change : changes) {
    License& row = world.licenses.at(KeyOf(change.after));
    if (row.closed) return NotRevertible(NameOf(row), "it has ended");
    License back = row;
    SetBack(change, back);
    RETURN_IF_ERROR(CheckProduct(world, row, back, today));
    row = std::move(back);
  }
  return absl::OkStatus();
}

absl::Status SetSubscriptionsBack(World& world, const std::vector<RowChange<Subscription>>& changes) {
  for (const RowChange<Subscription>& change : changes) {
    Subscription& row = world.subscriptions.at(KeyOf(change.after));
    const std::string plan_id = row.service_plan_id;
    const bool renewed = row.terms.auto_renewal;
    SetBack(change, row);
    if (row.service_plan_id != plan_id) {
      const model::ServicePlan* plan = Find(world.catalog->service_plans, row.service_plan_id);
      if (plan == nullptr || plan->delete_time.has_value())
        return NotFound(reason::kServicePlanNotFound, ServicePlanName(row.service_plan_id));
      RETURN_IF_ERROR(CheckAssignable(*world.catalog, *plan));
    }
    if (renewed || !row.terms.auto_renewal) continue;
    for (const auto& [key, license] : Range(world.licenses, row.customer_id)) {
      const model::Product* product = Find(world.catalog->products, license.product_id);
      const bool of_it = license.subscription_id == row.subscription_id && !license.closed;
      if (of_it && product != nullptr && product->lifecycle == model::Lifecycle::kEndOfLife)
        return AtEndOfLife(license.product_id);
    }
  }
  return absl::OkStatus();
}

// The subscriptions that the request was about.
std::set<model::RowKey> SubscriptionsOf(const model::ChangeSet& changes) {
  std::set<model::RowKey> keys;
  for (const auto& change : changes.subscriptions) keys.insert(KeyOf(change.after));
  for (const auto& change : changes.scheduled_changes)
    keys.insert({change.after.customer_id, change.after.subscription_id});
  for (const auto& change : changes.licenses)
    keys.insert({change.after.customer_id, change.after.subscription_id.value_or("")});
  return keys;
}

// Nothing may be due already that was not due before.
absl::Status CheckNothingDue(const World& world, const model::RowKey& subscription, Date today) {
  for (const auto& [key, license] : Range(world.licenses, subscription.first)) {
    if (license.closed || license.subscription_id != subscription.second) continue;
    const LicenseDates dates = DatesIn(world, license);
    const Date due = dates.renewal.value_or(dates.grace_end);
    if (due <= today)
      return NotRevertible(NameOf(license), absl::StrCat("what was due on ", absl::FormatCivilTime(due), " is past"));
  }
  return absl::OkStatus();
}

// Rows are never deleted, so what was made can't be unmade; but a change that was scheduled can be canceled.
absl::Status CheckNothingMade(const model::ChangeSet& changes) {
  const auto made = [](const auto& rows) {
    return std::find_if(rows.begin(), rows.end(), [](const auto& change) { return !change.before.has_value(); });
  };
  const auto subscription = made(changes.subscriptions);
  if (subscription != changes.subscriptions.end())
    return NotRevertible(NameOf(subscription->after), "it was made by this: cancel it instead");
  const auto license = made(changes.licenses);
  if (license != changes.licenses.end())
    return NotRevertible(NameOf(license->after), "it was made by this: cancel its subscription instead");
  return absl::OkStatus();
}

}  // namespace

model::Footprint RevertChangeCommand::footprint() const {
  model::Footprint footprint{.customers = {customer_id}};
  for (const model::RowKey& key : SubscriptionsOf(changes)) footprint.subscriptions.push_back(key);
  for (const auto& change : changes.scheduled_changes) footprint.scheduled_changes.push_back(KeyOf(change.after));
  for (const auto& change : changes.subscriptions) {
    if (change.before.has_value()) footprint.service_plans.push_back(change.before->service_plan_id);
  }
  for (const auto& change : changes.licenses) {
    if (change.before.has_value()) footprint.products.push_back(change.before->product_id);
  }
  return footprint;
}

absl::Status CheckRevertible(absl::string_view event_kind, absl::string_view resource) {
  if (std::find(kRevertible.begin(), kRevertible.end(), event_kind) != kRevertible.end()) return absl::OkStatus();
  return Precondition(reason::kNotRevertible, resource,
                      absl::StrCat(resource, " is ", event_kind, ", which can't be taken back: of these there is ",
                                   absl::StrJoin(kRevertible, ", ")),
                      {{"event_kind", std::string(event_kind)}});
}

absl::StatusOr<RevertedChange> RevertChange(World& world, const RevertChangeCommand& command, const Env& env) {
  RETURN_IF_ERROR(FindReadCustomer(world, env.caller, command.kVerb, command.customer_id, command.etag).status());
  RETURN_IF_ERROR(CheckNothingMade(command.changes));
  RETURN_IF_ERROR(CheckUnchanged(world, command.changes, command.followed));
  RETURN_IF_ERROR(SetLicensesBack(world, command.changes.licenses, env.today));
  RETURN_IF_ERROR(SetSubscriptionsBack(world, command.changes.subscriptions));
  RETURN_IF_ERROR(SetChangesBack(world, command.changes.scheduled_changes, env.today));
  RevertedChange result{command.customer_id, {}, {}};
  for (const model::RowKey& key : SubscriptionsOf(command.changes)) {
    const Subscription* subscription = Find(world.subscriptions, key.first, key.second);
    if (subscription == nullptr)
      return NotFound(reason::kSubscriptionNotFound, SubscriptionName(key.first, key.second));
    if (!Runs(*subscription)) return NotRevertible(NameOf(*subscription), "it has ended");
    RETURN_IF_ERROR(CheckUpToDate(world, *subscription));
    RETURN_IF_ERROR(CheckNothingDue(world, key, env.today));
    result.subscription_ids.push_back(key.second);
    const std::vector<std::string> dropped = ReviewChanges(world, *subscription);
    result.dropped_change_ids.insert(result.dropped_change_ids.end(), dropped.begin(), dropped.end());
  }
  return result;
}

}  // namespace lmp::domain
