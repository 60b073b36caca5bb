// License tokens on a real database: issued once, and on the revocation list as soon as they no longer hold, for those
// who may see it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lmp/v1/license_token.pb.h"
#include "server/domain/lookup.h"
#include "server/domain/subscription/verbs.h"
#include "server/token_keys.h"
#include "server/workers/token_expiry.h"
#include "storage/list_queries.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kMonthlyPlan[] = "cas-monthly";  // renews by itself

class LicenseTokensTest : public EngineTest {
 protected:
  LicenseTokensTest() {
    std::string name = ::testing::TempDir() + "/lmp-tokens-XXXXXX";
    directory_ = mkdtemp(name.data());
    EXPECT_THAT(server::MakeTokenKeyFile(directory_ + "/key.pem"), IsOk());
    keys_ = *server::TokenKeySet::Load({directory_ + "/key.pem"});
    customer_ = AddCustomers(1)[0];
  }
  ~LicenseTokensTest() override { std::filesystem::remove_all(directory_); }

  // Assigns a plan of one license; the request of a token for it.
  v1::IssueLicenseTokenRequest Assigned(const std::string& plan) { return Assigned(customer_, plan); }
  v1::IssueLicenseTokenRequest Assigned(const std::string& customer, const std::string& plan) {
    EXPECT_THAT(Run(Assign(customer, plan, {{kService, 10}})), IsOk());
    v1::IssueLicenseTokenRequest request;
    request.set_name(domain::LicenseName(
        customer, Texts(absl::StrCat("SELECT license_id FROM licenses WHERE customer_id = '", customer, "'")).at(0)));
    return request;
  }
  Mutation IssueOf(const v1::IssueLicenseTokenRequest& request, const std::string& partner = "") {
    Mutation mutation = MutationOf(request, Mode::kLive, keys_);
    mutation.caller = {.actor = "tester", .partner_id = partner};
    return mutation;
  }
  v1::LicenseToken Issue(const v1::IssueLicenseTokenRequest& request) {
    return ResponseOf<v1::LicenseToken>(Run(IssueOf(request)));
  }

  absl::StatusOr<v1::GetLicenseRevocationListResponse> ListOf(const std::string& parent,
                                                              const std::string& partner = "") {
    v1::GetLicenseRevocationListRequest request;
    request.set_parent(parent);
    return Ask<v1::GetLicenseRevocationListResponse>(request, partner, keys_);
  }
  int Revoked() {
    const auto list = ListOf("customers/" + customer_);
    EXPECT_THAT(list, IsOk());
    return list.ok() ? list->revoked_count() : -1;
  }

  std::string directory_;
  std::shared_ptr<const server::TokenKeySet> keys_;
  std::string customer_;
};

TEST_F(LicenseTokensTest, ARowAnEventAndAnAnswerThatIsKept) {
  const v1::IssueLicenseTokenRequest request = Assigned(kServicePlan);
  const auto before = AllCounts();
  const Mutation mutation = IssueOf(request);
  const v1::LicenseToken token = ResponseOf<v1::LicenseToken>(Run(mutation));
  EXPECT_EQ(std::vector<std::string>(absl::StrSplit(token.token(), '.')).size(), 3u);
  EXPECT_THAT(Texts("SELECT token_id FROM license_tokens"), ElementsAre(token.token_id()));
  EXPECT_THAT(Texts("SELECT kind FROM events WHERE row_table = 'license_tokens'"), ElementsAre("LICENSE_TOKEN_ISSUED"));
  EXPECT_EQ(CountOf("events"), before.at("events") + 1);
  const Outcome again = Run(mutation);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(ResponseOf<v1::LicenseToken>(again).token(), token.token());
  EXPECT_EQ(CountOf("license_tokens"), 1);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(LicenseTokensTest, ManyAtOnceAreAllKept) {
  const v1::IssueLicenseTokenRequest request = Assigned(kServicePlan);
  std::vector<Mutation> mutations;
  for (int i = 0; i < 50; ++i) mutations.push_back(IssueOf(request));
  EXPECT_EQ(CountOk(RunInParallel(*writes_, std::move(mutations))), 50);
  EXPECT_EQ(CountOf("license_tokens"), 50);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(LicenseTokensTest, AnotherPartnerFindsNothing) {
  const v1::IssueLicenseTokenRequest request = Assigned(kServicePlan);
  const std::string parent =
      Texts(absl::StrCat("SELECT parent_id FROM partners WHERE partner_id = '", kPartner, "'")).at(0);
  const std::string stranger =
      Texts(absl::StrCat("SELECT partner_id FROM partners WHERE partner_id NOT IN ('", kPartner, "', '", parent, "')"))
          .at(0);
  EXPECT_THAT(Run(IssueOf(request, kPartner)), IsOk());
  EXPECT_EQ(ReasonOf(Run(IssueOf(request, stranger)).status()), "CUSTOMER_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Run(IssueOf(request, parent)).status()), "CUSTOMER_NOT_FOUND");
  for (const std::string& reader : {std::string(kPartner), parent, std::string()}) {
    EXPECT_THAT(ListOf("customers/" + customer_, reader), IsOk()) << reader;
    EXPECT_THAT(ListOf(absl::StrCat("partners/", kPartner), reader), IsOk()) << reader;
  }
  EXPECT_EQ(ReasonOf(ListOf("customers/" + customer_, stranger).status()), "CUSTOMER_NOT_FOUND");
  EXPECT_EQ(ReasonOf(ListOf(absl::StrCat("partners/", kPartner), stranger).status()), "PARTNER_NOT_FOUND");
  EXPECT_EQ(ReasonOf(ListOf("partners/" + parent, kPartner).status()), "PARTNER_NOT_FOUND");
}

TEST_F(LicenseTokensTest, ARenewalThatNobodyHasStoredRevokesNothing) {
  v1::IssueLicenseTokenRequest request = Assigned(kMonthlyPlan);
  request.set_valid_days(366);
  Issue(request);
  SetNow(kNow + absl::Hours(24 * 35));  // the term is over; the license was renewed, if someone had looked
  EXPECT_EQ(Revoked(), 0);
}

TEST_F(LicenseTokensTest, AChangeWhoseDayCameCountsBeforeItIsStored) {
  const v1::IssueLicenseTokenRequest request = Assigned(kMonthlyPlan);
  Issue(request);
  const std::string subscription = Texts("SELECT subscription_id FROM subscriptions").at(0);
  EXPECT_THAT(Run(ChangeOfUnits(customer_, subscription, kService, 9, kToday + 3)), IsOk());
  SetNow(kNow + absl::Hours(24 * 2));
  EXPECT_EQ(Revoked(), 0);
  SetNow(kNow + absl::Hours(24 * 3));
  EXPECT_EQ(Revoked(), 1);
  EXPECT_THAT(Texts("SELECT units FROM licenses"), ElementsAre("10"));  // it kept nothing
}

TEST_F(LicenseTokensTest, AnEarlierEndOfLifeRevokes) {
  Issue(Assigned(kServicePlan));
  EXPECT_EQ(Revoked(), 0);
  EXPECT_THAT(Run(Custom({.changes_catalog = true, .products = {kService}},
                         [](model::World& world, const domain::Env& env) {
                           model::Product& product = world.MutableCatalog().products.at({kService, ""});
                           product.lifecycle = model::Lifecycle::kEndOfLife;
                           product.end_of_life_date = env.today + 10;
                           return absl::OkStatus();
                         })),
              IsOk());
  EXPECT_EQ(Revoked(), 1);
}

TEST_F(LicenseTokensTest, ThoseThatHaveExpiredAreNotOnTheList) {
  Issue(Assigned("cas-quarterly"));  // no renewal
  EXPECT_THAT(Run(CancelOf(customer_, Texts("SELECT subscription_id FROM subscriptions").at(0))), IsOk());
  SetNow(kNow + absl::Hours(24 * 30) - absl::Seconds(1));
  EXPECT_EQ(Revoked(), 1);
  SetNow(kNow + absl::Hours(24 * 30));
  EXPECT_EQ(Revoked(), 0);
}

TEST_F(LicenseTokensTest, PagesHaveEveryTokenOnce) {
  const std::map<std::string, int> tokens_of = {{"customer-1", 7}, {"customer-2", 1}, {"zoo-4", 4}};
  for (const auto& [customer, tokens] : tokens_of) {
    if (customer != customer_) {
      EXPECT_THAT(Run(CreateCustomer(SomeCustomer(customer))), IsOk());
    }
    const v1::IssueLicenseTokenRequest request = Assigned(customer, kServicePlan);
    for (int i = 0; i < tokens; ++i) Issue(request);
  }
  const std::vector<std::string> all = {"customer-1", "customer-2", "nobody", "zoo-4"};
  for (const int limit : {1, 2, 3, 7, 11, 12, 13}) {
    storage::LicenseTokenOptions options{.customers = all, .limit = limit};
    std::vector<std::string> seen;
    for (bool more = true; more;) {
      const auto page = storage::ListLicenseTokens(*admin_, options, Now(), cache_);
      ASSERT_THAT(page, IsOk());
      EXPECT_LE(page->world.license_tokens.size(), static_cast<size_t>(limit));
      EXPECT_FALSE(page->world.licenses.empty());
      for (const auto& [key, token] : page->world.license_tokens) seen.push_back(key.second);
      more = page->more;
      options.after = page->last;
    }
    EXPECT_EQ(seen, Texts("SELECT token_id FROM license_tokens ORDER BY customer_id, token_id"));
  }
}

// 317 times 317 more of them. An answer that no client takes would be worse than none.
TEST_F(LicenseTokensTest, MoreThanOneListMayHaveAreRefused) {
  Issue(Assigned("cas-quarterly"));
  EXPECT_OK(admin_->Execute(
      "INSERT INTO license_tokens WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 317) "
      "SELECT customer_id, CONCAT('many-', a.i, '-', b.i), license_id, key_id, units, grace_end_date, issue_time, "
      "expire_time, revision, create_time, update_time, product_id, expiration_date FROM "
      "(SELECT * FROM license_tokens LIMIT 1) t JOIN n a JOIN n b"));
  EXPECT_EQ(Revoked(), 0);
  EXPECT_THAT(Run(CancelOf(customer_, Texts("SELECT subscription_id FROM subscriptions").at(0))), IsOk());
  for (const std::string& parent : {"customers/" + customer_, absl::StrCat("partners/", kPartner)}) {
    const absl::Status status = ListOf(parent).status();
    EXPECT_EQ(ReasonOf(status), "TOO_MANY_REVOKED_TOKENS") << status;
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("more than 100000 tokens of " + parent));
  }
  EXPECT_OK(admin_->Execute("DELETE FROM license_tokens WHERE token_id LIKE 'many-1%' LIMIT 490"));
  EXPECT_EQ(Revoked(), 100'000);
}

// A table of millions is looked through in parts, and only what has expired goes.
TEST_F(LicenseTokensTest, WhatHasExpiredIsForgotten) {
  const v1::IssueLicenseTokenRequest request = Assigned(kServicePlan);
  for (int i = 0; i < 3; ++i) Issue(request);
  EXPECT_OK(admin_->Execute(
      "INSERT INTO license_tokens WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900) "
      "SELECT customer_id, CONCAT('many-', i), license_id, key_id, units, grace_end_date, issue_time, "
      "IF(i % 2 = 0, '2026-03-14', expire_time), revision, create_time, update_time, product_id, "
      "expiration_date FROM (SELECT * FROM license_tokens LIMIT 1) t JOIN n"));
  server::TokenExpiry expiry(database_, [this] { return Now(); });
  EXPECT_THAT(expiry.RunOnce(), testing::IsOkAndHolds(450));
  EXPECT_EQ(CountOf("license_tokens"), 453);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM license_tokens WHERE expire_time < '2026-03-15'"), 0);
  EXPECT_THAT(expiry.RunOnce(), testing::IsOkAndHolds(0));
}

}  // namespace
}  // namespace lmp::engine
