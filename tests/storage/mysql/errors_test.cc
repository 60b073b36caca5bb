// What each MySQL error number means to the layers above, decided by the number alone.
#include "storage/mysql/errors.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

absl::Status Error(int number) { return StatusFromMysql(number, "HY000", "INSERT INTO t"); }

TEST(ErrorsTest, EachNumberHasItsCode) {
  using enum absl::StatusCode;
  const std::pair<int, absl::StatusCode> expected[] = {
      {0, kInternal},
      {1040, kUnavailable},
      {1044, kPermissionDenied},
      {1045, kPermissionDenied},
      {1047, kUnavailable},
      {1049, kFailedPrecondition},
      {1053, kUnavailable},
      {1062, kAlreadyExists},
      {1064, kInternal},
      {1146, kFailedPrecondition},
      {1205, kAborted},
      {1213, kAborted},
      {1290, kFailedPrecondition},
      {1366, kInvalidArgument},
      {1406, kInvalidArgument},
      {1451, kFailedPrecondition},
      {1452, kFailedPrecondition},
      {1836, kFailedPrecondition},
      {1927, kUnavailable},
      {1969, kDeadlineExceeded},
      {2002, kUnavailable},
      {2003, kUnavailable},
      {2006, kUnavailable},
      {2013, kUnavailable},
      {2026, kFailedPrecondition},
      {2030, kUnavailable},
      {2055, kUnavailable},
      {2999, kUnavailable},
      {3024, kDeadlineExceeded},
      {3572, kAborted},
      {3819, kFailedPrecondition},
      {4025, kFailedPrecondition},
      {99999, kInternal},
      {-1, kInternal},
  };
  for (const auto& [number, code] : expected) EXPECT_THAT(Error(number), StatusIs(code)) << number;
}

TEST(ErrorsTest, MessageNamesNumberStateAndContextForTheLog) {
  EXPECT_THAT(std::string(StatusFromMysql(1213, "40001", "UPDATE pools").message()),
              AllOf(HasSubstr("1213"), HasSubstr("ER_LOCK_DEADLOCK"), HasSubstr("40001"), HasSubstr("UPDATE pools")));
}

TEST(ErrorsTest, OnlyConflictsAreRerun) {
  for (int number : {1205, 1213, 3572, 3101, 1020}) EXPECT_TRUE(IsRerunnable(Error(number))) << number;
  for (int number : {0, 1062, 1969, 2006, 2013, 1047, 1290, 1317}) EXPECT_FALSE(IsRerunnable(Error(number))) << number;
}

TEST(ErrorsTest, PredicatesAskTheNumberAndNeverCodeOrText) {
  EXPECT_FALSE(IsRerunnable(absl::AbortedError(Error(1213).message())));
  EXPECT_FALSE(IsDuplicateKey(absl::AlreadyExistsError(Error(1062).message())));
  EXPECT_FALSE(IsRerunnable(absl::OkStatus()));
  absl::Status renamed = absl::InternalError("loading the customer");
  renamed.SetPayload(kMysqlErrnoPayload, absl::Cord("1213"));
  EXPECT_TRUE(IsRerunnable(renamed));
  EXPECT_EQ(MysqlErrno(renamed), 1213);
  EXPECT_EQ(MysqlErrno(absl::AbortedError("etag")), std::nullopt);
}

TEST(ErrorsTest, OnlyUniqueKeysAreDuplicates) {
  EXPECT_TRUE(IsDuplicateKey(Error(1062)));
  EXPECT_FALSE(IsDuplicateKey(Error(1451)));
}

TEST(ErrorsTest, LostSessionsAreThrownAwayAndNodesThatDoNotServeToo) {
  for (int number : {2002, 2003, 2006, 2013, 2014, 2030, 2055, 1053, 1927, 3169, 4031}) {
    EXPECT_TRUE(IsConnectionLost(number)) << number;
    EXPECT_TRUE(IsConnectionUseless(number)) << number;
  }
  for (int number : {1047, 1290, 1836, 2057}) {
    EXPECT_FALSE(IsConnectionLost(number)) << number;
    EXPECT_TRUE(IsConnectionUseless(number)) << number;
  }
  for (int number : {0, 1062, 1064, 1205, 1213, 1969}) EXPECT_FALSE(IsConnectionUseless(number)) << number;
}

TEST(ErrorsTest, ALockTimeoutUndoesTheStatementButADeadlockTheTransaction) {
  EXPECT_TRUE(UndoesTransaction(1213));
  EXPECT_TRUE(UndoesTransaction(2013));
  EXPECT_FALSE(UndoesTransaction(1205));
  EXPECT_FALSE(UndoesTransaction(1062));
}

TEST(ErrorsTest, DdlCountsAsDoneOnlyIfTheAnswerFitsTheStatement) {
  EXPECT_TRUE(IsAlreadyDone(Error(1050), "CREATE TABLE a (id INT)"));
  EXPECT_TRUE(IsAlreadyDone(Error(1051), "drop table a"));
  EXPECT_TRUE(IsAlreadyDone(Error(1060), "ALTER TABLE a ADD b INT"));
  EXPECT_TRUE(IsAlreadyDone(Error(1091), "ALTER TABLE a DROP b"));
  EXPECT_FALSE(IsAlreadyDone(Error(1061), "CREATE TABLE a (id INT, KEY k (id), KEY k (id))"));
  EXPECT_FALSE(IsAlreadyDone(Error(1062), "INSERT INTO a VALUES (1)"));
  EXPECT_FALSE(IsAlreadyDone(Error(1146), "ALTER TABLE a RENAME TO b"));
  EXPECT_FALSE(IsAlreadyDone(absl::OkStatus(), "CREATE TABLE a (id INT)"));
}

TEST(ErrorsTest, AnUnknownOutcomeIsUnavailableAndNeverRerun) {
  for (int number : {2013, 1180, 1213, 1969}) {
    const absl::Status marked = MarkOutcomeUnknown(Error(number));
    EXPECT_THAT(marked, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("outcome unknown")));
    EXPECT_TRUE(IsOutcomeUnknown(marked));
    EXPECT_FALSE(IsRerunnable(marked));
    EXPECT_EQ(MysqlErrno(marked), number);
  }
  EXPECT_FALSE(IsOutcomeUnknown(Error(2013)));
}

TEST(ErrorsTest, OnlyAClearRefusalOfCommitMeansThatNothingIsStored) {
  for (int number : {1205, 1213, 1290, 1836}) EXPECT_TRUE(IsCommitRefused(Error(number))) << number;
  for (int number : {1047, 1053, 1180, 1927, 1969, 2006, 2013}) EXPECT_FALSE(IsCommitRefused(Error(number))) << number;
}

}  // namespace
}  // namespace lmp::storage
