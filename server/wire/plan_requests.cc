#include "server/wire/plan_requests.h"

#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/patch.h"
#include "server/domain/refusal.h"
#include "server/wire/verb_requests.h"
#include "storage/status_macros.h"

namespace lmp::wire {
namespace {

constexpr int kMaxEntries = 100;  // far beyond any suite; keeps a hostile list short
constexpr int kMaxSubscriptions = 1000;
constexpr int kMaxNote = 500;  // characters

// A verb of a batch: its request without what the batch says itself, parsed as if it came alone. What is wrong with it fails
// under `field`.
template <class Request, class Command>
Command ParseAction(Fields& fields, const std::string& customer_id, const std::string& field, const Request& request,
                    absl::StatusOr<Command> (*parse)(const Request&)) {
  Request whole = request;
  const std::string name = absl::StrCat("customers/", customer_id, "/subscriptions/any-of-them");
  bool names = !request.request_id().empty() || request.validate_only() || !request.preview_token().empty();
  if constexpr (requires { request.subscription(); }) {
    names = names || !request.subscription().name().empty() || !request.subscription().etag().empty();
    whole.mutable_subscription()->set_name(name);
  } else {
    names = names || !request.name().empty() || !request.etag().empty();
    whole.set_name(name);
  }
  if (names) fields.Fail(field, "must leave name, etag, request_id, validate_only and preview_token empty: the batch has its own");
  absl::StatusOr<Command> command = parse(whole);
  if (command.ok()) return *std::move(command);
  fields.Fail(domain::RefusalOf(command.status()).violations, field + ".");
  return Command{};
}

void ParseAction(Fields& fields, const v1::BatchUpdateSubscriptionsRequest& request,
                 domain::BatchUpdateSubscriptionsCommand& command) {
  using Batch = v1::BatchUpdateSubscriptionsRequest;
  switch (request.action_case()) {
    case Batch::kUpdate:
      command.action = ParseAction(fields, command.customer_id, "update", request.update(), ParseUpdateSubscription);
      return;
    case Batch::kRenew:
      command.action = ParseAction(fields, command.customer_id, "renew", request.renew(), ParseRenewSubscription);
      return;
    case Batch::kSuspend:
      command.action = ParseAction(fields, command.customer_id, "suspend", request.suspend(), ParseSuspendSubscription);
      return;
    case Batch::kUnsuspend:
      command.action = ParseAction(fields, command.customer_id, "unsuspend", request.unsuspend(), ParseUnsuspendSubscription);
      return;
    case Batch::kCancel:
      command.action = ParseAction(fields, command.customer_id, "cancel", request.cancel(),
                                   ParseNamed<v1::CancelSubscriptionRequest, domain::CancelSubscriptionCommand>);
      return;
    case Batch::ACTION_NOT_SET:
      fields.Fail("action", "is required: update, renew, suspend, unsuspend or cancel");
  }
}

}  // namespace

std::map<std::string, int> ParseUnits(Fields& fields, const std::string& field,
                                      const google::protobuf::RepeatedPtrField<v1::LicenseUnits>& units) {
  std::map<std::string, int> parsed;
  if (units.size() > kMaxEntries) {
    fields.Fail(field, absl::StrCat("must have at most ", kMaxEntries, " entries"));
    return parsed;
  }
  for (int i = 0; i < units.size(); ++i) {
    const std::string entry = absl::StrCat(field, "[", i, "].product");
    const std::string product = fields.Name(entry, units.at(i).product(), "products");
    if (product.empty()) continue;
    if (!parsed.emplace(product, units.at(i).units()).second) fields.Fail(entry, "is named twice");
  }
  return parsed;
}

domain::CrossgradeChoice ParseCrossgrade(Fields& fields, const v1::Crossgrade& crossgrade) {
  domain::CrossgradeChoice choice;
  choice.mode = fields.Enum<domain::CrossgradeMode>("crossgrade.mode", crossgrade.mode(),
                                                    v1::Crossgrade::Mode_IsValid(crossgrade.mode()));
  choice.expiration = fields.Enum<domain::CrossgradeExpiration>(
      "crossgrade.expiration", crossgrade.expiration(), v1::Crossgrade::Expiration_IsValid(crossgrade.expiration()));
  if (crossgrade.resolutions_size() > kMaxEntries) {
    fields.Fail("crossgrade.resolutions", absl::StrCat("must have at most ", kMaxEntries, " entries"));
    return choice;
  }
  for (int i = 0; i < crossgrade.resolutions_size(); ++i) {
    const v1::Crossgrade::Resolution& resolution = crossgrade.resolutions(i);
    const std::string field = absl::StrCat("crossgrade.resolutions[", i, "]");
    const std::string product = fields.Name(field + ".product", resolution.product(), "products");
    const bool known = resolution.choice() == v1::Crossgrade::Resolution::TRANSFER ||
                       resolution.choice() == v1::Crossgrade::Resolution::NEW_LICENSE;
    if (!known) fields.Fail(field + ".choice", "must be TRANSFER or NEW_LICENSE");
    if (product.empty() || !known) continue;
    if (!choice.resolutions.emplace(product, static_cast<domain::Resolution>(resolution.choice())).second) {
      fields.Fail(field + ".product", "is named twice");
    }
  }
  return choice;
}

void ParseAlignment(Fields& fields, const v1::Alignment& align, const std::string& customer_id,
                    std::optional<std::string>& subscription, std::optional<model::Date>& date) {
  if (align.has_expiration_date()) {
    date = fields.Date("align.expiration_date", align.expiration_date());
  } else if (align.to_case() == v1::Alignment::kSubscription) {
    const model::RowKey key = fields.ChildName("align.subscription", align.subscription(), "customers", "subscriptions");
    if (!key.first.empty() && !customer_id.empty() && key.first != customer_id) {
      fields.Fail("align.subscription", "must be a subscription of the customer itself");
    }
    subscription = key.second;
  } else {
    fields.Fail("align", "must say what to align to");
  }
}

absl::StatusOr<domain::AssignServicePlanCommand> ParseAssignServicePlan(const v1::AssignServicePlanRequest& request) {
  Fields fields;
  domain::AssignServicePlanCommand command;
  command.customer_id = fields.Name("parent", request.parent(), "customers");
  command.service_plan_id = fields.Name("service_plan", request.service_plan(), "servicePlans");
  command.etag = request.etag();
  command.units = ParseUnits(fields, "units", request.units());
  if (request.has_start_date()) command.start_date = fields.Date("start_date", request.start_date());
  command.crossgrade = ParseCrossgrade(fields, request.crossgrade());
  if (request.has_align()) {
    ParseAlignment(fields, request.align(), command.customer_id, command.align.subscription, command.align.date);
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::ApplyPlanUpdatesCommand> ParseApplyPlanUpdates(const v1::ApplyPlanUpdatesRequest& request) {
  Fields fields;
  domain::ApplyPlanUpdatesCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.units = ParseUnits(fields, "units", request.units());
  command.crossgrade = ParseCrossgrade(fields, request.crossgrade());
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::BatchUpdateSubscriptionsCommand> ParseBatchUpdateSubscriptions(const v1::BatchUpdateSubscriptionsRequest& request) {
  Fields fields;
  domain::BatchUpdateSubscriptionsCommand command;
  command.customer_id = fields.Name("parent", request.parent(), "customers");
  command.etag = request.etag();
  if (request.subscriptions_size() > kMaxSubscriptions) {
    fields.Fail("subscriptions", absl::StrCat("must have at most ", kMaxSubscriptions, " entries"));
  }
  for (int i = 0; i < request.subscriptions_size() && i < kMaxSubscriptions; ++i) {
    const std::string field = absl::StrCat("subscriptions[", i, "]");
    const model::RowKey key = fields.ChildName(field, request.subscriptions(i), "customers", "subscriptions");
    if (!key.first.empty() && key.first != command.customer_id) fields.Fail(field, "must be of the customer in parent");
    command.subscription_ids.push_back(key.second);
  }
  command.service_plan_id = fields.OptionalName("service_plan", request.service_plan(), "servicePlans");
  command.product_id = fields.OptionalName("product", request.product(), "products");
  if (!command.subscription_ids.empty() && !(command.service_plan_id.empty() && command.product_id.empty())) {
    fields.Fail("subscriptions", "excludes service_plan and product");
    if (!command.service_plan_id.empty()) fields.Fail("service_plan", "excludes subscriptions");
    if (!command.product_id.empty()) fields.Fail("product", "excludes subscriptions");
  }
  ParseAction(fields, request, command);
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::CreateRegistrationKeyCommand> ParseCreateRegistrationKey(const v1::CreateRegistrationKeyRequest& request, const ServerContext& context) {
  Fields fields;
  domain::CreateRegistrationKeyCommand command;
  const v1::RegistrationKey& key = request.registration_key();
  command.key_id = context.IdOr("");
  command.service_plan_id = fields.Name("registration_key.service_plan", key.service_plan(), "servicePlans");
  command.units = ParseUnits(fields, "registration_key.units", key.units());
  if (key.has_expire_date()) command.expire_date = fields.Date("registration_key.expire_date", key.expire_date());
  command.note = key.note();
  domain::FieldChecks checks;
  checks.Text("note", key.note(), 0, kMaxNote, domain::Lines::kMany);
  fields.Fail(checks.Take(), "registration_key.");
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::UpdateRegistrationKeyCommand> ParseUpdateRegistrationKey(const v1::UpdateRegistrationKeyRequest& request) {
  Fields fields;
  domain::UpdateRegistrationKeyCommand command;
  const v1::RegistrationKey& key = request.registration_key();
  command.id = fields.Name("registration_key.name", key.name(), "registrationKeys");
  command.etag = key.etag();
  const std::set<std::string> mask = fields.Mask(request.update_mask(), key, {"units", "expire_date", "note"});
  if (mask.contains("units")) command.units = ParseUnits(fields, "registration_key.units", key.units());
  if (mask.contains("expire_date")) command.expire_date = fields.Date("registration_key.expire_date", key.expire_date());
  if (mask.contains("note")) {
    command.note = key.note();
    domain::FieldChecks checks;
    checks.Text("note", key.note(), 0, kMaxNote);
    fields.Fail(checks.Take(), "registration_key.");
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::RedeemRegistrationKeyCommand> ParseRedeemRegistrationKey(const v1::RedeemRegistrationKeyRequest& request) {
  Fields fields;
  domain::RedeemRegistrationKeyCommand command;
  command.key_id = fields.Name("name", request.name(), "registrationKeys");
  command.etag = request.etag();
  command.assignment.customer_id = fields.Name("customer", request.customer(), "customers");
  if (request.has_start_date()) command.assignment.start_date = fields.Date("start_date", request.start_date());
  command.assignment.crossgrade = ParseCrossgrade(fields, request.crossgrade());
  RETURN_IF_ERROR(fields.status());
  return command;
}

}  // namespace lmp::wire
