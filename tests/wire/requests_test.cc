// Every request names all that is wrong with it at once.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpcs/rpc.h"
#include "server/wire/mutation_request.h"
#include "server/wire/resources.h"
#include "server/wire/subscription_batch.h"
#include "tests/support/status_matchers.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kNewId[] = "01jq0000000000000000000000";

class NewIds final : public domain::IdSource {
 public:
  std::string NewId(absl::Time) override { return kNewId; }
  std::string NewActivationCode() override { return ""; }
};
NewIds new_ids;
const PageTokens tokens("secret");
const ServerContext kContext{new_ids, tokens, absl::InfiniteFuture()};

// As the table of RPCs has the request parsed.
std::set<std::string> Wrong(const google::protobuf::Message& request) {
  const rpcs::Rpc* rpc = rpcs::FindRpc(absl::StripSuffix(request.GetDescriptor()->name(), "Request"));
  return FieldsOf(rpcs::MutationOf(*rpc, request, kContext).status());
}

TEST(CreatePartnerTest, NamesAllThatIsWrong) {
  EXPECT_THAT(Wrong(v1::CreatePartnerRequest()), UnorderedElementsAre("partner.display_name", "partner.tier"));
  v1::CreatePartnerRequest request;
  request.set_partner_id("X!");
  request.mutable_partner()->set_display_name(std::string(129, 'x'));
  request.mutable_partner()->set_tier(static_cast<v1::Partner::Tier>(7));
  request.mutable_partner()->set_parent("distributor");
  EXPECT_THAT(Wrong(request),
              UnorderedElementsAre("partner_id", "partner.display_name", "partner.tier", "partner.parent"));
}

TEST(CreatePartnerTest, AResellerHasAParentAndADistributorHasNone) {
  v1::CreatePartnerRequest request;
  request.mutable_partner()->set_display_name("MSP");
  request.mutable_partner()->set_tier(v1::Partner::RESELLER);
  EXPECT_THAT(Wrong(request), ElementsAre("partner.parent"));
  request.mutable_partner()->set_parent("partners/distributor");
  ASSERT_OK_AND_ASSIGN(const auto command, ParseCreatePartner(request, kContext));
  EXPECT_EQ(command.partner.partner_id, kNewId);
  EXPECT_EQ(command.partner.parent_id, "distributor");
  request.mutable_partner()->set_tier(v1::Partner::DISTRIBUTOR);
  EXPECT_THAT(Wrong(request), ElementsAre("partner.parent"));
}

v1::CreateCustomerRequest GoodCustomer() {
  v1::CreateCustomerRequest request;
  v1::Customer& customer = *request.mutable_customer();
  customer.set_partner("partners/msp-one");
  customer.set_display_name("Bäckerei Müller 🥐");
  customer.set_city("Köln");
  customer.set_region("NRW");
  customer.set_country("DE");
  customer.mutable_contact()->set_given_name("Ada");
  customer.mutable_contact()->set_family_name("Müller");
  customer.mutable_contact()->set_email("ada+erp@example.com");
  return request;
}

TEST(CreateCustomerTest, NamesAllThatIsMissing) {
  EXPECT_THAT(Wrong(v1::CreateCustomerRequest()),
              UnorderedElementsAre("customer.partner", "customer.display_name", "customer.city", "customer.region",
                                   "customer.country", "customer.contact.given_name", "customer.contact.family_name",
                                   "customer.contact.email"));
}

TEST(CreateCustomerTest, NamesAllThatIsWrong) {
  v1::CreateCustomerRequest request;
  v1::Customer& customer = *request.mutable_customer();
  request.set_customer_id("a");
  customer.set_partner("partners/");
  customer.set_display_name(std::string(1'000'000, 'x'));
  customer.set_city(std::string("nul\0", 4));
  customer.set_region(std::string(65, 'x'));
  customer.set_country("de");
  customer.set_address(std::string(129, 'x'));
  customer.set_postal_code("12345678901");
  customer.set_industry("food");
  customer.set_note(std::string(501, 'x'));
  customer.add_emergency_emails("fine@example.com");
  customer.add_emergency_emails("two@at@example.com");
  customer.mutable_contact()->set_given_name(std::string(51, 'x'));
  customer.mutable_contact()->set_family_name("\x07");
  customer.mutable_contact()->set_email("@example.com");
  customer.set_external_id(std::string(65, 'x'));
  (*customer.mutable_annotations())["key"] = std::string(257, 'x');
  EXPECT_THAT(Wrong(request),
              UnorderedElementsAre("customer_id", "customer.partner", "customer.display_name", "customer.city",
                                   "customer.region", "customer.country", "customer.address", "customer.postal_code",
                                   "customer.industry", "customer.note", "customer.emergency_emails[1]",
                                   "customer.contact.given_name", "customer.contact.family_name",
                                   "customer.contact.email", "customer.external_id", "customer.annotations[key]"));
}

TEST(CreateCustomerTest, CountsCharactersAndNotBytes) {
  v1::CreateCustomerRequest request = GoodCustomer();
  std::string croissants;
  for (int i = 0; i < 64; ++i) croissants += "🥐";
  request.mutable_customer()->set_city(croissants);
  EXPECT_OK(ParseCreateCustomer(request, kContext));
  request.mutable_customer()->set_city(croissants + "🥐");
  EXPECT_THAT(Wrong(request), ElementsAre("customer.city"));
}

TEST(CreateCustomerTest, LimitsListsAndMaps) {
  v1::CreateCustomerRequest request = GoodCustomer();
  for (int i = 0; i < 11; ++i) request.mutable_customer()->add_emergency_emails("a@b");
  for (int i = 0; i < 33; ++i) (*request.mutable_customer()->mutable_annotations())[absl::StrCat("k", i)] = "v";
  EXPECT_THAT(Wrong(request), UnorderedElementsAre("customer.emergency_emails", "customer.annotations"));
}

TEST(CreateCustomerTest, AMessageOfAStatusStaysShortHoweverMuchIsWrong) {
  v1::CreateCustomerRequest request = GoodCustomer();
  for (int i = 0; i < 5000; ++i) request.mutable_customer()->add_emergency_emails("ü");
  const absl::Status status = ParseCreateCustomer(request, kContext).status();
  EXPECT_LT(status.message().size(), 2000U);
  EXPECT_EQ(FieldsOf(status).size(), domain::kMaxViolations);
  EXPECT_GE(domain::RefusalOf(status).more_violations, 5001U - domain::kMaxViolations);
}

TEST(CreateCustomerTest, TakesTheFieldsOfTheCallerAndNotTheOutputOnes) {
  v1::CreateCustomerRequest request = GoodCustomer();
  request.set_customer_id("bakery");
  request.mutable_customer()->set_name("customers/other");
  request.mutable_customer()->set_state(v1::Customer::DISABLED);
  request.mutable_customer()->mutable_delete_time()->set_seconds(1);
  ASSERT_OK_AND_ASSIGN(const auto command, ParseCreateCustomer(request, kContext));
  EXPECT_EQ(command.customer.customer_id, "bakery");
  EXPECT_EQ(command.customer.partner_id, "msp-one");
  EXPECT_EQ(command.customer.external_id, std::nullopt);
  EXPECT_EQ(command.customer.state, model::CustomerState::kEnabled);
  EXPECT_EQ(command.customer.delete_time, std::nullopt);
}

TEST(UpdateCustomerTest, ComplainsOnlyOfWhatItSets) {
  v1::UpdateCustomerRequest request;
  request.mutable_customer()->set_name("customers/bakery");
  request.mutable_customer()->set_note("new");
  ASSERT_OK_AND_ASSIGN(const auto command, ParseUpdateCustomer(request));
  EXPECT_THAT(command.patch.columns, ElementsAre("note"));
  request.mutable_update_mask()->add_paths("contact");
  request.mutable_update_mask()->add_paths("city");
  request.mutable_update_mask()->add_paths("color");
  request.mutable_customer()->clear_name();
  EXPECT_THAT(Wrong(request),
              UnorderedElementsAre("customer.name", "update_mask", "customer.city", "customer.contact.given_name",
                                   "customer.contact.family_name", "customer.contact.email"));
}

TEST(CreateProductTest, NamesAllThatIsWrong) {
  EXPECT_THAT(Wrong(v1::CreateProductRequest()),
              UnorderedElementsAre("product.display_name", "product.kind", "product.unit"));
  v1::CreateProductRequest request;
  v1::Product& product = *request.mutable_product();
  request.set_product_id("A");
  product.set_display_name(std::string(151, 'x'));
  product.set_kind(static_cast<v1::Product::Kind>(9));
  product.set_unit(static_cast<v1::Product::Unit>(-1));
  product.set_min_units(-1);
  product.set_max_units(1'000'000);
  product.set_family(std::string(65, 'x'));
  product.set_level(101);
  product.add_components("products/fine");
  product.add_components("product/x");
  product.add_components("");
  EXPECT_THAT(Wrong(request),
              UnorderedElementsAre("product_id", "product.display_name", "product.kind", "product.unit",
                                   "product.min_units", "product.max_units", "product.family", "product.level",
                                   "product.components[1]", "product.components[2]", "product.components"));
}

TEST(CreateProductTest, ASuiteHasComponentsAndNoUnit) {
  v1::CreateProductRequest request;
  request.mutable_product()->set_display_name("Suite");
  request.mutable_product()->set_kind(v1::Product::SUITE);
  request.mutable_product()->set_unit(v1::Product::SEAT);
  EXPECT_THAT(Wrong(request), UnorderedElementsAre("product.unit", "product.components"));
  request.mutable_product()->clear_unit();
  request.mutable_product()->add_components("products/two");
  request.mutable_product()->add_components("products/one");
  ASSERT_OK_AND_ASSIGN(const auto command, ParseCreateProduct(request, kContext));
  EXPECT_THAT(command.product.components, ElementsAre("one", "two"));
  request.mutable_product()->add_components("products/one");
  EXPECT_THAT(Wrong(request), ElementsAre("product.components"));
}

TEST(CreateServicePlanTest, NamesAllThatIsWrong) {
  EXPECT_THAT(Wrong(v1::CreateServicePlanRequest()),
              UnorderedElementsAre("service_plan.partner", "service_plan.display_name", "service_plan.product",
                                   "service_plan.initial_term_months"));
  v1::CreateServicePlanRequest request;
  v1::ServicePlan& plan = *request.mutable_service_plan();
  request.set_service_plan_id("-");
  plan.set_partner("x");
  plan.set_display_name("\x01");
  plan.set_product("products/A");
  plan.set_version(static_cast<v1::ServicePlan::Version>(3));
  plan.set_initial_term_months(67);
  plan.set_renewal_term_months(1);
  plan.set_grace_period_days(91);
  plan.set_expiration_notice_days(-1);
  plan.set_activation_policy(static_cast<v1::ServicePlan::ActivationPolicy>(3));
  plan.set_data_center(std::string(17, 'x'));
  EXPECT_THAT(Wrong(request),
              UnorderedElementsAre("service_plan_id", "service_plan.partner", "service_plan.display_name",
                                   "service_plan.product", "service_plan.version", "service_plan.initial_term_months",
                                   "service_plan.renewal_term_months", "service_plan.grace_period_days",
                                   "service_plan.expiration_notice_days", "service_plan.activation_policy",
                                   "service_plan.data_center"));
}

TEST(CreateServicePlanTest, ZeroDaysOfGraceAreNotNone) {
  v1::CreateServicePlanRequest request;
  v1::ServicePlan& plan = *request.mutable_service_plan();
  plan.set_partner("partners/msp-one");
  plan.set_display_name("Plan");
  plan.set_product("products/cas");
  plan.set_initial_term_months(12);
  EXPECT_EQ(ParseCreateServicePlan(request, kContext)->plan.terms.grace_period_days, 30);
  plan.set_grace_period_days(0);
  EXPECT_EQ(ParseCreateServicePlan(request, kContext)->plan.terms.grace_period_days, 0);
}

TEST(AssignServicePlanTest, NamesAllThatIsMissing) {
  EXPECT_THAT(Wrong(v1::AssignServicePlanRequest()), UnorderedElementsAre("parent", "service_plan"));
}

TEST(AssignServicePlanTest, NamesAllThatIsWrong) {
  v1::AssignServicePlanRequest request;
  request.set_parent("customers/A");
  request.set_service_plan("servicePlan/x");
  request.add_units()->set_product("products/cas");
  request.add_units()->set_product("cas");
  request.add_units()->set_product("products/cas");
  *request.mutable_start_date() = google::type::Date();
  request.mutable_crossgrade()->set_mode(static_cast<v1::Crossgrade::Mode>(4));
  request.mutable_crossgrade()->set_expiration(static_cast<v1::Crossgrade::Expiration>(3));
  request.mutable_crossgrade()->add_resolutions();
  auto* twice = request.mutable_crossgrade()->add_resolutions();
  twice->set_product("products/cas");
  twice->set_choice(v1::Crossgrade::Resolution::TRANSFER);
  *request.mutable_crossgrade()->add_resolutions() = *twice;
  request.mutable_align()->mutable_expiration_date()->set_year(2026);
  EXPECT_THAT(Wrong(request),
              UnorderedElementsAre("parent", "service_plan", "units[1].product", "units[2].product", "start_date",
                                   "crossgrade.mode", "crossgrade.expiration", "crossgrade.resolutions[0].product",
                                   "crossgrade.resolutions[0].choice", "crossgrade.resolutions[2].product",
                                   "align.expiration_date"));
}

TEST(AssignServicePlanTest, AlignsToASubscriptionOfTheSameCustomer) {
  v1::AssignServicePlanRequest request;
  request.set_parent("customers/bakery");
  request.set_service_plan("servicePlans/cas-annual");
  request.mutable_align();
  EXPECT_THAT(Wrong(request), ElementsAre("align"));
  request.mutable_align()->set_subscription("customers/butcher/subscriptions/s1");
  EXPECT_THAT(Wrong(request), ElementsAre("align.subscription"));
  request.mutable_align()->set_subscription("");
  EXPECT_THAT(Wrong(request), ElementsAre("align.subscription"));
  request.mutable_align()->set_subscription("customers/bakery/subscriptions/s1");
  EXPECT_EQ(ParseAssignServicePlan(request)->align.subscription, "s1");
  request.set_parent("Bakery");  // one mistake, named once
  EXPECT_THAT(Wrong(request), ElementsAre("parent"));
}

TEST(AssignServicePlanTest, ALongListIsRefusedAsAWhole) {
  v1::AssignServicePlanRequest request;
  request.set_parent("customers/bakery");
  request.set_service_plan("servicePlans/cas-annual");
  for (int i = 0; i < 100'000; ++i) {
    request.add_units()->set_product(absl::StrCat("products/p", i));
    request.mutable_crossgrade()->add_resolutions();
  }
  EXPECT_THAT(Wrong(request), UnorderedElementsAre("units", "crossgrade.resolutions"));
}

TEST(AssignServicePlanTest, HostileNumbersArriveAsTheyAre) {
  v1::AssignServicePlanRequest request;
  request.set_parent("customers/bakery");
  request.set_service_plan("servicePlans/cas-annual");
  request.add_units()->set_product("products/cas");
  for (const int units : {0, -1, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
    request.mutable_units(0)->set_units(units);
    EXPECT_EQ(ParseAssignServicePlan(request)->units.at("cas"), units);  // the decision knows the product's range
  }
}

}  // namespace
}  // namespace lmp::wire
