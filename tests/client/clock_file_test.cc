#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "lmp/license_token.h"
#include "tests/client/license_token_fixture.h"

namespace lmp::client {
namespace {

class ClockFileTest : public LicenseTokenTest {
 protected:
  ~ClockFileTest() override { std::remove(path_.c_str()); }

  std::string Content() const {
    std::ifstream file(path_);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  void Write(const std::string& content) { std::ofstream(path_) << content; }
  std::optional<Error> Verify() const { return ErrorOf(VerifyLicenseToken(Token(), options_, file_).status()); }

  const std::string path_ =
      absl::StrCat(testing::TempDir(), "/lmp-clock-", testing::UnitTest::GetInstance()->random_seed(), "-",
                   testing::UnitTest::GetInstance()->current_test_info()->name());
  const ClockFile file_{path_};
};

TEST_F(ClockFileTest, RemembersTheLatestTime) {
  EXPECT_EQ(Verify(), std::nullopt);
  EXPECT_EQ(Content(), "2026-06-10T13:00:00+00:00\n");
  options_.now += absl::Hours(2);
  EXPECT_EQ(Verify(), std::nullopt);
  EXPECT_EQ(*file_.Read(), options_.now);
  options_.now -= absl::Hours(1);
  EXPECT_EQ(Verify(), Error::kClockSetBack);
  EXPECT_EQ(Content(), "2026-06-10T15:00:00+00:00\n");
  options_.now += absl::Hours(1);
  EXPECT_EQ(Verify(), std::nullopt);
}

TEST_F(ClockFileTest, RemembersAlsoATimeAtWhichTheTokenNoLongerHeld) {
  options_.now = kExpires + absl::Hours(1);
  EXPECT_EQ(Verify(), Error::kExpired);
  options_.now = kIssued + absl::Hours(1);
  EXPECT_EQ(Verify(), Error::kClockSetBack);
}

TEST_F(ClockFileTest, DoesNotTakeATimeFromWhatIsNoToken) {
  EXPECT_FALSE(VerifyLicenseToken("x", options_, file_).ok());
  EXPECT_EQ(*file_.Read(), absl::InfinitePast());
}

TEST_F(ClockFileTest, IsNotWrittenForEveryLook) {
  EXPECT_EQ(Verify(), std::nullopt);
  options_.now += absl::Seconds(59);
  EXPECT_EQ(Verify(), std::nullopt);
  EXPECT_EQ(Content(), "2026-06-10T13:00:00+00:00\n");
  options_.now += absl::Seconds(1);
  EXPECT_EQ(Verify(), std::nullopt);
  EXPECT_EQ(Content(), "2026-06-10T13:01:00+00:00\n");
}

TEST_F(ClockFileTest, WhatHoldsNoTimeIsAnError) {
  for (const char* content : {"", "\n", "yesterday\n", "2026-06-10\n"}) {
    Write(content);
    const absl::Status status = VerifyLicenseToken(Token(), options_, file_).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << content << status;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(path_));
  }
}

TEST_F(ClockFileTest, WhatCantBeWrittenIsAnErrorOfATokenThatHolds) {
  const ClockFile nowhere("/nonexistent/clock");
  EXPECT_TRUE(absl::IsFailedPrecondition(VerifyLicenseToken(Token(), options_, nowhere).status()));
  options_.now = kExpires;
  EXPECT_EQ(ErrorOf(VerifyLicenseToken(Token(), options_, nowhere).status()), Error::kExpired);
}

}  // namespace
}  // namespace lmp::client
