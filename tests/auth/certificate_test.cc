#include "server/auth/certificate.h"

#include <gmock/gmock.h>

namespace lmp::auth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SubjectsOf, TheBestNameCounts) {
  EXPECT_THAT(SubjectsOf({.uris = {"spiffe://a/b"}, .dns = {"x.example"}, .common_name = "x"}),
              ElementsAre("spiffe://a/b"));
  EXPECT_THAT(SubjectsOf({.dns = {"X.example", "y.example"}, .common_name = "x"}),
              ElementsAre("dns:x.example", "dns:y.example"));
  EXPECT_THAT(SubjectsOf({.uris = {"https://x.example"}, .common_name = "x"}), ElementsAre("cn:x"));
  EXPECT_THAT(SubjectsOf({.common_name = "spiffe://a/b"}), ElementsAre("cn:spiffe://a/b"))
      << "a name is not taken for a better one";
}

TEST(SubjectsOf, TwoSpiffeIdsAreNobody) {
  EXPECT_THAT(SubjectsOf({.uris = {"spiffe://a/b", "spiffe://a/c"}, .common_name = "x"}), IsEmpty());
  EXPECT_THAT(SubjectsOf({.uris = {"https://x", "spiffe://a/c"}, .dns = {"x"}}), IsEmpty());
  EXPECT_THAT(SubjectsOf({}), IsEmpty());
}

}  // namespace
}  // namespace lmp::auth
