#include "server/domain/catalog/plan_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "tests/domain/demo_catalog.h"

namespace lmp::domain {
namespace {

using model::Lifecycle;
using testing::ElementsAre;

constexpr char kSuite[] = "worry-free-with-xdr";
constexpr char kComponent[] = "cloud-app-security";

class PlanStateTest : public testing::Test {
 protected:
  model::Product& product(const std::string& id) { return *Find(catalog_.products, id); }
  model::ServicePlan& plan() { return *Find(catalog_.service_plans, "xdr-annual"); }
  PlanState state() { return PlanStateOf(catalog_, plan()); }
  Refusal refusal() { return RefusalOf(CheckAssignable(catalog_, plan())); }

  model::Catalog catalog_ = *TheDemoCatalog().catalog;
};

TEST_F(PlanStateTest, CompositionIsTheProductItselfOrTheSortedComponents) {
  EXPECT_THAT(CompositionOf(product(kComponent)), ElementsAre(kComponent));
  product(kSuite).components = {"c", "a", "b"};
  EXPECT_THAT(CompositionOf(product(kSuite)), ElementsAre("a", "b", "c"));
}

TEST_F(PlanStateTest, AnEnabledPlanOnWhatIsSoldIsAvailable) {
  EXPECT_EQ(state(), PlanState::kAvailable);
  EXPECT_TRUE(CheckAssignable(catalog_, plan()).ok());
  EXPECT_TRUE(CheckOnSale(catalog_, product(kSuite)).ok());
}

TEST_F(PlanStateTest, EachStateHasItsReason) {
  plan().enabled = false;
  EXPECT_EQ(state(), PlanState::kDisabled);
  EXPECT_EQ(refusal().reason, reason::kPlanDisabled);
  EXPECT_EQ(refusal().resource, "servicePlans/xdr-annual");
  product(kSuite).components.push_back("hosted-email-security");
  EXPECT_EQ(state(), PlanState::kLocked);
  EXPECT_EQ(refusal().reason, reason::kPlanLocked);
  EXPECT_EQ(refusal().resource, "servicePlans/xdr-annual");
  product(kComponent).lifecycle = Lifecycle::kEndOfSale;
  EXPECT_EQ(state(), PlanState::kEndOfSale);
  EXPECT_EQ(refusal().reason, reason::kProductEndOfSale);
  EXPECT_EQ(refusal().resource, "products/cloud-app-security");
  product("hosted-email-security").lifecycle = Lifecycle::kEndOfLife;
  EXPECT_EQ(state(), PlanState::kEndOfLife);
  EXPECT_EQ(refusal().reason, reason::kProductEndOfLife);
  EXPECT_EQ(refusal().resource, "products/hosted-email-security");
}

TEST_F(PlanStateTest, ASuiteIsAsFarInItsLifeAsItsFurthestPart) {
  for (const Lifecycle suite : {Lifecycle::kOnSale, Lifecycle::kEndOfSale, Lifecycle::kEndOfLife}) {
    for (const Lifecycle component : {Lifecycle::kOnSale, Lifecycle::kEndOfSale, Lifecycle::kEndOfLife}) {
      product(kSuite).lifecycle = suite;
      product(kComponent).lifecycle = component;
      const Lifecycle furthest = std::max(suite, component);
      EXPECT_EQ(state(), furthest == Lifecycle::kOnSale      ? PlanState::kAvailable
                         : furthest == Lifecycle::kEndOfSale ? PlanState::kEndOfSale
                                                             : PlanState::kEndOfLife);
      EXPECT_EQ(CheckOnSale(catalog_, product(kSuite)).ok(), furthest == Lifecycle::kOnSale);
    }
  }
}

TEST_F(PlanStateTest, LifecyclesOfOtherProductsDoNotMatter) {
  product("hosted-email-security").lifecycle = Lifecycle::kEndOfLife;
  EXPECT_EQ(state(), PlanState::kAvailable);
}

TEST_F(PlanStateTest, ApprovedCompositionUnlocks) {
  product(kSuite).components = {"cloud-app-security"};
  EXPECT_EQ(state(), PlanState::kLocked);
  plan().components = CompositionOf(product(kSuite));
  EXPECT_EQ(state(), PlanState::kAvailable);
}

TEST_F(PlanStateTest, APlanOnAProductThatIsNotThereCannotBeAssigned) {
  plan().product_id = "gone";
  EXPECT_EQ(state(), PlanState::kUnspecified);
  EXPECT_EQ(refusal().reason, reason::kProductNotFound);
  EXPECT_EQ(refusal().resource, "products/gone");
}

}  // namespace
}  // namespace lmp::domain
