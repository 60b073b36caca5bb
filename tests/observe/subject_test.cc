#include "server/services/subject.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/rpcs/rpc.h"

namespace lmp::server {
namespace {

template <class Request>
Subject Of(const Request& request) {
  return SubjectFields(*Request::descriptor()).Of(request);
}

TEST(Subject, IsTheResourceThatARequestNames) {
  v1::GetCustomerRequest get;
  get.set_name("customers/bakery");
  EXPECT_EQ(Of(get).resource, "customers/bakery");
  EXPECT_FALSE(Of(get).preview);

  v1::UpdateCustomerRequest update;
  update.mutable_customer()->set_name("customers/bakery");
  update.set_validate_only(true);
  EXPECT_EQ(Of(update).resource, "customers/bakery");
  EXPECT_TRUE(Of(update).preview);

  v1::CreateCustomerRequest create;
  create.set_customer_id("corner");
  EXPECT_EQ(Of(create).resource, "corner");

  v1::AssignServicePlanRequest assign;
  assign.set_parent("customers/bakery");
  EXPECT_EQ(Of(assign).resource, "customers/bakery");

  v1::CheckLicenseRequest check;
  check.set_customer("customers/bakery");
  EXPECT_EQ(Of(check).resource, "customers/bakery");
}

TEST(Subject, ShowsNothingThatCantBeAName) {
  v1::GetCustomerRequest get;
  for (const char* text : {"ada.berg@bakery.example", "customers/The Corner", "customers/Bäckerei", "a\nb"}) {
    get.set_name(text);
    EXPECT_EQ(Of(get).resource, "(not a name)") << text;
  }
  get.set_name(std::string(300, 'a'));
  EXPECT_EQ(Of(get).resource, "(not a name)");
  EXPECT_EQ(Of(v1::GetCustomerRequest()).resource, "");
  EXPECT_EQ(Of(v1::UpdateCustomerRequest()).resource, "");
  v1::CreateApiKeyRequest key;
  key.set_parent("partners/acme-msp");
  EXPECT_EQ(Of(key).resource, "partners/acme-msp") << "what has no name yet is of its parent";
}

TEST(Subject, EveryMutationHasOne) {
  for (const rpcs::Rpc& rpc : rpcs::AllRpcs()) {
    if (!rpc.write) continue;
    std::unique_ptr<google::protobuf::Message> request(rpc.request->New());
    const google::protobuf::Descriptor& type = *request->GetDescriptor();
    bool found = false;
    // Whatever field it is: with all texts set, on the first two levels, there is a name.
    for (int i = 0; i < type.field_count(); ++i) {
      const auto* field = type.field(i);
      if (field->is_repeated()) continue;
      if (field->type() == google::protobuf::FieldDescriptor::TYPE_STRING) {
        request->GetReflection()->SetString(request.get(), field, "something");
      } else if (field->message_type() != nullptr && field->message_type()->FindFieldByName("name") != nullptr) {
        auto* inner = request->GetReflection()->MutableMessage(request.get(), field);
        inner->GetReflection()->SetString(inner, field->message_type()->FindFieldByName("name"), "something");
      }
    }
    found = SubjectFields(type).Of(*request).resource == "something";
    EXPECT_TRUE(found) << rpc.name;
  }
}

}  // namespace
}  // namespace lmp::server
