#include "server/domain/subscription/transitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "server/domain/reasons.h"
#include "server/domain/refusal.h"

namespace lmp::domain {
namespace {

using model::SubscriptionState;

std::optional<SubscriptionState> InTable(SubscriptionState from, SubscriptionVerb verb) {
  for (const Transition& transition : kTransitions) {
    if (transition.from == from && transition.verb == verb) return transition.to;
  }
  return std::nullopt;
}

TEST(ApplyTransition, DoesForEveryStateAndVerbWhatTheTableSaysAndRefusesTheRest) {
  int allowed = 0;
  for (const SubscriptionState from : {SubscriptionState::kActive, SubscriptionState::kSuspended,
                                       SubscriptionState::kDisabled, SubscriptionState::kUnbundled}) {
    for (int i = 0; i < kSubscriptionVerbs; ++i) {
      const auto verb = static_cast<SubscriptionVerb>(i);
      SCOPED_TRACE(testing::Message() << NameOf(from) << " " << NameOf(verb));
      model::Subscription subscription{.customer_id = "acme", .subscription_id = "s1", .state = from};
      const absl::Status status = ApplyTransition(subscription, verb);
      if (const auto to = InTable(from, verb)) {
        ++allowed;
        EXPECT_TRUE(status.ok()) << status;
        EXPECT_EQ(subscription.state, *to);
      } else {
        EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
        EXPECT_EQ(RefusalOf(status).reason, reason::kWrongState);
        EXPECT_EQ(RefusalOf(status).metadata.at("state"), NameOf(from));
        EXPECT_EQ(subscription.state, from);
      }
    }
  }
  EXPECT_EQ(allowed, static_cast<int>(std::size(kTransitions)));
}

TEST(ApplyTransition, LeavesNoWayOutOfAnEnd) {
  for (int i = 0; i < kSubscriptionVerbs; ++i) {
    EXPECT_FALSE(InTable(SubscriptionState::kDisabled, static_cast<SubscriptionVerb>(i)).has_value());
    EXPECT_FALSE(InTable(SubscriptionState::kUnbundled, static_cast<SubscriptionVerb>(i)).has_value());
  }
}

TEST(NameOf, HasAWordForEveryVerb) {
  for (int i = 0; i < kSubscriptionVerbs; ++i) EXPECT_FALSE(NameOf(static_cast<SubscriptionVerb>(i)).empty());
}

}  // namespace
}  // namespace lmp::domain
