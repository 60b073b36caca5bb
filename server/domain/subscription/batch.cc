#include "server/domain/subscription/batch.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/event_kinds.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/patch.h"
#include "server/domain/period.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/alignment.h"
#include "server/domain/subscription/part.h"
#include "server/domain/subscription/terms.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

constexpr size_t kMaxInBatch = 1000;  // as many as may be named

absl::StatusOr<SubscriptionResult> Do(model::World& world, const UpdateSubscriptionCommand& command, const Env& env) {
  return UpdateSubscription(world, command, env);
}
absl::StatusOr<SubscriptionResult> Do(model::World& world, const RenewSubscriptionCommand& command, const Env& env) {
  return RenewSubscription(world, command, env);
}
absl::StatusOr<SubscriptionResult> Do(model::World& world, const SuspendSubscriptionCommand& command, const Env& env) {
  return SuspendSubscription(world, command, env);
}
absl::StatusOr<SubscriptionResult> Do(model::World& world, const UnsuspendSubscriptionCommand& command,
                                      const Env& env) {
  return UnsuspendSubscription(world, command, env);
}
absl::StatusOr<SubscriptionResult> Do(model::World& world, const CancelSubscriptionCommand& command, const Env& env) {
  return CancelSubscription(world, command, env);
}

// The action's refusal, with the names that the batch's request has for the fields.
absl::Status InBatch(const absl::Status& status, const SubscriptionAction& action) {
  static constexpr const char* kFields[] = {"update.", "renew.", "suspend.", "unsuspend.", "cancel."};
  static_assert(std::size(kFields) == std::variant_size_v<SubscriptionAction>);
  Refusal refusal = RefusalOf(status);
  if (refusal.violations.empty()) return status;
  const char* const prefix = kFields[action.index()];
  if (refusal.reason == reason::kInvalidFields) {
    return InvalidFields(std::move(refusal.violations), prefix, refusal.more_violations);
  }
  for (FieldViolation& violation : refusal.violations) violation.field.insert(0, prefix);
  return Refuse(status.code(), absl::StrCat(prefix, status.message()), refusal);
}

using Parts = std::map<std::string, Part>;  // by subscription id

Parts PartsBySubscription(const model::World& world, const std::string& customer_id) {
  Parts parts;
  for (Part& part : PartsOf(world, customer_id)) {
    if (part.subscription_id.has_value()) parts.emplace(*part.subscription_id, std::move(part));
  }
  return parts;
}

// Copies a subscription with its part.
void AddPart(const model::World& world, const Parts& parts, const std::string& customer_id,
             const std::string& subscription_id, model::World& slice) {
  const model::Subscription* subscription = Find(world.subscriptions, customer_id, subscription_id);
  if (subscription != nullptr) slice.subscriptions.emplace(KeyOf(*subscription), *subscription);
  const auto part = parts.find(subscription_id);
  if (part != parts.end()) CopyRows(world, part->second, slice);
}

// The world of one verb of the batch. A refusal leaves no trace in the whole, and what a verb costs does not depend on
// how much else the customer has.
model::World SliceFor(const model::World& world, const Parts& parts, const BatchUpdateSubscriptionsCommand& command,
                      const std::string& subscription_id) {
  model::World slice;
  slice.catalog = world.catalog;
  slice.customers = world.customers;
  AddPart(world, parts, command.customer_id, subscription_id, slice);
  const auto add_aligned = [&](const auto& verb) {
    if constexpr (requires { verb.align; }) {
      if (verb.align.subscription.has_value())
        AddPart(world, parts, command.customer_id, *verb.align.subscription, slice);
    }
  };
  std::visit(add_aligned, command.action);
  return slice;
}

template <class Row>
void PutBack(model::Rows<Row> decided, model::Rows<Row>& rows) {
  for (auto& [key, row] : decided) rows.insert_or_assign(key, std::move(row));
}

// The subscriptions that run and pass the filters.
std::set<std::string> Running(const model::World& world, const Parts& parts,
                              const BatchUpdateSubscriptionsCommand& command, Date today) {
  std::set<std::string> ids;
  for (const auto& [key, subscription] : Range(world.subscriptions, command.customer_id)) {
    if (!command.service_plan_id.empty() && subscription.service_plan_id != command.service_plan_id) continue;
    const auto part = parts.find(key.second);
    if (!Runs(subscription) || part == parts.end()) continue;
    for (const model::RowKey& of : part->second.licenses) {
      const model::License& license = world.licenses.at(of);
      const bool meant = command.product_id.empty() || license.product_id == command.product_id;
      if (meant && IsUnended(license, today)) ids.insert(key.second);
    }
  }
  return ids;
}

// Checks what is wrong with the action for any subscription: that is the caller's mistake, and no reason to skip
// subscriptions.
absl::Status CheckAction(const model::World& world, const BatchUpdateSubscriptionsCommand& command, Date today) {
  FieldChecks checks;
  absl::Status aligned = absl::OkStatus();
  const auto check = [&](const auto& verb) {
    if constexpr (requires { verb.align; }) {
      if (verb.align.given()) aligned = EndOf(world, command.customer_id, verb.align, today).status();
    }
    if constexpr (requires { verb.change; }) {
      const TermsChange& change = verb.change;
      checks.Require(!change.empty() || verb.align.given(), "update_mask", "names nothing that changes");
      const bool twice = change.expiration_date.has_value() && verb.align.given();
      checks.Require(!twice, "subscription.expiration_date", "excludes align: both say when it ends");
      checks.Require(!twice, "align", "excludes subscription.expiration_date: both say when it ends");
      if (change.renewal_term_months.has_value()) {
        checks.Range("subscription.renewal_term_months", *change.renewal_term_months, 1, kMaxTermMonths);
      }
      if (change.expiration_notice_days.has_value()) {
        checks.Range("subscription.expiration_notice_days", *change.expiration_notice_days, 0, 365);
      }
    }
    if constexpr (requires { verb.term_months; }) {
      if (verb.term_months.has_value()) checks.Range("term_months", *verb.term_months, 1, kMaxTermMonths);
    }
  };
  std::visit(check, command.action);
  RETURN_IF_ERROR(InvalidFields(checks.Take()));
  return aligned;
}

}  // namespace

model::Footprint BatchUpdateSubscriptionsCommand::footprint() const {
  model::Footprint footprint{.customers = {customer_id}};
  for (const std::string& id : subscription_ids) footprint.subscriptions.emplace_back(customer_id, id);
  return footprint;
}

const char* BatchUpdateSubscriptionsCommand::event_kind() const {
  static constexpr const char* kKinds[] = {event::kSubscriptionUpdated, event::kSubscriptionRenewed,
                                           event::kSubscriptionSuspended, event::kSubscriptionUnsuspended,
                                           event::kSubscriptionCanceled};
  static_assert(std::size(kKinds) == std::variant_size_v<SubscriptionAction>);
  return kKinds[action.index()];
}

absl::StatusOr<BatchUpdateSubscriptionsResult> BatchUpdateSubscriptions(model::World& world,
                                                                        const BatchUpdateSubscriptionsCommand& command,
                                                                        const Env& env) {
  RETURN_IF_ERROR(
      FindReadCustomer(world, env.caller, Verb::kBatchUpdateSubscriptions, command.customer_id, command.etag).status());
  RETURN_IF_ERROR(InBatch(CheckAction(world, command, env.today), command.action));
  const bool named = !command.subscription_ids.empty();
  const Parts parts = PartsBySubscription(world, command.customer_id);
  const std::set<std::string> ids = named ? std::set(command.subscription_ids.begin(), command.subscription_ids.end())
                                          : Running(world, parts, command, env.today);
  if (ids.size() > kMaxInBatch) {
    return InvalidFields({{"subscriptions", absl::StrCat("would be ", ids.size(), ": at most ", kMaxInBatch,
                                                         " at once; narrow them by service_plan or product, or name "
                                                         "them")}});
  }
  BatchUpdateSubscriptionsResult result{.customer_id = command.customer_id};
  for (const std::string& id : ids) {
    model::World tried = SliceFor(world, parts, command, id);
    auto done = std::visit(
        [&](auto verb) {
          verb.customer_id = command.customer_id;
          verb.subscription_id = id;
          return Do(tried, verb, env);
        },
        command.action);
    if (done.ok()) {
      PutBack(std::move(tried.subscriptions), world.subscriptions);
      PutBack(std::move(tried.licenses), world.licenses);
      PutBack(std::move(tried.scheduled_changes), world.scheduled_changes);
      result.results.push_back(*std::move(done));
    } else if (named) {
      return InBatch(done.status(), command.action);
    } else {
      result.skipped.push_back({id, done.status()});
    }
  }
  return result;
}

}  // namespace lmp::domain
