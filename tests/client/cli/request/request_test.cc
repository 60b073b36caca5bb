// What is typed becomes exactly the request that was meant: masks, numbers, dates.
#include "tests/client/cli/cli_fixture.h"

namespace lmp::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Batch = v1::BatchUpdateSubscriptionsRequest;
using Update = v1::UpdateSubscriptionRequest;

class RequestTest : public CliTest {
 protected:
  RequestTest() {
    v1::BatchUpdateSubscriptionsResponse done;
    done.add_results()->mutable_subscription()->set_name("customers/bakery/subscriptions/s1");
    server_.Always<Batch, v1::BatchUpdateSubscriptionsResponse>("BatchUpdateSubscriptions", done);
    server_.Always<Update, v1::SubscriptionChangeResponse>("UpdateSubscription", done.results(0));
    server_.Always<v1::CreateProductRequest, v1::Product>("CreateProduct", v1::Product());
    server_.Always<v1::ReportUsageRequest, v1::License>("ReportUsage", v1::License());
    server_.Always<v1::GetUsageReportRequest, v1::GetUsageReportResponse>("GetUsageReport",
                                                                          v1::GetUsageReportResponse());
  }
  template <typename Request>
  Request Sent(const std::string& rpc, const std::vector<std::string>& arguments) {
    const Outcome run = Lmp(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const auto requests = server_.Requests<Request>(rpc);
    return requests.empty() ? Request() : requests.back();
  }
  Batch SentBatch(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"subscription", "update-all", "bakery"});
    return Sent<Batch>("BatchUpdateSubscriptions", flags);
  }
  Update SentUpdate(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"subscription", "update", "bakery/s1"});
    return Sent<Update>("UpdateSubscription", flags);
  }
  // The error of a command line that is refused before anything is sent.
  std::string Refused(const std::vector<std::string>& arguments) {
    const size_t before = server_.seen().size();
    const Outcome run = Lmp(arguments);
    EXPECT_EQ(run.exit_code, 64) << testing::PrintToString(arguments) << run.out;
    EXPECT_EQ(server_.seen().size(), before) << testing::PrintToString(arguments);
    return run.err;
  }
};

TEST_F(RequestTest, AFalseOrAZeroOfManyIsNamedInTheMaskOfEach) {
  Batch request = SentBatch({"--no-subscription-auto-renewal", "--subscription-expiration-notice-days", "0"});
  EXPECT_THAT(request.update().update_mask().paths(), ElementsAre("auto_renewal", "expiration_notice_days"));
  EXPECT_FALSE(request.update().subscription().auto_renewal());
  request = SentBatch({"--units", "cas=5", "--product", "cas"});
  EXPECT_THAT(request.update().update_mask().paths(), IsEmpty());
  EXPECT_EQ(request.update().units(0).units(), 5);
  EXPECT_EQ(request.product(), "products/cas");
}

TEST_F(RequestTest, OneMeaningHasOneName) {
  Batch request = SentBatch({"--no-auto-renewal", "--expiration-notice-days", "0", "--align-date", "2027-12-31"});
  EXPECT_THAT(request.update().update_mask().paths(), ElementsAre("auto_renewal", "expiration_notice_days"));
  EXPECT_EQ(request.update().align().expiration_date().year(), 2027);
  EXPECT_EQ(SentUpdate({"--align-date", "2027-12-31"}).align().expiration_date().year(), 2027);
  EXPECT_EQ(SentUpdate({"--align-expiration-date", "2027-12-31"}).align().expiration_date().year(), 2027);
  const std::string help = Lmp({"subscription", "update-all", "--help"}).out;
  EXPECT_THAT(help, HasSubstr("--auto-renewal, --no-auto-renewal"));
  EXPECT_THAT(help, HasSubstr("--align-date DATE"));
  EXPECT_THAT(help, Not(HasSubstr("--subscription-auto-renewal")));
  EXPECT_THAT(help, Not(HasSubstr("--align-expiration-date")));
}

TEST_F(RequestTest, AMaskNamesTheFieldsOfTheResourceOnly) {
  const Update request = SentUpdate({"--no-auto-renewal", "--units", "cas=5", "--effective-date", "2027-01-01"});
  EXPECT_THAT(request.update_mask().paths(), ElementsAre("auto_renewal"));
  EXPECT_EQ(request.units(0).units(), 5);
}

TEST_F(RequestTest, ManyWithNothingToChangeIsAUsageError) {
  EXPECT_THAT(Refused({"subscription", "update-all", "bakery", "--product", "cas"}), HasSubstr("nothing to change"));
}

TEST_F(RequestTest, NumbersAreDigitsAndNeverRelative) {
  for (const std::string number : {"+10", "-5", " 10", "10 ", "1e3", "0x10", "1,000", "10.0", ""}) {
    const std::vector<std::vector<std::string>> commands = {
        {"subscription", "update", "bakery/s1", "--units", "cas=" + number},
        {"subscription", "update-all", "bakery", "--units=cas=" + number},
        {"subscription", "update", "bakery/s1", "--renewal-term-months=" + number},
        {"product", "create", "p", "--min-units=" + number},
        {"license", "report-usage", "bakery/l1", "--used-units=" + number},
        {"customer", "list", "--page-size=" + number},
        {"customer", "list", "--limit=" + number},
        {"assign", "bakery", "suite", "--units", "cas=" + number},
    };
    for (const auto& command : commands) Refused(command);
  }
  EXPECT_THAT(Refused({"subscription", "update", "bakery/s1", "--units", "cas=+10"}),
              HasSubstr("--units cas=+10: give the number itself, without a sign"));
  EXPECT_THAT(Refused({"assign", "bakery", "suite", "--units", "-5"}), HasSubstr("without a sign"));
  EXPECT_THAT(Refused({"customer", "list", "--timeout", "+5"}), HasSubstr("--timeout"));
  EXPECT_EQ((Sent<v1::ReportUsageRequest>("ReportUsage", {"license", "report-usage", "bakery/l1", "--used-units", "0"})
                 .has_used_units()),
            true);
}

TEST_F(RequestTest, UnitsAloneAreForAllProductsNotNamed) {
  v1::Subscription subscription;
  *subscription.add_licenses() = License("customers/bakery/licenses/l1", "products/cas", 25, 2027);
  *subscription.add_licenses() = License("customers/bakery/licenses/l2", "products/hes", 25, 2027);
  server_.Always<v1::GetSubscriptionRequest, v1::Subscription>("GetSubscription", subscription);
  Update update = SentUpdate({"--units", "50", "--units", "hes=7"});
  ASSERT_EQ(update.units_size(), 2);
  EXPECT_EQ(update.units(0).product(), "products/hes");
  EXPECT_EQ(update.units(0).units(), 7);
  EXPECT_EQ(update.units(1).product(), "products/cas");
  EXPECT_EQ(update.units(1).units(), 50);
  const Batch batch = SentBatch({"--units", "50", "--product", "cas"});
  ASSERT_EQ(batch.update().units_size(), 1);
  EXPECT_EQ(batch.update().units(0).product(), "products/cas");
  EXPECT_THAT(Refused({"subscription", "update-all", "bakery", "--units", "50"}), HasSubstr("or N beside --product"));
  EXPECT_THAT(Refused({"subscription", "update", "bakery/s1", "--units", "+5"}), HasSubstr("without a sign"));
}

TEST_F(RequestTest, ADayIsADayAndAMonthAMonth) {
  for (const std::string day : {"2026-12", "tomorrow", "2026-13-01", "2026-12-1", "12/01/2026"}) {
    const std::string wanted = day + "\" is not a day: write it as 2026-11-24";
    EXPECT_THAT(Refused({"assign", "bakery", "suite", "--units", "cas=5", "--start", day}), HasSubstr(wanted));
    EXPECT_THAT(Refused({"assign", "bakery", "suite", "--units", "cas=5", "--align-date", day}), HasSubstr(wanted));
    EXPECT_THAT(Refused({"subscription", "update", "bakery/s1", "--effective-date", day}), HasSubstr(wanted));
    EXPECT_THAT(Refused({"subscription", "update-all", "bakery", "--align-expiration-date", day}), HasSubstr(wanted));
  }
  for (const std::string month : {"november", "2026-11-01", "2026-13", "2026"}) {
    EXPECT_THAT(Refused({"partner", "usage", "msp", "--month", month}),
                HasSubstr("--month " + month + ": \"" + month + "\" is not a month: write it as 2026-11"));
  }
  EXPECT_EQ((Sent<v1::GetUsageReportRequest>("GetUsageReport", {"partner", "usage", "msp", "--month", "2026-11"})
                 .month()
                 .month()),
            11);
  EXPECT_THAT(Refused({"customer", "get", "bakery", "--read-time", "2026-12"}),
              HasSubstr("is not an instant: write it as 2026-11-24T05:16:00Z"));
}

}  // namespace
}  // namespace lmp::cli
