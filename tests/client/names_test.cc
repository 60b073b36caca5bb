#include "lmp/names.h"

#include <gtest/gtest.h>

namespace lmp::client {
namespace {

TEST(FullName, CompletesShortNames) {
  EXPECT_EQ(CustomerName("acme"), "customers/acme");
  EXPECT_EQ(CustomerName("-"), "customers/-");
  EXPECT_EQ(PartnerName("north"), "partners/north");
  EXPECT_EQ(ProductName("cas"), "products/cas");
  EXPECT_EQ(ServicePlanName("cas-annual"), "servicePlans/cas-annual");
  EXPECT_EQ(FullName("customers/*/licenses/*", "acme/01h8"), "customers/acme/licenses/01h8");
}

TEST(FullName, LeavesFullNamesAlone) {
  EXPECT_EQ(CustomerName("customers/acme"), "customers/acme");
  EXPECT_EQ(FullName("customers/*/licenses/*", "customers/acme/licenses/01h8"), "customers/acme/licenses/01h8");
}

TEST(FullName, LeavesWhatDoesNotFitToTheServer) {
  EXPECT_EQ(CustomerName(""), "");
  EXPECT_EQ(CustomerName("a/b"), "a/b");
  EXPECT_EQ(FullName("customers/*/licenses/*", "01h8"), "01h8");
}

TEST(FullName, TakesACollectionsNameAsAnIdWhereItStandsAlone) {
  EXPECT_EQ(CustomerName("customers"), "customers/customers");
}

}  // namespace
}  // namespace lmp::client
