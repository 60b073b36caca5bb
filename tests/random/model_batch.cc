// One verb for many subscriptions.
#include <set>
#include <string>
#include <utility>

#include "tests/random/model_requests.h"

namespace lmp::random_test {
namespace {

// One verb for one subscription of a batch.
template <class Request>
void PredictOne(Request request, const std::string& name, World& world, Verdict& verdict) {
  if constexpr (requires { request.mutable_subscription(); }) {
    request.mutable_subscription()->set_name(name);
  } else {
    request.set_name(name);
  }
  Predict(request, world, verdict);
}

void PredictOne(const v1::BatchUpdateSubscriptionsRequest& batch, const std::string& name, World& world,
                Verdict& verdict) {
  switch (batch.action_case()) {
    case v1::BatchUpdateSubscriptionsRequest::kUpdate:
      return PredictOne(batch.update(), name, world, verdict);
    case v1::BatchUpdateSubscriptionsRequest::kRenew:
      return PredictOne(batch.renew(), name, world, verdict);
    case v1::BatchUpdateSubscriptionsRequest::kSuspend:
      return PredictOne(batch.suspend(), name, world, verdict);
    case v1::BatchUpdateSubscriptionsRequest::kUnsuspend:
      return PredictOne(batch.unsuspend(), name, world, verdict);
    case v1::BatchUpdateSubscriptionsRequest::kCancel:
      return PredictOne(batch.cancel(), name, world, verdict);
    default:
      return verdict.Refuse("INVALID_FIELDS");
  }
}

}  // namespace

void Predict(const v1::BatchUpdateSubscriptionsRequest& request, World& world, Verdict& verdict) {
  const std::string customer = IdsOf(request.parent()).first;
  if (!CheckCustomer(world, customer, verdict) || !verdict.accepted()) return;
  std::set<std::string> names(request.subscriptions().begin(), request.subscriptions().end());
  const bool named = !names.empty();
  for (const auto& [key, subscription] : world.subscriptions) {
    if (named || key.first != customer || (subscription.state != "ACTIVE" && subscription.state != "SUSPENDED"))
      continue;
    if (!request.service_plan().empty() && IdsOf(request.service_plan()).first != subscription.plan) continue;
    for (const Key& license : LiveLicenses(world, key, world.today())) {
      if (request.product().empty() || IdsOf(request.product()).first == world.licenses.at(license).product) {
        names.insert("customers/" + customer + "/subscriptions/" + key.second);
      }
    }
  }
  for (const std::string& name : names) {
    World tried = world;
    Verdict one;
    PredictOne(request, name, tried, one);
    if (one.accepted()) {
      world = std::move(tried);
    } else if (named) {
      verdict = one;
      return;
    }
  }
}

}  // namespace lmp::random_test
