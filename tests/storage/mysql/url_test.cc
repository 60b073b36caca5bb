// Database URLs: what is taken, what is refused, and that a password never gets into a message.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mysql/connection.h"
#include "tests/support/status_matchers.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(MysqlUrlTest, HostPortAndDatabase) {
  ASSERT_OK_AND_ASSIGN(DatabaseOptions options, ParseMysqlUrl("mysql://lmp@db.example:3307/licenses"));
  EXPECT_EQ(options.host, "db.example");
  EXPECT_EQ(options.port, 3307);
  EXPECT_EQ(options.user, "lmp");
  EXPECT_EQ(options.database, "licenses");
  EXPECT_EQ(options.socket, "");
  EXPECT_EQ(options.password, "");
}

TEST(MysqlUrlTest, PortIs3306UnlessGiven) {
  ASSERT_OK_AND_ASSIGN(DatabaseOptions options, ParseMysqlUrl("mysql://lmp@db/licenses"));
  EXPECT_EQ(options.port, 3306);
}

TEST(MysqlUrlTest, SocketAndTlsCa) {
  ASSERT_OK_AND_ASSIGN(DatabaseOptions options,
                       ParseMysqlUrl("mysql://lmp@localhost/licenses?socket=/run/my%20sql.sock&tls_ca=/etc/ca.pem"));
  EXPECT_EQ(options.socket, "/run/my sql.sock");
  EXPECT_EQ(options.tls_ca, "/etc/ca.pem");
}

TEST(MysqlUrlTest, Ipv6) {
  ASSERT_OK_AND_ASSIGN(DatabaseOptions options, ParseMysqlUrl("mysql://lmp@[::1]:3307/licenses"));
  EXPECT_EQ(options.host, "::1");
  EXPECT_EQ(options.port, 3307);
  ASSERT_OK_AND_ASSIGN(options, ParseMysqlUrl("mysql://lmp@[::1]/licenses"));
  EXPECT_EQ(options.port, 3306);
}

TEST(MysqlUrlTest, ReservedCharactersAreEscaped) {
  ASSERT_OK_AND_ASSIGN(DatabaseOptions options, ParseMysqlUrl("mysql://a%40b%3ac@db/x%2Fy"));
  EXPECT_EQ(options.user, "a@b:c");
  EXPECT_EQ(options.database, "x/y");
}

TEST(MysqlUrlTest, APasswordIsRefusedWithTheWayOutAndNotRepeated) {
  for (const char* url : {"mysql://lmp:s3cret@db/licenses", "mysql://lmp:s3@cret@db/licenses"}) {
    EXPECT_THAT(ParseMysqlUrl(url), StatusIs(absl::StatusCode::kInvalidArgument,
                                             AllOf(HasSubstr("LMP_MYSQL_PASSWORD"), Not(HasSubstr("s3")))));
  }
  EXPECT_THAT(ParseMysqlUrl("mysql://lmp:s3/cret@db/licenses"),
              StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("cret"))));
}

TEST(MysqlUrlTest, AParameterThatNobodyKnowsIsSaidToBeUnknownWhateverItsValue) {
  for (const char* url : {"mysql://lmp@db/x?timeout=5", "mysql://lmp@db/x?sslmode=/x", "mysql://lmp@db/x?ssl"}) {
    EXPECT_THAT(ParseMysqlUrl(url), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("unknown parameter")))
        << url;
  }
}

TEST(MysqlUrlTest, EverythingElseIsRefused) {
  for (const char* url : {"", "lmp@db/licenses", "postgres://lmp@db/licenses", "mysql://db/licenses",
                          "mysql://@db/licenses", "mysql://lmp@/licenses", "mysql://lmp@db", "mysql://lmp@db/",
                          "mysql://lmp@db/a/b", "mysql://lmp@db:0/x", "mysql://lmp@db:65536/x", "mysql://lmp@db:x/x",
                          "mysql://lmp@db:/x", "mysql://lmp@db:1:2/x", "mysql://lmp@[::1/x", "mysql://lmp@[::1]3306/x",
                          "mysql://lmp@[::1]:/x", "mysql://lmp@db/x?socket=", "mysql://lmp@db/x?socket=run",
                          "mysql://lmp@db/x?timeout=/5", "mysql://lmp@db/x?socket", "mysql://l%4@db/x",
                          // What would be silently ignored.
                          "mysql://lmp@db/x?socket=/run/s", "mysql://lmp@localhost:3307/x?socket=/run/s",
                          "mysql://lmp@localhost/x?socket=/a&socket=/b", "mysql://lmp@db/x?tls_ca=/a&tls_ca=/a",
                          "mysql://l%00@db/x", "mysql://lmp@db/x%zz", "mysql://lmp@db/x#frag"}) {
    EXPECT_THAT(ParseMysqlUrl(url), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("mysql://user@host")))
        << url;
  }
}

}  // namespace
}  // namespace lmp::storage
