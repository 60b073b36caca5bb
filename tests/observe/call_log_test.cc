#include "server/observe/call_log.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace lmp::observe {
namespace {

void Set(CallLog& log, const char* which, int slow_ms = 1000) {
  const auto options = ParseCallLog(which, slow_ms);
  ASSERT_TRUE(options.ok()) << options.status();
  log.Set(*options);
}

TEST(CallLog, AllAreLoggedAtFirst) {
  const CallLog log;
  EXPECT_TRUE(log.Wants(true, "a"));
  EXPECT_TRUE(log.Wants(false, "a"));
}

TEST(CallLog, ErrorsAlone) {
  CallLog log;
  Set(log, "errors");
  EXPECT_FALSE(log.Wants(true, "a"));
  EXPECT_TRUE(log.Wants(false, "a"));
}

TEST(CallLog, SlowOnesAlone) {
  CallLog log;
  Set(log, "slow", 250);
  EXPECT_FALSE(log.Wants(true, "a"));
  EXPECT_FALSE(log.Wants(false, "a"));
  EXPECT_TRUE(log.IsSlow(absl::Milliseconds(250)));
  EXPECT_FALSE(log.IsSlow(absl::Milliseconds(249)));
}

TEST(CallLog, OneOfSoManyAndEachByItsId) {
  CallLog log;
  Set(log, "sample:10");
  EXPECT_EQ(log.one_of(), 10);
  int logged = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = absl::StrCat("call-", i);
    logged += log.Wants(true, id) ? 1 : 0;
    EXPECT_EQ(log.Wants(true, id), log.Wants(true, id));
    EXPECT_TRUE(log.Wants(false, id));
  }
  EXPECT_GT(logged, 800);
  EXPECT_LT(logged, 1200);
}

TEST(CallLog, SaysWhatItTakes) {
  for (const char* which : {"", "none", "sample", "sample:", "sample:0", "sample:-1", "sample:many", "All"}) {
    const auto options = ParseCallLog(which, 1);
    ASSERT_FALSE(options.ok()) << which;
    EXPECT_NE(options.status().message().find("sample:N"), std::string::npos);
  }
}

}  // namespace
}  // namespace lmp::observe
