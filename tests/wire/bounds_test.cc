// How much a request may have: counted before a message is made of it, in linear time and without memory.
#include "server/wire/bounds.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <time.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "lmp/v1/limits.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
namespace {

using ::lmp::testing::IsOk;
using ::lmp::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class Request>
absl::Status Check(const Request& request) {
  return Bounds::Of(*Request::descriptor()).Check(request.SerializeAsString());
}

// A field of this number with these bytes.
std::string Field(int number, const std::string& bytes) {
  std::string out;
  for (uint64_t left : {static_cast<uint64_t>(number) << 3 | 2, static_cast<uint64_t>(bytes.size())}) {
    for (; left >= 0x80; left >>= 7) out.push_back(static_cast<char>(left | 0x80));
    out.push_back(static_cast<char>(left));
  }
  return out + bytes;
}

std::string Times(int count, const std::string& bytes) {
  std::string out;
  for (int i = 0; i < count; ++i) out += bytes;
  return out;
}

// A message as no request of ours is yet: `repeated int32 numbers = 1`, at most three, and `Box inner = 2`.
const Bounds& BoundsOfABox() {
  static auto& pool = *new google::protobuf::DescriptorPool(google::protobuf::DescriptorPool::generated_pool());
  static const google::protobuf::FileDescriptor& file = []() -> const google::protobuf::FileDescriptor& {
    google::protobuf::FileDescriptorProto made;
    made.set_name("box.proto");
    google::protobuf::DescriptorProto& box = *made.add_message_type();
    box.set_name("Box");
    google::protobuf::FieldDescriptorProto& numbers = *box.add_field();
    numbers.set_name("numbers");
    numbers.set_number(1);
    numbers.set_label(google::protobuf::FieldDescriptorProto::LABEL_REPEATED);
    numbers.set_type(google::protobuf::FieldDescriptorProto::TYPE_INT32);
    numbers.mutable_options()->set_packed(true);
    numbers.mutable_options()->MutableExtension(v1::limits)->set_max_items(3);
    google::protobuf::FieldDescriptorProto& inner = *box.add_field();
    inner.set_name("inner");
    inner.set_number(2);
    inner.set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    inner.set_type(google::protobuf::FieldDescriptorProto::TYPE_MESSAGE);
    inner.set_type_name("Box");
    return *pool.BuildFile(made);
  }();
  return Bounds::Of(*file.message_type(0));
}

// What this thread has used of a processor: however busy the machine is.
absl::Duration OwnTime() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return absl::DurationFromTimespec(used);
}

TEST(BoundsTest, ListsEndAtTheirLimit) {
  v1::CreateCustomerRequest request;
  for (int i = 0; i < 10; ++i) request.mutable_customer()->add_emergency_emails("a@b");
  EXPECT_THAT(Check(request), IsOk());
  request.mutable_customer()->add_emergency_emails("");
  EXPECT_THAT(FieldsOf(Check(request)), ElementsAre("customer.emergency_emails"));
  EXPECT_THAT(Check(request).message(), HasSubstr("must have at most 10 entries"));
}

TEST(BoundsTest, MapsEndAtTheirLimit) {
  v1::CreateCustomerRequest request;
  for (int i = 0; i < 33; ++i) (*request.mutable_customer()->mutable_annotations())[absl::StrCat(i)] = "";
  EXPECT_THAT(FieldsOf(Check(request)), ElementsAre("customer.annotations"));
  request.mutable_customer()->mutable_annotations()->erase("0");
  EXPECT_THAT(Check(request), IsOk());
  (*request.mutable_customer()->mutable_annotations())["1"] = std::string(kMaxTextBytes + 1, 'x');
  EXPECT_THAT(FieldsOf(Check(request)), ElementsAre("customer.annotations"));
}

TEST(BoundsTest, TextsEndAtTheirLimit) {
  v1::BatchGetCustomersRequest request;
  request.add_names("customers/acme");
  request.add_names(std::string(kMaxTextBytes, 'x'));
  EXPECT_THAT(Check(request), IsOk());
  request.add_names(std::string(kMaxTextBytes + 1, 'x'));
  EXPECT_THAT(FieldsOf(Check(request)), ElementsAre("names"));
}

TEST(BoundsTest, AnElementIsNamedByItsNumber) {
  v1::BatchCheckLicensesRequest request;
  for (int i = 0; i < 3; ++i) request.add_requests()->set_customer("customers/acme");
  request.mutable_requests(2)->set_product(std::string(5000, 'x'));
  EXPECT_THAT(FieldsOf(Check(request)), ElementsAre("requests[2].product"));
}

TEST(BoundsTest, OfAllThatIsTooMuchOnlyTheFirstIsNamed) {
  v1::CreateCustomerRequest request;
  request.mutable_customer()->set_display_name(std::string(5000, 'x'));
  request.mutable_customer()->set_note(std::string(5000, 'x'));
  for (int i = 0; i < 100; ++i) request.mutable_customer()->add_emergency_emails("");
  EXPECT_THAT(FieldsOf(Check(request)), ElementsAre("customer.display_name"));
}

TEST(BoundsTest, MasksHaveALimitToo) {
  v1::ListCustomersRequest request;
  for (uint32_t i = 0; i < kMaxMaskPaths; ++i) request.mutable_read_mask()->add_paths("name");
  EXPECT_THAT(Check(request), IsOk());
  request.mutable_read_mask()->add_paths("name");
  EXPECT_THAT(FieldsOf(Check(request)), ElementsAre("read_mask"));
}

// protobuf merges what is given twice: ten addresses, a thousand times, would be ten thousand.
TEST(BoundsTest, AMessageIsGivenOnce) {
  v1::CreateCustomerRequest request;
  for (int i = 0; i < 10; ++i) request.mutable_customer()->add_emergency_emails("a@b");
  const std::string once = request.SerializeAsString();
  const Bounds& bounds = Bounds::Of(*request.GetDescriptor());
  EXPECT_THAT(bounds.Check(once), IsOk());
  EXPECT_THAT(FieldsOf(bounds.Check(once + once)), ElementsAre("customer"));
}

TEST(BoundsTest, WhatANewerClientSendsIsSteppedOver) {
  v1::CreateCustomerRequest request;
  request.mutable_customer()->set_note(std::string(100, 'x'));
  const Bounds& bounds = Bounds::Of(*request.GetDescriptor());
  const std::string some = Field(999, "x");
  EXPECT_THAT(bounds.Check(request.SerializeAsString() + Times(kMaxUnknownFields, some)), IsOk());
  EXPECT_THAT(FieldsOf(bounds.Check(Times(kMaxUnknownFields + 1, some))), ElementsAre("field number 999"));
  // The smallest request that has too much of anything.
  const Bounds& small = Bounds::Of(*v1::BatchGetCustomersRequest::descriptor());
  EXPECT_THAT(small.Check(Times(kMaxUnknownFields, Field(15, ""))), IsOk());
  EXPECT_THAT(FieldsOf(small.Check(Times(kMaxUnknownFields + 1, Field(15, "")))), ElementsAre("field number 15"));
}

// A number where a text is expected: protobuf steps over it, as over a field that it does not know.
TEST(BoundsTest, AFieldOfAnotherTypeIsUnknown) {
  const Bounds& bounds = Bounds::Of(*v1::BatchGetCustomersRequest::descriptor());
  const std::string number = "\x08\x01";
  EXPECT_THAT(bounds.Check(Times(kMaxUnknownFields, number)), IsOk());
  EXPECT_THAT(FieldsOf(bounds.Check(Times(kMaxUnknownFields + 1, number))), ElementsAre("field number 1"));
}

TEST(BoundsTest, NumbersInOnePieceAreCounted) {
  const Bounds& bounds = BoundsOfABox();
  EXPECT_THAT(bounds.Check(Field(1, "123")), IsOk());
  EXPECT_THAT(FieldsOf(bounds.Check(Field(1, "1234"))), ElementsAre("numbers"));
  EXPECT_THAT(FieldsOf(bounds.Check(Field(1, "12") + Field(1, "34"))), ElementsAre("numbers"));
}

TEST(BoundsTest, MessagesEndAtTheirDepth) {
  std::string box;
  for (int i = 0; i < 15; ++i) box = Field(2, box);
  EXPECT_THAT(BoundsOfABox().Check(box), IsOk());
  EXPECT_THAT(BoundsOfABox().Check(Field(2, box)), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(BoundsTest, WhatIsNoMessageIsNone) {
  const Bounds& bounds = Bounds::Of(*v1::CreateCustomerRequest::descriptor());
  const std::string good = Field(1, Field(3, "x") + Field(11, "a@b") + Field(10, std::string(40, 'x')));
  EXPECT_THAT(bounds.Check(good), IsOk());
  for (const std::string& bad :
       {good + '\xff', good + "\x0b", good + std::string(11, '\x80'), good + std::string(1, '\0'),
        good + "\x0a\x05" + "ab", good + "\x09" + "1234567", good.substr(0, good.size() - 1)}) {
    const absl::Status status = bounds.Check(bad);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(FieldsOf(status), IsEmpty());
    EXPECT_THAT(status.message(), HasSubstr("the request is not a lmp.v1.CreateCustomerRequest"));
  }
}

// Microseconds for each kilobyte, whatever it is that there is much of.
TEST(BoundsTest, TheLargestRequestsTakeAFewMilliseconds) {
  constexpr int kSize = 256 * 1024;
  const Bounds& create = Bounds::Of(*v1::CreateCustomerRequest::descriptor());
  const Bounds& batch = Bounds::Of(*v1::BatchCheckLicensesRequest::descriptor());
  const Bounds& list = Bounds::Of(*v1::ListCustomersRequest::descriptor());
  v1::BatchCheckLicensesRequest honest;
  for (int i = 0; i < 1000; ++i) {
    honest.add_requests()->set_customer("customers/" + std::string(63, 'c'));
    honest.mutable_requests(i)->set_product("products/" + std::string(63, 'p'));
    honest.mutable_requests(i)->mutable_max_staleness()->set_seconds(3600);
  }
  const std::string emails = Field(1, Times(kSize / 2, Field(11, "")));
  const std::string unknown = Times(kSize / 3, Field(15, ""));
  const std::string again = Times(kSize / 2, Field(1, ""));
  const std::string numbers = Times(kSize / 2, "\x18\x01");
  const std::vector<std::pair<const Bounds*, std::string>> all = {{&create, emails},
                                                                  {&create, unknown},
                                                                  {&create, again},
                                                                  {&create, numbers},
                                                                  {&batch, Times(kSize / 2, Field(1, ""))},
                                                                  {&batch, honest.SerializeAsString()},
                                                                  {&list, numbers},
                                                                  {&list, Field(7, Times(kSize / 2, Field(1, "")))}};
  for (const auto& [bounds, bytes] : all) {
    const absl::Duration start = OwnTime();
    for (int i = 0; i < 10; ++i) bounds->Check(bytes).IgnoreError();
    EXPECT_LT((OwnTime() - start) / 10, absl::Milliseconds(60))
        << bytes.size() << " bytes; 1 ms optimized, many times that if not";
  }
}

TEST(BoundsTest, ASmallRequestIsNotLookedAt) {
  v1::CheckLicenseRequest request;
  request.set_customer("customers/" + std::string(63, 'c'));
  request.set_product("products/" + std::string(63, 'p'));
  const std::string bytes = request.SerializeAsString();
  const Bounds& bounds = Bounds::Of(*request.GetDescriptor());
  const absl::Duration start = OwnTime();
  for (int i = 0; i < 100'000; ++i) EXPECT_TRUE(bounds.Check(bytes).ok());
  EXPECT_LT((OwnTime() - start) / 100'000, absl::Microseconds(1));
}

}  // namespace
}  // namespace lmp::wire
