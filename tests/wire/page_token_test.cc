// Page tokens lead on in the list they came from, and nowhere else.
#include "server/wire/page_token.h"

#include <limits>
#include <string>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
namespace {

using ::testing::ElementsAre;

const PageTokens kTokens("a secret");
const storage::Position kLast = {"2027-01-01", {"bakery", "l2"}};

v1::ListLicensesRequest Request(const std::string& token = "") {
  v1::ListLicensesRequest request;
  request.set_parent("customers/-");
  request.set_page_size(2);
  request.set_page_token(token);
  return request;
}

void ExpectRefused(const google::protobuf::Message& request) {
  const absl::Status status = kTokens.Parse(request).status();
  EXPECT_THAT(FieldsOf(status), ElementsAre("page_token"));
  EXPECT_EQ(domain::RefusalOf(status).reason, "PAGE_TOKEN_INVALID");
}

TEST(PageTokenTest, LeadsOnAfterTheLastRow) {
  for (const storage::Position& last : {kLast, storage::Position{"two\nlines", {"bakery", ""}}, storage::Position{}}) {
    ASSERT_OK_AND_ASSIGN(const PageRequest page, kTokens.Parse(Request(kTokens.Next(Request(), last))));
    EXPECT_EQ(page.after, last);
  }
}

TEST(PageTokenTest, OfAnotherSecretIsRefused) {
  const PageTokens others("another secret");
  ExpectRefused(Request(others.Next(Request(), kLast)));
  EXPECT_OK(
      PageTokens("a secret").Parse(Request(kTokens.Next(Request(), kLast))));  // another server, the same database
}

TEST(PageTokenTest, LetsThePageSizeChange) {
  v1::ListLicensesRequest next = Request(kTokens.Next(Request(), kLast));
  next.set_page_size(7);
  EXPECT_OK(kTokens.Parse(next));
}

TEST(PageTokenTest, IsTheSameForEveryPage) {
  // Made by the second page's request, which carries a token itself.
  const std::string first = kTokens.Next(Request(), kLast);
  EXPECT_OK(kTokens.Parse(Request(kTokens.Next(Request(first), kLast))));
}

TEST(PageTokenTest, BelongsToItsArguments) {
  v1::ListLicensesRequest other = Request(kTokens.Next(Request(), kLast));
  other.set_parent("customers/acme");
  ExpectRefused(other);
  v1::ListCustomersRequest live, all;
  all.set_show_deleted(true);
  all.set_page_token(kTokens.Next(live, kLast));
  ExpectRefused(all);
}

TEST(PageTokenTest, BelongsToItsMethod) {
  v1::ListSubscriptionsRequest other;
  other.set_parent("customers/-");
  other.set_page_token(kTokens.Next(Request(), kLast));
  ExpectRefused(other);
}

TEST(PageTokenTest, ThatWasChangedIsRefused) {
  const std::string token = kTokens.Next(Request(), kLast);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    ExpectRefused(Request(changed));
  }
  std::string bytes;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(token, &bytes));
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    ExpectRefused(Request(absl::WebSafeBase64Escape(changed)));
  }
  for (const std::string& cut : {token.substr(1), token.substr(0, token.size() - 4), token + "AAAA"}) {
    ExpectRefused(Request(cut));
  }
}

TEST(PageTokenTest, ThatIsNotOursIsRefused) {
  for (const std::string& token :
       {std::string("x"), std::string("!!"), std::string("acme"), absl::WebSafeBase64Escape("a\nb\nc"),
        absl::WebSafeBase64Escape("\n\n"), std::string(1'000'000, 'A')}) {
    ExpectRefused(Request(token));
  }
}

TEST(PageSizeTest, HasADefaultAndALimit) {
  for (const auto& [asked, given] :
       {std::pair(0, 50), {1, 1}, {50, 50}, {1000, 1000}, {1001, 1000}, {std::numeric_limits<int>::max(), 1000}}) {
    v1::ListPartnersRequest request;
    request.set_page_size(asked);
    ASSERT_OK_AND_ASSIGN(const PageRequest page, kTokens.Parse(request));
    EXPECT_EQ(page.limit, given);
    EXPECT_FALSE(page.after.has_value());
  }
}

TEST(PageSizeTest, IsNotNegative) {
  for (const int size : {-1, std::numeric_limits<int>::min()}) {
    v1::ListPartnersRequest request;
    request.set_page_size(size);
    EXPECT_THAT(FieldsOf(kTokens.Parse(request).status()), ElementsAre("page_size"));
  }
}

TEST(FingerprintTest, IsThatOfTheContent) {
  v1::CreateCustomerRequest one, two;
  for (int i = 0; i < 100; ++i) (*one.mutable_customer()->mutable_annotations())[std::to_string(i)] = "v";
  for (int i = 99; i >= 0; --i) (*two.mutable_customer()->mutable_annotations())[std::to_string(i)] = "v";
  one.set_request_id("one");
  two.set_request_id("two");
  EXPECT_EQ(Fingerprint(one, {"request_id"}), Fingerprint(two, {"request_id"}));
  EXPECT_EQ(Fingerprint(one, {"request_id"}).size(), 32U);
  EXPECT_NE(Fingerprint(one, {"customer_id"}), Fingerprint(two, {"customer_id"}));
  two.set_customer_id("other");
  EXPECT_NE(Fingerprint(one, {"request_id"}), Fingerprint(two, {"request_id"}));
}

}  // namespace
}  // namespace lmp::wire
