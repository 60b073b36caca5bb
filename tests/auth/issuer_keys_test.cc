#include "server/auth/issuer_keys.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/auth/token_maker.h"

namespace lmp::auth {
namespace {

class IssuerKeysTest : public testing::Test {
 protected:
  ~IssuerKeysTest() override { std::filesystem::remove(file_); }

  void Write(const std::string& text) {
    std::ofstream(file_ + ".new") << text;
    std::filesystem::rename(file_ + ".new", file_);
  }
  // Whether the keys come to verify the token, soon.
  static bool Verifies(const IssuerKeys& keys, const std::string& token) {
    const Jws jws = *ParseJws(token);
    for (int i = 0; i < 500; ++i) {
      if (keys.Current() != nullptr && keys.Current()->Verify(jws).ok()) return true;
      absl::SleepFor(absl::Milliseconds(10));
    }
    return false;
  }
  Report Reports() {
    return [this](absl::string_view, absl::string_view, const absl::Status& status) { ++(status.ok() ? good_ : bad_); };
  }

  const TokenMaker old_{"EdDSA", "old"}, new_{"EdDSA", "new"};
  const std::string file_ = absl::StrCat(testing::TempDir(), "/jwks-", getpid());
  std::atomic<int> good_ = 0, bad_ = 0;
};

TEST_F(IssuerKeysTest, AFileIsReadAtOnceAndAgainWhenItChanges) {
  Write(old_.Jwks());
  IssuerKeys keys({.issuer = "x", .jwks = file_}, Reports());
  ASSERT_NE(keys.Current(), nullptr);
  EXPECT_TRUE(Verifies(keys, old_.Sign({{"sub", "x"}})));
  Write(new_.Jwks());
  EXPECT_TRUE(Verifies(keys, new_.Sign({{"sub", "x"}})));
  EXPECT_EQ(bad_, 0);
}

TEST_F(IssuerKeysTest, ABrokenFileKeepsTheLastGoodAndSaysSoOnce) {
  Write(old_.Jwks());
  IssuerKeys keys({.issuer = "x", .jwks = file_}, Reports());
  Write("{");
  for (int i = 0; i < 500 && bad_ == 0; ++i) absl::SleepFor(absl::Milliseconds(10));
  absl::SleepFor(absl::Seconds(2));
  EXPECT_EQ(bad_, 1);
  EXPECT_TRUE(Verifies(keys, old_.Sign({{"sub", "x"}})));
  Write(new_.Jwks());
  EXPECT_TRUE(Verifies(keys, new_.Sign({{"sub", "x"}})));
}

TEST_F(IssuerKeysTest, AFileThatIsNotThereYetIsTakenWhenItComes) {
  IssuerKeys keys({.issuer = "x", .jwks = file_}, Reports());
  EXPECT_EQ(keys.Current(), nullptr);
  Write(old_.Jwks());
  EXPECT_TRUE(Verifies(keys, old_.Sign({{"sub", "x"}})));
}

TEST_F(IssuerKeysTest, AnUnknownKeyMakesOneLookAndNoMoreForAWhile) {
  std::atomic<int> looks = 0;
  const auto read = [&](const IssuerOptions&) -> absl::StatusOr<std::string> {
    return ++looks == 1 ? old_.Jwks() : new_.Jwks();
  };
  IssuerKeys keys({.issuer = "x", .jwks = "https://unused"}, Reports(), read, {.asked = absl::Milliseconds(100)});
  EXPECT_TRUE(Verifies(keys, old_.Sign({{"sub", "x"}})));
  absl::SleepFor(absl::Milliseconds(120));
  EXPECT_TRUE(keys.AskForNewer());
  EXPECT_TRUE(Verifies(keys, new_.Sign({{"sub", "x"}})));
  EXPECT_FALSE(keys.AskForNewer()) << "it looked just now";
  EXPECT_EQ(looks, 2);
}

TEST_F(IssuerKeysTest, AnIssuerThatIsAwayKeepsItsKeys) {
  std::atomic<int> looks = 0;
  const auto read = [&](const IssuerOptions&) -> absl::StatusOr<std::string> {
    return ++looks == 1 ? absl::StatusOr<std::string>(old_.Jwks()) : absl::UnavailableError("away");
  };
  IssuerKeys keys({.issuer = "x", .jwks = "https://unused"}, Reports(), read, {.url = absl::Milliseconds(20)});
  for (int i = 0; i < 500 && looks < 4; ++i) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_GE(looks, 4);
  EXPECT_TRUE(Verifies(keys, old_.Sign({{"sub", "x"}})));
  EXPECT_EQ(bad_, 1) << "said once";
}

}  // namespace
}  // namespace lmp::auth
