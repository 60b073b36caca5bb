#include "client/cli/contract/field_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "client/cli/contract/commands.h"
#include "client/cli/output/columns.h"
#include "lmp/v1/customer.pb.h"
#include "lmp/v1/product.pb.h"
#include "lmp/v1/service_plan.pb.h"

namespace lmp::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Not;

std::vector<std::string> FlagNames(const google::protobuf::Descriptor& type) {
  std::vector<std::string> names;
  for (const FieldFlag& flag : FieldFlags(type, {})) names.push_back(flag.name);
  return names;
}

template <typename Message>
absl::Status Set(const std::string& path, const std::vector<std::string>& values, Message& message) {
  return SetField(FlagForPath(*Message::descriptor(), path), values, message);
}

TEST(FieldFlags, AreTheFieldsACallerMaySet) {
  EXPECT_THAT(FlagNames(*v1::Customer::descriptor()),
              ElementsAre("partner", "display-name", "city", "region", "country", "address", "postal-code", "industry",
                          "note", "emergency-emails", "contact-given-name", "contact-family-name", "contact-email",
                          "external-id", "annotations"));
  EXPECT_THAT(FlagNames(*v1::Product::descriptor()), Not(Contains("lifecycle")));
  EXPECT_THAT(FlagNames(*v1::Product::descriptor()), Contains("components"));
  EXPECT_THAT(FlagNames(*v1::ServicePlan::descriptor()), Not(Contains("components")));
  EXPECT_THAT(FlagNames(*v1::ServicePlan::descriptor()), Not(Contains("enabled")));
}

TEST(FieldFlags, TakeTheirHelpFromTheContract) {
  EXPECT_THAT(FlagForPath(*v1::Customer::descriptor(), "address").Help(), HasSubstr("Up to 128 characters."));
  EXPECT_THAT(FlagForPath(*v1::Customer::descriptor(), "contact.given_name").Help(), HasSubstr("1 to 50 characters"));
  EXPECT_THAT(FlagForPath(*v1::Product::descriptor(), "kind").Help(), HasSubstr("One of SERVICE, SOFTWARE, SUITE."));
}

TEST(SetField, SetsEveryKindOfField) {
  v1::Customer customer;
  EXPECT_TRUE(Set("contact.given_name", {"Ada"}, customer).ok());
  EXPECT_TRUE(Set("emergency_emails", {"a@b", "c@d"}, customer).ok());
  EXPECT_TRUE(Set("annotations", {"k=v=w", "e="}, customer).ok());
  EXPECT_EQ(customer.contact().given_name(), "Ada");
  EXPECT_THAT(customer.emergency_emails(), ElementsAre("a@b", "c@d"));
  EXPECT_EQ(customer.annotations().at("k"), "v=w");
  EXPECT_EQ(customer.annotations().at("e"), "");
  v1::ServicePlan plan;
  EXPECT_TRUE(Set("activation_policy", {"on-first-sign-in"}, plan).ok());
  EXPECT_TRUE(Set("auto_renewal", {"true"}, plan).ok());
  EXPECT_TRUE(Set("grace_period_days", {"0"}, plan).ok());
  EXPECT_EQ(plan.activation_policy(), v1::ServicePlan::ON_FIRST_SIGN_IN);
  EXPECT_TRUE(plan.auto_renewal());
  EXPECT_TRUE(plan.has_grace_period_days());
}

TEST(SetField, CompletesShortResourceNames) {
  v1::Product suite;
  EXPECT_TRUE(Set("components", {"cas", "products/hes"}, suite).ok());
  EXPECT_THAT(suite.components(), ElementsAre("products/cas", "products/hes"));
  v1::ServicePlan plan;
  EXPECT_TRUE(Set("partner", {"msp"}, plan).ok());
  EXPECT_EQ(plan.partner(), "partners/msp");
}

TEST(SetField, OneEmptyValueEmptiesAList) {
  v1::Customer customer;
  customer.add_emergency_emails("old");
  EXPECT_TRUE(Set("emergency_emails", {""}, customer).ok());
  EXPECT_THAT(customer.emergency_emails(), ElementsAre());
}

TEST(SetField, SaysWhatIsWrongWithAValue) {
  v1::Product product;
  EXPECT_EQ(Set("kind", {"saas"}, product).message(), "--kind saas: must be one of SERVICE, SOFTWARE, SUITE");
  EXPECT_EQ(Set("kind", {"KIND_UNSPECIFIED"}, product).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Set("min_units", {"many"}, product).message(), "--min-units many: must be a whole number");
  EXPECT_EQ(Set("min_units", {"99999999999"}, product).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Set("nfr_allowed", {"maybe"}, product).message(), "--nfr-allowed maybe: must be true or false");
  EXPECT_EQ(Set("unit", {"seat", "user"}, product).message(), "--unit is given more than once");
  v1::Customer customer;
  EXPECT_EQ(Set("annotations", {"k"}, customer).message(), "--annotations k: must be KEY=VALUE");
}

// Each entry of the table names fields that its request has.
TEST(Commands, FitTheContract) {
  for (const Command& command : Commands()) {
    SCOPED_TRACE(std::string(command.group) + " " + std::string(command.verb));
    for (const Positional& positional : command.positionals) {
      const FieldFlag flag = FlagForPath(*command.descriptor().input_type(), positional.field);
      EXPECT_THAT(flag.fields, Not(Contains(nullptr)));
    }
    const bool only_asks = command.verb == "get" || command.verb == "check";
    if (!only_asks) continue;
    for (const FieldFlag& flag : command.Flags())
      EXPECT_TRUE(flag.name == "read-time" || flag.name == "read-mask" || flag.name == "max-staleness") << flag.name;
  }
}

// A list whose items have no columns could not be shown.
TEST(Commands, ShowEveryListAsATable) {
  for (const Command& command : Commands()) {
    const auto* items_field = ListedItems(*command.descriptor().output_type());
    if (items_field == nullptr) continue;
    SCOPED_TRACE(std::string(command.group) + " " + std::string(command.verb));
    EXPECT_FALSE(ColumnsOf(*items_field->message_type()).empty());
  }
}

// An RPC of the contract that has no command is one that was forgotten.
TEST(Commands, CoverEveryRpcButTheAssignment) {
  for (const char* name : {"lmp.v1.CustomerService", "lmp.v1.LicensingService"}) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string& method = service->method(i)->full_name();
      const bool has_command = std::any_of(Commands().begin(), Commands().end(),
                                           [&](const Command& command) { return command.method == method; });
      EXPECT_EQ(has_command, service->method(i)->name() != "AssignServicePlan") << method;
    }
  }
}

}  // namespace
}  // namespace lmp::cli
