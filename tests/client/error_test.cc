#include "lmp/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/error_samples.h"

namespace lmp::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ErrorDetails, NamesEveryFieldViolationInOrder) {
  google::rpc::BadRequest bad;
  auto* first = bad.add_field_violations();
  first->set_field("customer.city");
  first->set_description("is required");
  bad.add_field_violations()->set_field("customer.contact.email");
  const ErrorDetails details =
      GetErrorDetails(ServerError(absl::StatusCode::kInvalidArgument, v1::INVALID_FIELDS, "2 fields are wrong", bad));
  ASSERT_EQ(details.field_violations.size(), 2U);
  EXPECT_EQ(details.field_violations[0].field, "customer.city");
  EXPECT_EQ(details.field_violations[0].description, "is required");
  EXPECT_EQ(details.field_violations[1].field, "customer.contact.email");
}

TEST(ErrorDetails, HoldsReasonDomainAndMetadata) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(absl::StatusCode::kAborted));
  google::rpc::ErrorInfo info;
  info.set_reason("ETAG_MISMATCH");
  info.set_domain("lmp");
  (*info.mutable_metadata())["etag"] = "7";
  status.add_details()->PackFrom(info);
  const absl::Status error = FromRpcStatus(status);
  const ErrorDetails details = GetErrorDetails(error);
  EXPECT_EQ(details.reason, "ETAG_MISMATCH");
  EXPECT_EQ(details.domain, "lmp");
  EXPECT_THAT(details.metadata, ElementsAre(Pair("etag", "7")));
  EXPECT_TRUE(HasReason(error, v1::ETAG_MISMATCH));
  EXPECT_FALSE(HasReason(error, v1::CUSTOMER_NOT_FOUND));
}

TEST(ErrorDetails, HoldsPreconditionsResourceRetryDelayAndLogId) {
  google::rpc::PreconditionFailure failure;
  auto* violation = failure.add_violations();
  violation->set_type("PLAN_LOCKED");
  violation->set_subject("servicePlans/suite");
  violation->set_description("its suite changed");
  google::rpc::ResourceInfo resource;
  resource.set_resource_type("lmp/ServicePlan");
  resource.set_resource_name("servicePlans/suite");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  google::rpc::RequestInfo log;
  log.set_request_id("log-1");
  const ErrorDetails details = GetErrorDetails(
      ServerError(absl::StatusCode::kFailedPrecondition, v1::PLAN_LOCKED, "no", failure, resource, retry, log));
  ASSERT_EQ(details.preconditions.size(), 1U);
  EXPECT_EQ(details.preconditions[0].type, "PLAN_LOCKED");
  EXPECT_EQ(details.preconditions[0].subject, "servicePlans/suite");
  EXPECT_EQ(details.preconditions[0].description, "its suite changed");
  ASSERT_TRUE(details.resource.has_value());
  EXPECT_EQ(details.resource->name, "servicePlans/suite");
  EXPECT_EQ(details.retry_delay, absl::Milliseconds(1500));
  EXPECT_EQ(details.log_id, "log-1");
}

TEST(ErrorDetails, NamesTheDuplicatesOfACrossgradeWithTheirChoices) {
  const ErrorDetails details = GetErrorDetails(CrossgradeRequiredError());
  ASSERT_EQ(details.duplicates.size(), 2U);
  EXPECT_EQ(details.duplicates[0].product(), "products/wfbs");
  EXPECT_THAT(details.duplicates[0].choices(), ElementsAre("TRANSFER", "NEW_LICENSE"));
}

TEST(ErrorDetails, AreEmptyForSuccessAndForErrorsOfGrpcItself) {
  EXPECT_THAT(GetErrorDetails(absl::OkStatus()).reason, IsEmpty());
  EXPECT_THAT(GetErrorDetails(absl::UnavailableError("connection refused")).reason, IsEmpty());
  EXPECT_FALSE(HasReason(absl::OkStatus(), v1::ERROR_REASON_UNSPECIFIED));
}

TEST(ErrorDetails, PassOverWhatANewerServerAdds) {
  google::rpc::Status status = ToRpcStatus(CrossgradeRequiredError());
  google::protobuf::Any* unknown = status.add_details();
  unknown->set_type_url("type.googleapis.com/lmp.v2.Unknown");
  unknown->set_value("\x01garbage");
  EXPECT_EQ(GetErrorDetails(FromRpcStatus(status)).duplicates.size(), 2U);
}

TEST(ErrorDetails, IgnoreAPayloadThatIsNotAStatusOrOfAnotherCode) {
  absl::Status garbage = absl::NotFoundError("gone");
  garbage.SetPayload(kStatusPayload, absl::Cord("\xff\xff"));
  EXPECT_EQ(ToRpcStatus(garbage).message(), "gone");
  absl::Status other_code = absl::NotFoundError("gone");
  other_code.SetPayload(kStatusPayload, absl::Cord(ToRpcStatus(CrossgradeRequiredError()).SerializeAsString()));
  EXPECT_THAT(GetErrorDetails(other_code).reason, IsEmpty());
  EXPECT_EQ(ToRpcStatus(other_code).code(), static_cast<int>(absl::StatusCode::kNotFound));
}

TEST(ErrorText, IsOneLineWithWhatTheMessageLeavesOut) {
  EXPECT_EQ(ErrorText(absl::OkStatus()), "OK");
  EXPECT_EQ(ErrorText(absl::UnavailableError("nobody there")), "UNAVAILABLE: nobody there");
  google::rpc::BadRequest bad;
  bad.add_field_violations()->set_field("city");
  bad.mutable_field_violations(0)->set_description("is required");
  EXPECT_EQ(ErrorText(ServerError(absl::StatusCode::kInvalidArgument, v1::INVALID_FIELDS, "invalid", bad)),
            "INVALID_FIELDS (INVALID_ARGUMENT): invalid; city is required");
  EXPECT_EQ(ErrorText(ServerError(absl::StatusCode::kInvalidArgument, v1::INVALID_FIELDS, "city is required", bad)),
            "INVALID_FIELDS (INVALID_ARGUMENT): city is required");
}

TEST(MakeError, IsAnErrorAsAServerMakesIt) {
  const absl::Status error = MakeError(absl::StatusCode::kNotFound, v1::CUSTOMER_NOT_FOUND, "no");
  EXPECT_TRUE(HasReason(error, v1::CUSTOMER_NOT_FOUND));
  EXPECT_EQ(GetErrorDetails(error).domain, "lmp");
  EXPECT_EQ(ErrorText(error), "CUSTOMER_NOT_FOUND (NOT_FOUND): no");
}

}  // namespace
}  // namespace lmp::client
