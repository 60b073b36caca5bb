// The numbers of enums: the wire casts between those of the protos and those of the code.
#include <google/protobuf/descriptor.h>

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/auth/roles.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/license/license_check.h"
#include "server/domain/subscription/crossgrade.h"
#include "storage/model/api_key.h"

namespace lmp::wire {
namespace {

using google::protobuf::EnumDescriptor;

template <class Enum>
void ExpectSameNumbers(const EnumDescriptor* proto) {
  EXPECT_EQ(std::size(model::EnumNames<Enum>::kNames), static_cast<size_t>(proto->value_count())) << proto->full_name();
  for (int i = 0; i < proto->value_count(); ++i) {
    EXPECT_EQ(model::NameOf(static_cast<Enum>(proto->value(i)->number())), proto->value(i)->name())
        << proto->full_name();
  }
}

TEST(EnumTest, OfTheModelAreThoseOfTheProto) {
  ExpectSameNumbers<model::CustomerState>(v1::Customer::State_descriptor());
  ExpectSameNumbers<model::PartnerTier>(v1::Partner::Tier_descriptor());
  ExpectSameNumbers<model::PartnerState>(v1::Partner::State_descriptor());
  ExpectSameNumbers<model::ProductKind>(v1::Product::Kind_descriptor());
  ExpectSameNumbers<model::ProductUnit>(v1::Product::Unit_descriptor());
  ExpectSameNumbers<model::Lifecycle>(v1::Product::Lifecycle_descriptor());
  ExpectSameNumbers<model::PlanVersion>(v1::ServicePlan::Version_descriptor());
  ExpectSameNumbers<model::ActivationPolicy>(v1::ServicePlan::ActivationPolicy_descriptor());
  ExpectSameNumbers<model::SubscriptionState>(v1::Subscription::State_descriptor());
  ExpectSameNumbers<model::LicenseState>(v1::License::State_descriptor());
  ExpectSameNumbers<model::ApiKeyState>(v1::ApiKey::State_descriptor());
}

// They are told apart by their names.
TEST(EnumTest, RolesAreThoseOfTheTable) {
  EXPECT_EQ(auth::RoleTable().size() + 1, static_cast<size_t>(v1::Role_descriptor()->value_count()));
  for (const auth::RoleRow& row : auth::RoleTable()) {
    EXPECT_NE(v1::Role_descriptor()->FindValueByName(std::string(row.name)), nullptr) << row.name;
  }
}

// Values in order of the domain's enum, whose names no table has: the proto's names are spelled out.
void ExpectNumbers(const EnumDescriptor* proto, const std::map<std::string, int>& domain) {
  std::map<std::string, int> numbers;
  for (int i = 0; i < proto->value_count(); ++i) numbers[proto->value(i)->name()] = proto->value(i)->number();
  EXPECT_EQ(numbers, domain) << proto->full_name();
}

TEST(EnumTest, OfTheDomainAreThoseOfTheProto) {
  const auto number = [](auto value) { return static_cast<int>(value); };
  using domain::CrossgradeExpiration, domain::CrossgradeMode, domain::PlanState, domain::Resolution,
      domain::UnusableReason;
  ExpectNumbers(v1::Crossgrade::Mode_descriptor(), {{"MODE_UNSPECIFIED", number(CrossgradeMode::kUnspecified)},
                                                    {"REJECT", number(CrossgradeMode::kReject)},
                                                    {"AUTOMATIC", number(CrossgradeMode::kAutomatic)},
                                                    {"EXPLICIT", number(CrossgradeMode::kExplicit)}});
  ExpectNumbers(v1::Crossgrade::Expiration_descriptor(),
                {{"EXPIRATION_UNSPECIFIED", number(CrossgradeExpiration::kUnspecified)},
                 {"PLAN_TERM", number(CrossgradeExpiration::kPlanTerm)},
                 {"KEEP_LATEST", number(CrossgradeExpiration::kKeepLatest)}});
  ExpectNumbers(v1::Crossgrade::Resolution::Choice_descriptor(),
                {{"CHOICE_UNSPECIFIED", number(Resolution::kUnspecified)},
                 {"TRANSFER", number(Resolution::kTransfer)},
                 {"NEW_LICENSE", number(Resolution::kNewLicense)}});
  ExpectNumbers(v1::ServicePlan::State_descriptor(), {{"STATE_UNSPECIFIED", number(PlanState::kUnspecified)},
                                                      {"AVAILABLE", number(PlanState::kAvailable)},
                                                      {"DISABLED", number(PlanState::kDisabled)},
                                                      {"LOCKED", number(PlanState::kLocked)},
                                                      {"END_OF_SALE", number(PlanState::kEndOfSale)},
                                                      {"END_OF_LIFE", number(PlanState::kEndOfLife)}});
  ExpectNumbers(v1::CheckLicenseResponse::Reason_descriptor(),
                {{"REASON_UNSPECIFIED", number(UnusableReason::kUnspecified)},
                 {"NO_LICENSE", number(UnusableReason::kNoLicense)},
                 {"CUSTOMER_UNKNOWN", number(UnusableReason::kCustomerUnknown)},
                 {"NOT_STARTED", number(UnusableReason::kNotStarted)},
                 {"NOT_ACTIVATED", number(UnusableReason::kNotActivated)},
                 {"EXPIRED", number(UnusableReason::kExpired)},
                 {"SUSPENDED", number(UnusableReason::kSuspended)},
                 {"DISABLED", number(UnusableReason::kDisabled)}});
}

}  // namespace
}  // namespace lmp::wire
