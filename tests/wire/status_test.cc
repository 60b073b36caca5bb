// What a caller gets to see of a failure.
#include "server/wire/status.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/mysql/errors.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A failure as it arrives at the client.
struct Seen {
  grpc::Status status;
  std::string logged_reason;
  google::rpc::Status details;

  template <class Detail>
  std::optional<Detail> Get() const {
    std::optional<Detail> found;
    for (const auto& any : details.details()) {
      Detail detail;
      if (!any.Is<Detail>()) continue;
      EXPECT_FALSE(found.has_value()) << "twice";
      EXPECT_TRUE(any.UnpackTo(&detail));
      found = detail;
    }
    return found;
  }
  std::string reason() const { return Get<google::rpc::ErrorInfo>()->reason(); }
};

// What is true of every failure.
Seen See(const absl::Status& status) {
  Seen seen;
  seen.status = ToGrpc(status, "log-7", &seen.logged_reason);
  EXPECT_TRUE(seen.details.ParseFromString(seen.status.error_details()));
  EXPECT_EQ(seen.details.code(), static_cast<int>(seen.status.error_code()));
  EXPECT_EQ(seen.details.message(), seen.status.error_message());
  const auto info = seen.Get<google::rpc::ErrorInfo>();
  EXPECT_TRUE(info.has_value());
  if (!info.has_value()) return seen;
  EXPECT_EQ(info->domain(), "lmp");
  EXPECT_EQ(info->reason(), seen.logged_reason);
  v1::ErrorReason known = v1::ERROR_REASON_UNSPECIFIED;
  EXPECT_TRUE(v1::ErrorReason_Parse(info->reason(), &known)) << info->reason();
  EXPECT_NE(known, v1::ERROR_REASON_UNSPECIFIED);
  const auto code = seen.status.error_code();
  EXPECT_EQ(seen.Get<google::rpc::PreconditionFailure>().has_value(), code == grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(seen.Get<google::rpc::ResourceInfo>().has_value(),
            code == grpc::StatusCode::NOT_FOUND || code == grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(seen.Get<google::rpc::RetryInfo>().has_value(), code == grpc::StatusCode::UNAVAILABLE ||
                                                                code == grpc::StatusCode::ABORTED ||
                                                                code == grpc::StatusCode::RESOURCE_EXHAUSTED);
  return seen;
}

TEST(StatusTest, OkIsOk) {
  std::string reason = "untouched";
  EXPECT_TRUE(ToGrpc(absl::OkStatus(), "log-7", &reason).ok());
}

TEST(StatusTest, InvalidArgumentNamesEveryField) {
  const Seen seen =
      See(domain::InvalidFields({{"city", "is required"}, {"contact.email", "is no address"}}, "customer."));
  EXPECT_EQ(seen.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(seen.reason(), "INVALID_FIELDS");
  const auto bad = seen.Get<google::rpc::BadRequest>();
  ASSERT_TRUE(bad.has_value());
  ASSERT_EQ(bad->field_violations_size(), 2);
  EXPECT_EQ(bad->field_violations(0).field(), "customer.city");
  EXPECT_EQ(bad->field_violations(1).description(), "is no address");
}

TEST(StatusTest, OutOfRangeNamesTheFieldsToo) {
  const Seen seen =
      See(domain::Refuse(absl::StatusCode::kOutOfRange, "start_date is too far",
                         {.reason = domain::reason::kDateOutOfRange, .violations = {{"start_date", "is too far"}}}));
  EXPECT_EQ(seen.status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(seen.Get<google::rpc::BadRequest>()->field_violations(0).field(), "start_date");
}

TEST(StatusTest, NotFoundAndAlreadyExistsNameTheResource) {
  const Seen missing = See(domain::NotFound(domain::reason::kLicenseNotFound, "customers/acme/licenses/l1"));
  EXPECT_EQ(missing.status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(missing.Get<google::rpc::ResourceInfo>()->resource_type(), "licenses");
  EXPECT_EQ(missing.Get<google::rpc::ResourceInfo>()->resource_name(), "customers/acme/licenses/l1");
  EXPECT_EQ(missing.Get<google::rpc::ErrorInfo>()->metadata().at("resource"), "customers/acme/licenses/l1");
  const Seen taken = See(domain::AlreadyExists(domain::reason::kCustomerExists, "customers/acme", "it exists"));
  EXPECT_EQ(taken.status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(taken.Get<google::rpc::ResourceInfo>()->resource_type(), "customers");
  // A request id is no resource of a collection.
  EXPECT_EQ(
      See(domain::AlreadyExists("REQUEST_ID_REUSED", "123", "used")).Get<google::rpc::ResourceInfo>()->resource_type(),
      "");
}

TEST(StatusTest, AFailedPreconditionSaysWhich) {
  const Seen seen = See(domain::Precondition(domain::reason::kPoolExhausted, "partners/p/licensePools/cas", "none left",
                                             {{"available", "0"}, {"needed", "5"}}));
  EXPECT_EQ(seen.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  const auto failure = seen.Get<google::rpc::PreconditionFailure>();
  ASSERT_EQ(failure->violations_size(), 1);
  EXPECT_EQ(failure->violations(0).type(), "POOL_EXHAUSTED");
  EXPECT_EQ(failure->violations(0).subject(), "partners/p/licensePools/cas");
  EXPECT_EQ(failure->violations(0).description(), "none left");
  EXPECT_EQ(seen.Get<google::rpc::ErrorInfo>()->metadata().at("needed"), "5");
}

TEST(StatusTest, ACrossgradeNamesDuplicatesAndChoices) {
  domain::Refusal refusal{.reason = domain::reason::kCrossgradeRequired, .resource = "servicePlans/suite"};
  refusal.duplicates = {
      {.product_id = "wfbs", .license_name = "customers/a/licenses/l", .choices = {"TRANSFER", "NEW_LICENSE"}}};
  const Seen seen = See(domain::Refuse(absl::StatusCode::kFailedPrecondition, "held twice", refusal));
  const auto required = seen.Get<v1::CrossgradeRequired>();
  ASSERT_TRUE(required.has_value());
  ASSERT_EQ(required->duplicates_size(), 1);
  EXPECT_EQ(required->duplicates(0).product(), "products/wfbs");
  EXPECT_EQ(required->duplicates(0).license(), "customers/a/licenses/l");
  EXPECT_EQ(required->duplicates(0).subscription(), "");
  EXPECT_THAT(required->duplicates(0).choices(), ElementsAre("TRANSFER", "NEW_LICENSE"));
}

TEST(StatusTest, AStaleEtagIsAbortedWithTheCurrentOne) {
  const Seen seen = See(domain::CheckEtag("1", "2", "customers/acme"));
  EXPECT_EQ(seen.status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(seen.reason(), "ETAG_MISMATCH");
  EXPECT_EQ(seen.Get<google::rpc::ErrorInfo>()->metadata().at("etag"), "2");
}

TEST(StatusTest, FailuresOfTheEngineHaveReasons) {
  struct Case {
    absl::Status status;
    grpc::StatusCode code;
    const char* reason;
  };
  for (const Case& c :
       {Case{absl::UnavailableError("x"), grpc::StatusCode::UNAVAILABLE, "DATABASE_UNAVAILABLE"},
        Case{absl::AbortedError("x"), grpc::StatusCode::ABORTED, "TRANSACTION_CONFLICT"},
        Case{absl::DeadlineExceededError("x"), grpc::StatusCode::DEADLINE_EXCEEDED, "DEADLINE_PASSED"},
        Case{absl::ResourceExhaustedError("x"), grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED"},
        Case{absl::CancelledError("x"), grpc::StatusCode::CANCELLED, "CALL_CANCELLED"},
        Case{absl::InvalidArgumentError("x"), grpc::StatusCode::INVALID_ARGUMENT, "MALFORMED_REQUEST"},
        Case{storage::StatusFromMysql(1290, "", "x"), grpc::StatusCode::FAILED_PRECONDITION, "DATABASE_READ_ONLY"},
        Case{storage::StatusFromMysql(1836, "", "x"), grpc::StatusCode::FAILED_PRECONDITION, "DATABASE_READ_ONLY"},
        Case{storage::StatusFromMysql(1153, "", "x"), grpc::StatusCode::FAILED_PRECONDITION, "TOO_LARGE_FOR_DATABASE"},
        Case{storage::StatusFromMysql(1213, "", "x"), grpc::StatusCode::ABORTED, "TRANSACTION_CONFLICT"},
        Case{storage::StatusFromMysql(2006, "", "x"), grpc::StatusCode::UNAVAILABLE, "DATABASE_UNAVAILABLE"},
        Case{storage::MarkOutcomeUnknown(storage::StatusFromMysql(2013, "", "x")), grpc::StatusCode::UNAVAILABLE,
             "DATABASE_UNAVAILABLE"}}) {
    const Seen seen = See(c.status);
    EXPECT_EQ(seen.status.error_code(), c.code) << c.status;
    EXPECT_EQ(seen.reason(), c.reason) << c.status;
  }
}

TEST(StatusTest, WhatNobodyExpectedIsInternalWithALogIdAndNothingElse) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kInternal, absl::StatusCode::kUnknown, absl::StatusCode::kDataLoss,
        absl::StatusCode::kNotFound, absl::StatusCode::kAlreadyExists, absl::StatusCode::kOutOfRange,
        absl::StatusCode::kFailedPrecondition, absl::StatusCode::kPermissionDenied, absl::StatusCode::kUnauthenticated,
        absl::StatusCode::kUnimplemented}) {
    const Seen seen = See(absl::Status(code, "the secret in db.example.com"));
    EXPECT_EQ(seen.status.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(seen.reason(), "INTERNAL_FAILURE");
    EXPECT_THAT(seen.status.error_message(), HasSubstr("log-7"));
    EXPECT_EQ(seen.Get<google::rpc::ErrorInfo>()->metadata().at("log_id"), "log-7");
    EXPECT_EQ(seen.details.details_size(), 1);
    EXPECT_THAT(seen.status.error_details(), Not(HasSubstr("secret")));
  }
}

TEST(StatusTest, NoTextOfTheDatabaseLeavesTheProcess) {
  for (int number = 0; number < 4200; number = number == 0 ? 1000 : number + 1) {
    for (const bool commit : {false, true}) {
      absl::Status status = storage::StatusFromMysql(number, "42S02", "SELECT secret FROM lmp.licenses");
      if (commit) status = storage::MarkOutcomeUnknown(status);
      status.SetPayload(storage::kMysqlTextPayload, absl::Cord("secret on db.example.com"));
      const Seen seen = See(status);
      const std::string shown = absl::AsciiStrToLower(seen.status.error_message() + seen.status.error_details());
      for (const char* leak : {"secret", "select", "mysql", "licenses", "42s02", "example.com"}) {
        EXPECT_FALSE(absl::StrContains(shown, leak)) << leak << " of error " << number;
      }
    }
  }
}

}  // namespace
}  // namespace lmp::wire
