#include "lmp/pagination.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "lmp/customer_client.h"
#include "lmp/mocks/mock_connection.h"

namespace lmp::client {
namespace {

using testing::_;
using testing::ElementsAre;

v1::ListCustomersResponse Page(const std::vector<std::string>& names, const std::string& next) {
  v1::ListCustomersResponse page;
  for (const std::string& name : names) page.add_customers()->set_name(name);
  page.set_next_page_token(next);
  return page;
}

// A request for the page of this token, with the page size that the test asks for.
auto HasToken(std::string token) {
  return testing::Truly([token = std::move(token)](const google::protobuf::Message& message) {
    const auto& request = dynamic_cast<const v1::ListCustomersRequest&>(message);
    return request.page_token() == token && request.page_size() == 2;
  });
}

class ForEachPageTest : public testing::Test {
 protected:
  absl::Status Collect(Paging after_first) {
    const CustomerClient client(connection_);
    v1::ListCustomersRequest request;
    request.set_page_size(2);
    return ForEachPage(
        request, [&](const auto& r) { return client.ListCustomers(r); },
        [&](const v1::ListCustomersResponse& page) {
          for (const v1::Customer& customer : page.customers()) names_.push_back(customer.name());
          return after_first;
        });
  }

  std::shared_ptr<MockConnection> connection_ = std::make_shared<MockConnection>();
  std::vector<std::string> names_;
};

TEST_F(ForEachPageTest, VisitsAllPagesInOrderWithTheSameArguments) {
  EXPECT_CALL(*connection_, Call(_, HasToken(""), _, _)).WillOnce(Answer(Page({"a", "b"}, "2")));
  EXPECT_CALL(*connection_, Call(_, HasToken("2"), _, _)).WillOnce(Answer(Page({}, "3")));  // empty, but not the last
  EXPECT_CALL(*connection_, Call(_, HasToken("3"), _, _)).WillOnce(Answer(Page({"c"}, "")));
  EXPECT_TRUE(Collect(Paging::kContinue).ok());
  EXPECT_THAT(names_, ElementsAre("a", "b", "c"));
}

TEST_F(ForEachPageTest, StopsWhenToldTo) {
  EXPECT_CALL(*connection_, Call(_, HasToken(""), _, _)).WillOnce(Answer(Page({"a", "b"}, "2")));
  EXPECT_TRUE(Collect(Paging::kStop).ok());
  EXPECT_THAT(names_, ElementsAre("a", "b"));
}

TEST_F(ForEachPageTest, ReturnsTheErrorOfAPageAfterVisitingThoseBefore) {
  EXPECT_CALL(*connection_, Call(_, HasToken(""), _, _)).WillOnce(Answer(Page({"a"}, "2")));
  EXPECT_CALL(*connection_, Call(_, HasToken("2"), _, _)).WillOnce(testing::Return(absl::InternalError("x")));
  EXPECT_EQ(Collect(Paging::kContinue), absl::InternalError("x"));
  EXPECT_THAT(names_, ElementsAre("a"));
}

}  // namespace
}  // namespace lmp::client
