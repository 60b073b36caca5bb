#include "server/domain/refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/domain/reasons.h"

namespace lmp::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(Refuse, CarriesEverythingInsideTheStatus) {
  const Refusal refusal{.reason = reason::kCrossgradeRequired,
                        .resource = "servicePlans/p",
                        .metadata = {{"etag", "7"}, {"empty", ""}},
                        .violations = {{"units[products/a]", "is missing"}, {"start_date", "is \"odd\"\n\\ and über"}},
                        .duplicates = {{"a", "customers/c/licenses/l", "customers/c/subscriptions/s", {"TRANSFER"}},
                                       {"b", "customers/c/licenses/m", "", {"TRANSFER", "NEW_LICENSE"}}}};
  const absl::Status status = Refuse(absl::StatusCode::kFailedPrecondition, "held twice", refusal);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "held twice");
  const Refusal read = RefusalOf(status);
  EXPECT_EQ(read.reason, refusal.reason);
  EXPECT_EQ(read.resource, refusal.resource);
  EXPECT_EQ(read.metadata, refusal.metadata);
  EXPECT_EQ(read.violations, refusal.violations);
  EXPECT_EQ(read.duplicates, refusal.duplicates);
}

TEST(RefusalOf, IsEmptyForAStatusWithoutOne) {
  EXPECT_EQ(RefusalOf(absl::OkStatus()).reason, "");
  EXPECT_EQ(RefusalOf(absl::UnavailableError("down")).reason, "");
}

TEST(Refuse, DoesNotThrowOnWhatIsNoUtf8) {
  const std::string bad = "units[products/\xff\xc3(\xe2\x82]";
  const absl::Status status = InvalidFields({{bad, "is missing"}});
  const Refusal refusal = RefusalOf(status);
  ASSERT_EQ(refusal.violations.size(), 1u);
  EXPECT_THAT(refusal.violations[0].field, HasSubstr("units[products/"));
  EXPECT_THAT(refusal.violations[0].field, HasSubstr("\xef\xbf\xbd"));  // U+FFFD in place of what could not be read
  EXPECT_EQ(RefusalOf(NotFound(reason::kCustomerNotFound, "customers/\x80")).reason, reason::kCustomerNotFound);
  EXPECT_EQ(RefusalOf(CheckEtag("\xfe", "7", "customers/c")).reason, reason::kEtagMismatch);
}

TEST(InvalidFields, OfNoneIsOk) { EXPECT_TRUE(InvalidFields({}).ok()); }

TEST(InvalidFields, NamesEveryFieldInMessageAndDetails) {
  const absl::Status status = InvalidFields({{"a", "is missing"}, {"b", "is wrong: it ends:"}, {"c", "is odd"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()), "invalid request: a is missing; b is wrong: it ends:; c is odd");
  EXPECT_EQ(RefusalOf(status).reason, reason::kInvalidFields);
  EXPECT_THAT(RefusalOf(status).violations,
              ElementsAre(FieldViolation{"a", "is missing"}, FieldViolation{"b", "is wrong: it ends:"},
                          FieldViolation{"c", "is odd"}));
}

// A status message travels in a header of a few kilobytes.
TEST(InvalidFields, KeepsTheMessageShortAndTheDetailsWholeUpToAHundred) {
  std::vector<FieldViolation> many;
  for (std::size_t i = 0; i < kMaxViolations; ++i)
    many.push_back({absl::StrCat("units[products/product-", i, "]"), "is missing"});
  const absl::Status status = InvalidFields(many);
  EXPECT_LE(status.message().size(), 1010u);
  EXPECT_THAT(std::string(status.message()), testing::EndsWith("…"));
  EXPECT_EQ(RefusalOf(status).violations, many);
  EXPECT_EQ(RefusalOf(status).more_violations, 0u);
}

TEST(InvalidFields, AreOnlyCountedBeyondAHundred) {
  const std::vector<FieldViolation> many(250, {"f", "is missing"});
  EXPECT_EQ(RefusalOf(InvalidFields(many)).violations.size(), kMaxViolations);
  EXPECT_EQ(RefusalOf(InvalidFields(many)).more_violations, 150u);
  EXPECT_EQ(RefusalOf(InvalidFields(many, "", 7)).more_violations, 157u);
}

TEST(InvalidFields, KeepsTheMessageShortForOneLongFieldAndDoesNotCutACharacter) {
  for (int shift = 0; shift < 4; ++shift) {
    std::string field(static_cast<std::size_t>(shift), 'x');
    for (int i = 0; i < 5000; ++i) absl::StrAppend(&field, "€");
    const absl::Status status = InvalidFields({{field, "is too long"}});
    const std::string message(status.message());
    EXPECT_LE(message.size(), 1010u);
    EXPECT_THAT(message, testing::EndsWith("€…"));
    EXPECT_EQ(RefusalOf(status).violations[0].field, field);
  }
}

TEST(NotFound, SaysWhatWasNotFoundAndNothingElse) {
  const absl::Status status = NotFound(reason::kCustomerNotFound, "customers/c");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "customers/c was not found");
  EXPECT_EQ(RefusalOf(status).resource, "customers/c");
  EXPECT_THAT(RefusalOf(status).metadata, IsEmpty());
}

TEST(AlreadyExists, CarriesReasonAndResource) {
  const absl::Status status = AlreadyExists(reason::kPlanNameTaken, "servicePlans/p", "taken");
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(RefusalOf(status).reason, reason::kPlanNameTaken);
  EXPECT_EQ(RefusalOf(status).resource, "servicePlans/p");
}

TEST(Precondition, CarriesMetadata) {
  const absl::Status status = Precondition(reason::kPoolExhausted, "pool", "empty", {{"available", "0"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(RefusalOf(status).metadata, ElementsAre(Pair("available", "0")));
}

TEST(CheckEtag, PassesTheCurrentOneAndNone) {
  EXPECT_TRUE(CheckEtag("7", "7", "customers/c").ok());
  EXPECT_TRUE(CheckEtag("", "7", "customers/c").ok());
}

TEST(CheckEtag, RefusesAnotherAndTellsTheCurrentOne) {
  const absl::Status status = CheckEtag("6", "7", "customers/c");
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(RefusalOf(status).reason, reason::kEtagMismatch);
  EXPECT_THAT(RefusalOf(status).metadata, ElementsAre(Pair("etag", "7")));
}

}  // namespace
}  // namespace lmp::domain
