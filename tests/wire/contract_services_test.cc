// What every RPC has, by what kind it is of.
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/api/field_behavior.pb.h"
#include "gtest/gtest.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/refusal.h"
#include "server/ids.h"
#include "server/rpcs/rpc.h"
#include "server/wire/bounds.h"
#include "tests/wire/contract.h"

namespace lmp::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

// Its own field, or one of the resource that a request carries.
bool HasEtag(const Descriptor& request) {
  if (request.FindFieldByName("etag") != nullptr) return true;
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor* field = request.field(i);
    if (field->message_type() != nullptr && !field->is_repeated() &&
        field->message_type()->FindFieldByName("etag") != nullptr) {
      return true;
    }
  }
  return false;
}

bool HasField(const Descriptor& type, const char* name, FieldDescriptor::Type of_type) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  return field != nullptr && field->type() == of_type && !field->is_repeated();
}

TEST(ServiceTest, EveryMutationHasRequestIdEtagValidateOnlyAndPreviewToken) {
  int mutations = 0;
  for (const MethodDescriptor* method : Methods()) {
    if (IsRead(*method)) continue;
    ++mutations;
    const Descriptor& request = *method->input_type();
    EXPECT_TRUE(HasField(request, "request_id", FieldDescriptor::TYPE_STRING)) << method->full_name();
    EXPECT_TRUE(HasField(request, "validate_only", FieldDescriptor::TYPE_BOOL)) << method->full_name();
    EXPECT_TRUE(HasEtag(request)) << method->full_name();
    EXPECT_TRUE(HasField(request, "preview_token", FieldDescriptor::TYPE_STRING)) << method->full_name();
    EXPECT_TRUE(HasField(*method->output_type(), "preview_token", FieldDescriptor::TYPE_STRING)) << method->full_name();
    const FieldDescriptor* changes = method->output_type()->FindFieldByName("changes");
    ASSERT_NE(changes, nullptr) << method->full_name();
    EXPECT_TRUE(changes->is_repeated() && changes->message_type() == v1::Change::descriptor()) << method->full_name();
  }
  EXPECT_GE(mutations, 8);
}

// Whether a response shows licenses, itself or in what it holds; of a roll-out, that it is about them.
bool ShowsLicenses(const Descriptor& type, std::set<const Descriptor*>& seen) {
  if (&type == v1::License::descriptor() || &type == v1::BatchApplyPlanUpdatesResponse::descriptor()) return true;
  if (!seen.insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const Descriptor* field_type = type.field(i)->message_type();
    if (field_type != nullptr && ShowsLicenses(*field_type, seen)) return true;
  }
  return false;
}

TEST(ServiceTest, EveryMutationThatShowsLicensesHasAdvisories) {
  int with = 0;
  for (const MethodDescriptor* method : Methods()) {
    std::set<const Descriptor*> seen;
    if (IsRead(*method) || !ShowsLicenses(*method->output_type(), seen)) continue;
    ++with;
    const FieldDescriptor* field = method->output_type()->FindFieldByName("advisories");
    ASSERT_NE(field, nullptr) << method->full_name();
    EXPECT_TRUE(field->is_repeated() && field->message_type() == v1::Advisory::descriptor()) << method->full_name();
    EXPECT_EQ(field->number(), 101) << method->full_name();
  }
  EXPECT_GE(with, 14);
}

TEST(ServiceTest, NoReadHasThem) {
  for (const MethodDescriptor* method : Methods()) {
    if (!IsRead(*method)) continue;
    EXPECT_EQ(method->input_type()->FindFieldByName("request_id"), nullptr) << method->full_name();
    EXPECT_EQ(method->input_type()->FindFieldByName("validate_only"), nullptr) << method->full_name();
    EXPECT_EQ(method->input_type()->FindFieldByName("preview_token"), nullptr) << method->full_name();
  }
}

TEST(ServiceTest, EveryListHasPages) {
  for (const MethodDescriptor* method : Methods()) {
    if (!absl::StartsWith(method->name(), "List")) continue;
    EXPECT_TRUE(HasField(*method->input_type(), "page_size", FieldDescriptor::TYPE_INT32)) << method->full_name();
    EXPECT_TRUE(HasField(*method->input_type(), "page_token", FieldDescriptor::TYPE_STRING)) << method->full_name();
    EXPECT_TRUE(HasField(*method->output_type(), "next_page_token", FieldDescriptor::TYPE_STRING))
        << method->full_name();
  }
}

// Reads of stored resources, which have a past and may be wide.
bool ReadsResources(const MethodDescriptor& method) {
  // Computed for the caller and the moment, or not of resources.
  static const auto& others =
      *new std::set<std::string>{"ListAssignableServicePlans", "GetUsageReport", "ListLicenseTokenKeys",
                                 "GetLicenseRevocationList",   "GetHistoryHead", "GetEventProof"};
  for (const char* verb : {"Get", "List", "BatchGet"}) {
    if (absl::StartsWith(method.name(), verb)) return !others.contains(method.name());
  }
  return false;
}

TEST(ServiceTest, EveryReadOfResourcesHasAMaskAndAnInstant) {
  int reads = 0;
  for (const MethodDescriptor* method : Methods()) {
    if (!ReadsResources(*method)) continue;
    ++reads;
    const Descriptor& request = *method->input_type();
    EXPECT_TRUE(HasField(request, "read_mask", FieldDescriptor::TYPE_MESSAGE)) << method->full_name();
    // What an event says is never changed.
    const bool of_events = absl::EndsWith(method->name(), "Event") || absl::EndsWith(method->name(), "Events");
    EXPECT_EQ(HasField(request, "read_time", FieldDescriptor::TYPE_MESSAGE), !of_events) << method->full_name();
  }
  EXPECT_GE(reads, 20);
}

TEST(ServiceTest, EveryListOfResourcesHasAFilterAndAnOrder) {
  int lists = 0;
  for (const MethodDescriptor* method : Methods()) {
    if (!absl::StartsWith(method->name(), "List") || !ReadsResources(*method)) continue;
    ++lists;
    EXPECT_TRUE(HasField(*method->input_type(), "filter", FieldDescriptor::TYPE_STRING)) << method->full_name();
    EXPECT_TRUE(HasField(*method->input_type(), "order_by", FieldDescriptor::TYPE_STRING)) << method->full_name();
    const FieldDescriptor* items = method->output_type()->field(0);  // what listing.h fills
    EXPECT_TRUE(items->is_repeated() && items->message_type() != nullptr) << method->full_name();
    // A resource that can be deleted softly is hidden then, unless asked for.
    if (items->message_type()->FindFieldByName("delete_time") == nullptr) continue;
    EXPECT_TRUE(HasField(*method->input_type(), "show_deleted", FieldDescriptor::TYPE_BOOL)) << method->full_name();
  }
  EXPECT_GE(lists, 10);
}

// A new list in a request gets the option (lmp.v1.limits): without one no entry would be taken.
TEST(ServiceTest, EveryListInARequestHasALimit) {
  for (const MethodDescriptor* method : Methods()) {
    EXPECT_THAT(Bounds::Of(*method->input_type()).Unlimited(), IsEmpty()) << method->full_name();
  }
}

TEST(ServiceTest, EveryRpcIsInTheTableOnce) {
  std::vector<std::string> table, promised;
  for (const rpcs::Rpc& rpc : rpcs::AllRpcs()) table.push_back(rpc.name);
  for (const MethodDescriptor* method : Methods()) {
    promised.push_back(method->name());
    const rpcs::Rpc* rpc = rpcs::FindRpc(method->name());
    ASSERT_NE(rpc, nullptr) << method->full_name();
    EXPECT_EQ(rpc->request->GetDescriptor(), method->input_type()) << method->full_name();
    EXPECT_EQ(rpc->response->GetDescriptor(), method->output_type()) << method->full_name();
    EXPECT_EQ(int{rpc->write != nullptr} + int{rpc->read != nullptr} + int{rpc->serve != nullptr} +
                  int{rpc->stream != nullptr},
              1)
        << method->full_name();
  }
  EXPECT_THAT(table, UnorderedElementsAreArray(promised));
}

// What the request says is required (google.api.field_behavior) is missed in an empty one, by its name.
TEST(ServiceTest, WhatIsRequiredIsMissed) {
  server::SystemIds ids;
  const PageTokens tokens("secret");
  int required = 0;
  for (const rpcs::Rpc& rpc : rpcs::AllRpcs()) {
    if (!rpc.write) continue;
    const auto mutation = rpcs::MutationOf(rpc, *rpc.request, ServerContext{ids, tokens, absl::InfiniteFuture()});
    std::set<std::string> missed;
    for (const domain::FieldViolation& violation : domain::RefusalOf(mutation.status()).violations) {
      missed.insert(violation.field.substr(0, violation.field.find('.')));
    }
    const Descriptor& request = *rpc.request->GetDescriptor();
    for (int i = 0; i < request.field_count(); ++i) {
      const auto& behavior = request.field(i)->options().GetRepeatedExtension(google::api::field_behavior);
      if (std::find(behavior.begin(), behavior.end(), google::api::REQUIRED) == behavior.end()) continue;
      ++required;
      EXPECT_TRUE(missed.contains(request.field(i)->name())) << request.field(i)->full_name();
    }
  }
  EXPECT_GE(required, 40);
}

// An empty request lacks something, or is fine; none meets code that does not fit its type.
TEST(ServiceTest, EveryMutationCanReadItsRequest) {
  server::SystemIds ids;
  const PageTokens tokens("secret");
  int mutations = 0;
  for (const rpcs::Rpc& rpc : rpcs::AllRpcs()) {
    if (!rpc.write) continue;
    ++mutations;
    const auto mutation = rpcs::MutationOf(rpc, *rpc.request, ServerContext{ids, tokens, absl::InfiniteFuture()});
    EXPECT_TRUE(absl::IsInvalidArgument(mutation.status())) << rpc.name << ": " << mutation.status();
  }
  EXPECT_GE(mutations, 40);
}

}  // namespace
}  // namespace lmp::wire
