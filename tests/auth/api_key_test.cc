#include <gmock/gmock.h>

#include <map>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/auth/api_key_cache.h"
#include "server/auth/api_key_secret.h"

namespace lmp::auth {
namespace {

using testing::MatchesRegex;

TEST(ApiKeySecret, HasAFormThatScannersCanFind) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string secret = NewApiKeySecret();
    EXPECT_THAT(secret, MatchesRegex("lmp_[0-9a-hjkmnp-tv-z]+"));
    EXPECT_EQ(secret.size(), 43u);
    EXPECT_TRUE(LooksLikeApiKey(secret));
    EXPECT_TRUE(seen.insert(secret).second);
  }
}

TEST(ApiKeySecret, AnyMistypedCharacterIsSeenWithoutTheDatabase) {
  const std::string secret = NewApiKeySecret();
  for (size_t i = 0; i < secret.size(); ++i) {
    std::string typo = secret;
    typo[i] = typo[i] == '0' ? '1' : '0';
    EXPECT_FALSE(LooksLikeApiKey(typo)) << typo;
  }
  EXPECT_FALSE(LooksLikeApiKey(secret + "0"));
  EXPECT_FALSE(LooksLikeApiKey(secret.substr(1)));
  EXPECT_FALSE(LooksLikeApiKey(""));
}

TEST(ApiKeySecret, IsKeptAsItsHash) {
  EXPECT_EQ(HashOfSecret("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_TRUE(SameHash(HashOfSecret("abc"), HashOfSecret("abc")));
  EXPECT_FALSE(SameHash(HashOfSecret("abc"), HashOfSecret("abd")));
  EXPECT_FALSE(SameHash(HashOfSecret("abc"), ""));
}

// A database that answers when it is told to.
class ApiKeyCacheTest : public testing::Test {
 protected:
  ApiKeyCacheTest()
      : cache_([this](const std::string& hash, KeyDone done) { asked_.emplace_back(hash, std::move(done)); },
               [this] { return now_; }) {}

  // What is known of the key now; nothing if the caller has to wait.
  std::optional<absl::StatusOr<FoundKey>> Find(const std::string& hash) {
    auto answer = std::make_shared<std::optional<absl::StatusOr<FoundKey>>>();
    cache_.Find(hash, [answer](absl::StatusOr<FoundKey> key) { *answer = std::move(key); });
    answers_.push_back(answer);
    return *answer;
  }
  void Answer(absl::StatusOr<FoundKey> key) {
    auto asked = std::exchange(asked_, {});
    for (auto& [hash, done] : asked) done(key);
  }

  const FoundKey key_ = std::make_shared<const Identity>(Identity{.actor = "apiKeys/k1"});
  absl::Time now_ = absl::FromUnixSeconds(1'780'000'000);
  std::vector<std::pair<std::string, KeyDone>> asked_;
  std::vector<std::shared_ptr<std::optional<absl::StatusOr<FoundKey>>>> answers_;
  ApiKeyCache cache_;
};

TEST_F(ApiKeyCacheTest, OneLookIsForAllWhoWait) {
  EXPECT_FALSE(Find("h").has_value());
  EXPECT_FALSE(Find("h").has_value());
  ASSERT_EQ(asked_.size(), 1u);
  Answer(key_);
  EXPECT_EQ(answers_[0]->value().value(), key_);
  EXPECT_EQ(answers_[1]->value().value(), key_);
  EXPECT_EQ(Find("h")->value(), key_) << "at once";
  EXPECT_TRUE(asked_.empty());
}

TEST_F(ApiKeyCacheTest, IsNeverOlderThanFiveSeconds) {
  Find("h");
  Answer(key_);
  now_ += ApiKeyCache::kMaxAge - absl::Milliseconds(1);
  EXPECT_TRUE(Find("h").has_value()) << "and is looked up beside";
  ASSERT_EQ(asked_.size(), 1u);
  now_ += absl::Milliseconds(1);
  EXPECT_FALSE(Find("h").has_value()) << "the answer to that look has not come";
  EXPECT_EQ(asked_.size(), 1u);
  Answer(FoundKey());
  EXPECT_EQ(answers_.back()->value().value(), nullptr) << "revoked";
}

TEST_F(ApiKeyCacheTest, AnAnswerIsAsOldAsItsQuestion) {
  Find("h");
  now_ += absl::Seconds(4);
  Answer(key_);
  now_ += absl::Seconds(1);
  EXPECT_FALSE(Find("h").has_value());
}

TEST_F(ApiKeyCacheTest, WhoCallsOftenCostsOneLookInTwoSeconds) {
  Find("h");
  Answer(key_);
  int looks = 0;
  for (int i = 0; i < 1000; ++i) {
    now_ += absl::Milliseconds(10);
    EXPECT_TRUE(Find("h").has_value());
    looks += static_cast<int>(asked_.size());
    if (!asked_.empty()) Answer(key_);
  }
  EXPECT_LE(looks, 5);
}

TEST_F(ApiKeyCacheTest, ADatabaseThatIsAwayTakesNothingAway) {
  Find("h");
  Answer(key_);
  now_ += absl::Seconds(3);
  Find("h");
  Answer(absl::UnavailableError("away"));
  EXPECT_EQ(Find("h")->value(), key_) << "it is young enough";
  now_ += absl::Seconds(3);
  Find("h");
  Answer(absl::UnavailableError("away"));
  EXPECT_TRUE(absl::IsUnavailable(answers_.back()->value().status()));
}

TEST_F(ApiKeyCacheTest, MadeUpKeysDoNotHoldUpThoseInUse) {
  Find("real");
  Answer(key_);
  for (int i = 0; i < ApiKeyCache::kMaxUnknownLooks; ++i) EXPECT_FALSE(Find(absl::StrCat("made up ", i)).has_value());
  EXPECT_TRUE(absl::IsResourceExhausted(Find("one more")->status()));
  EXPECT_FALSE(Find("made up 1").has_value()) << "waits for the look that is under way";
  now_ += ApiKeyCache::kMaxAge;
  EXPECT_FALSE(Find("real").has_value()) << "is looked up";
  Answer(key_);
  EXPECT_EQ(answers_.back()->value().value(), key_);
  EXPECT_FALSE(Find("one more").has_value()) << "there is room again";
}

TEST_F(ApiKeyCacheTest, MadeUpKeysNeedNoMoreThanTheirRoom) {
  Find("real");
  Answer(key_);
  for (size_t i = 0; i < 3 * ApiKeyCache::kMaxEntries; ++i) {
    Find(absl::StrCat("made up ", i));
    Answer(FoundKey());
  }
  EXPECT_TRUE(Find("real").has_value()) << "a key that there is stays";
  EXPECT_LE(cache_.size(), ApiKeyCache::kMaxEntries);
}

}  // namespace
}  // namespace lmp::auth
