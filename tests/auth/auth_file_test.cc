#include "server/auth/auth_file.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

namespace lmp::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kIssuer[] = R"(
[[issuer]]
issuer = "https://kubernetes.default.svc.cluster.local"
audience = "lmp"
jwks = "https://kubernetes.default.svc/openid/v1/jwks"
ca_file = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
bearer_token_file = "/var/run/secrets/kubernetes.io/serviceaccount/token"
)";

TEST(AuthFile, SaysWhoMayDoWhat) {
  const auto file = ParseAuthFile(absl::StrCat(kIssuer, R"(
[[binding]]
issuer = "https://kubernetes.default.svc.cluster.local"
subject = "system:serviceaccount:billing:checker"
roles = ["CHECKER", "METER"]
[[binding]]
issuer = "https://kubernetes.default.svc.cluster.local"
subject = "system:serviceaccount:billing:*"
roles = ["SUPPORT"]
partner = "partners/acme"
[[binding]]
issuer = "mtls"
subject = "spiffe://acme.example/desk"
roles = ["CUSTOMER_VIEWER"]
customer = "customers/c1"
)"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_EQ(file->issuers.size(), 1u);
  EXPECT_EQ(file->issuers[0].audience, "lmp");
  const std::string issuer = file->issuers[0].issuer;
  EXPECT_THAT(file->GrantOf(issuer, "system:serviceaccount:billing:checker")->roles,
              ElementsAre(Role::kChecker, Role::kMeter))
      << "the first that matches";
  EXPECT_EQ(file->GrantOf(issuer, "system:serviceaccount:billing:web")->partner_id, "acme");
  EXPECT_FALSE(file->GrantOf(issuer, "system:serviceaccount:other:checker").has_value());
  EXPECT_FALSE(file->GrantOf("https://other.example", "system:serviceaccount:billing:checker").has_value());
  EXPECT_EQ(file->GrantOf(kMtls, "spiffe://acme.example/desk")->customer_id, "c1");
}

TEST(AuthFile, MistakesAreNamedWithTheirLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"x = 1", "[[issuer]] and [[binding]] only"},
      {"[[issuer", "line 1"},
      {"issuer = 3", "write [[issuer]]"},
      {"[issuer]\nissuer=\"x\"", "write [[issuer]]"},
      {"[[issuer]]\nissuer = \"x\"\naudience = \"lmp\"", "needs `jwks`"},
      {"[[issuer]]\nissuer = \"x\"\naudience = \"\"\njwks = \"f\"", "line 3: `audience`"},
      {"[[issuer]]\nissuer = \"x\"\naudience = \"lmp\"\njwks = \"http://x/jwks\"", "https URL"},
      {"[[issuer]]\nissuer = \"x\"\naudience = \"lmp\"\njwks = \"f\"\nca_file = \"f\"", "is a URL"},
      {"[[issuer]]\nissuer = \"x\"\naudience = \"lmp\"\njwks = \"f\"\npartner_claim = \"f\"", "`roles_claim`"},
      {"[[issuer]]\nissuer = \"x\"\naudience = \"lmp\"\njwks = \"f\"\nallow_unbound = true",
       "goes with `partner_claim`"},
      {"[[issuer]]\nissuer = \"x\"\naudience = \"lmp\"\njwks = \"f\"\nallow_unbound = \"yes\"", "true or false"},
      {"[[issuer]]\nissuer = \"mtls\"\naudience = \"lmp\"\njwks = \"f\"", "\"mtls\""},
      {"[[issuer]]\nissuer = \"x\"\naudiance = \"lmp\"\naudience = \"lmp\"\njwks = \"f\"",
       "line 3: [[issuer]] has no `audiance`"},
      {"[[binding]]\nissuer = \"mtls\"\nsubject = \"*\"", "needs `roles`"},
      {"[[binding]]\nissuer = \"mtls\"\nsubject = \"*\"\nroles = [\"ROOT\"]", "\"ROOT\" is no role"},
      {"[[binding]]\nissuer = \"y\"\nsubject = \"*\"\nroles = [\"SUPPORT\"]", "neither that of an [[issuer]]"},
      {"[[binding]]\nissuer = \"mtls\"\nsubject = \"*\"\nroles = [\"ADMIN\"]\npartner = \"partners/a\"",
       "ADMIN can't be had"},
      {"[[binding]]\nissuer = \"mtls\"\nsubject = \"*\"\nroles = [\"PARTNER_ADMIN\"]", "PARTNER_ADMIN can't be had"},
      {"[[binding]]\nissuer = \"mtls\"\nsubject = \"desk\"\nroles = [\"SUPPORT\"]", "begins with \"spiffe://\""},
      {"[[binding]]\nissuer = \"mtls\"\nsubject = \"*\"\nroles = [\"SUPPORT\"]\npartner = \"partners/*\"",
       "as \"partners/ID\""},
      {"[[binding]]\nissuer = \"mtls\"\nsubject = \"*\"\nroles = [\"SUPPORT\"]\npartner = \"acme\"",
       "as \"partners/ID\""},
      {"[[binding]]\nissuer = \"mtls\"\nsubject = \"*\"\nroles = [\"SUPPORT\"]\npartner = \"partners/a\"\ncustomer = "
       "\"customers/c\"",
       "exclude"},
      {"", "line 1: the file is empty"},
      {" \n", "line 1: the file is empty"},
      // What the library would have undefined behavior for.
      {"# für alle\n[[issuer]]", "line 1: only ASCII"},
      {"\n\n[[[a", "line 3"},
  };
  for (const auto& [text, error] : cases) {
    const auto file = ParseAuthFile(text);
    ASSERT_FALSE(file.ok()) << text;
    EXPECT_THAT(file.status().message(), HasSubstr("line ")) << text;
    EXPECT_THAT(file.status().message(), HasSubstr(error)) << text;
  }
  EXPECT_TRUE(ParseAuthFile("# Nobody.").ok());
}

TEST(Matches, StarsStandForAnything) {
  EXPECT_TRUE(Matches("abc", "abc"));
  EXPECT_FALSE(Matches("abc", "abcd"));
  EXPECT_FALSE(Matches("abc", "ABC"));
  EXPECT_TRUE(Matches("*", ""));
  EXPECT_TRUE(Matches("a*", "a"));
  EXPECT_FALSE(Matches("a*", "ba"));
  EXPECT_TRUE(Matches("a*c*e", "abcde"));
  EXPECT_TRUE(Matches("a*b", "abab"));
  EXPECT_FALSE(Matches("ab*ba", "aba")) << "the two ends share nothing";
  EXPECT_FALSE(Matches("a*b*a", "aba b"));
}

}  // namespace
}  // namespace lmp::auth
