#include "server/wire/subscription_batch.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/refusal.h"
#include "server/wire/mutation_request.h"
#include "server/wire/status.h"
#include "server/wire/subscription.h"

namespace lmp::wire {
namespace {

constexpr int kMaxSubscriptions = 1000;

// Parses a verb of a batch as if its request had come alone; the fields that the batch sets are left out. What is wrong
// with the verb fails under `field`.
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
  if (names)
    fields.Fail(field,
                "must leave name, etag, request_id, validate_only and preview_token empty: the batch has its own");
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
      command.action =
          ParseAction(fields, command.customer_id, "unsuspend", request.unsuspend(), ParseUnsuspendSubscription);
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

absl::StatusOr<domain::BatchUpdateSubscriptionsCommand> ParseBatchUpdateSubscriptions(
    const v1::BatchUpdateSubscriptionsRequest& request) {
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

void RenderBatchUpdate(const engine::Decision& decided, const domain::BatchUpdateSubscriptionsResult& result,
                       v1::BatchUpdateSubscriptionsResponse* out) {
  for (const domain::SubscriptionResult& one : result.results)
    RenderSubscriptionChange(decided, one, out->add_results());
  for (const domain::SkippedSubscription& one : result.skipped) {
    auto* skipped = out->add_skipped();
    skipped->set_subscription(domain::SubscriptionName(result.customer_id, one.subscription_id));
    std::string reason;
    *skipped->mutable_error() = ToRpcStatus(one.why, "", &reason);
  }
}

}  // namespace lmp::wire
