// The reads of the history as the services have them, for a caller who is bound to a partner.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/wire/page_token.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

class HistoryReadsTest : public EngineTest {
 protected:
  HistoryReadsTest() {
    AddPool(kService, 100);
    customer_ = AddCustomers(1)[0];
    EXPECT_THAT(Run(AssignService(customer_)), IsOk());
    license_ = Texts("SELECT license_id FROM licenses")[0];
    subscription_ = Texts("SELECT subscription_id FROM subscriptions")[0];
  }
  absl::Status List(const std::string& partner, const std::string& parent, v1::ListEventsResponse* response) {
    v1::ListEventsRequest request;
    request.set_parent(parent);
    const auto page = Ask<v1::ListEventsResponse>(request, partner);
    if (page.ok()) *response = *page;
    return page.status();
  }

  std::string customer_, license_, subscription_;
};

TEST_F(HistoryReadsTest, OthersHistoriesAreNotFound) {
  const std::vector<std::pair<std::string, const char*>> parents = {
      {"customers/" + customer_, "CUSTOMER_NOT_FOUND"},
      {"customers/" + customer_ + "/licenses/" + license_, "CUSTOMER_NOT_FOUND"},
      {"customers/" + customer_ + "/subscriptions/" + subscription_, "CUSTOMER_NOT_FOUND"},
      {"partners/msp-one", "PARTNER_NOT_FOUND"},
      {"partners/msp-one/licensePools/cloud-app-security", "PARTNER_NOT_FOUND"},
      {"servicePlans/cas-annual", "SERVICE_PLAN_NOT_FOUND"}};
  for (const auto& [parent, reason] : parents) {
    v1::ListEventsResponse response;
    for (const char* partner : {"", "msp-one", "distributor"}) {
      EXPECT_THAT(List(partner, parent, &response), IsOk()) << parent << " for " << partner;
    }
    EXPECT_GT(response.events_size(), 0) << parent;
    response.Clear();
    EXPECT_EQ(ReasonOf(List("msp-two", parent, &response)), reason) << parent;
    EXPECT_EQ(response.events_size(), 0) << parent;
  }
  v1::ListEventsResponse products;
  EXPECT_THAT(List("msp-two", "products/cloud-app-security", &products), IsOk());
}

TEST_F(HistoryReadsTest, NorAreTheirEventsAndLicenses) {
  const auto read = [&](const std::string& partner, int64_t id) {
    v1::GetEventRequest request;
    request.set_name(absl::StrCat("events/", id));
    return Ask<v1::Event>(request, partner).status();
  };
  int seen = 0;
  for (const char* table : {"customers", "subscriptions", "licenses", "license_pools", "partners", "service_plans"}) {
    const std::string which = std::string(table) == "partners" ? " AND key1 = 'msp-one'" : "";
    const int64_t id = Number(absl::StrCat("SELECT MIN(event_id) FROM events WHERE row_table = '", table, "'", which,
                                           std::string(table) == "service_plans" ? " AND key1 = 'cas-annual'" : ""));
    EXPECT_THAT(read("msp-one", id), IsOk()) << table;
    EXPECT_THAT(read("distributor", id), IsOk()) << table;
    EXPECT_EQ(ReasonOf(read("msp-two", id)), "EVENT_NOT_FOUND") << table;
    ++seen;
  }
  EXPECT_EQ(seen, 6);
  EXPECT_EQ(ReasonOf(read("", 1'000'000)), "EVENT_NOT_FOUND");

  const auto explain = [&](const std::string& partner) {
    v1::ExplainLicenseRequest request;
    request.set_name(domain::LicenseName(customer_, license_));
    return Ask<v1::ExplainLicenseResponse>(request, partner).status();
  };
  EXPECT_THAT(explain("msp-one"), IsOk());
  EXPECT_EQ(ReasonOf(explain("msp-two")), "CUSTOMER_NOT_FOUND");
}

TEST_F(HistoryReadsTest, ARenewalThatNobodyHasStoredIsExplainedWithoutAnEvent) {
  EXPECT_THAT(Run(Assign(customer_, "cas-monthly", {{kService, 3}}, domain::CrossgradeMode::kAutomatic)), IsOk());
  SetNow(kNow + absl::Hours(24 * 40));
  v1::ExplainLicenseRequest request;
  request.set_name(domain::LicenseName(customer_, license_));
  const auto answer = Ask<v1::ExplainLicenseResponse>(request);
  ASSERT_THAT(answer, IsOk());
  const v1::ExplainLicenseResponse& response = *answer;
  ASSERT_EQ(response.explanations_size(), 6);
  EXPECT_EQ(response.license().expiration_date().month(), 5);
  EXPECT_EQ(response.explanations(2).rule(),
            "SUBSCRIPTION_RENEWED on 2026-04-15: renewed by itself: the renewal term of 1 month "
            "from the expiration before, 2026-04-15, with the anchor day 15");
  EXPECT_FALSE(response.explanations(2).has_event());
  EXPECT_TRUE(response.explanations(0).has_event());
  EXPECT_THAT(response.explanations(0).event().change().resource(), HasSubstr(license_));
}

// Usage reports: pages of them in order, "customer units" for each row, "-" between pages.
class UsageReadsTest : public EngineTest {
 protected:
  std::vector<std::string> Report(int year, int month, int limit) {
    v1::GetUsageReportRequest request;
    request.set_page_size(limit);
    request.set_parent("partners/msp-one");
    request.mutable_month()->set_year(year);
    request.mutable_month()->set_month(month);
    std::vector<std::string> seen;
    for (int pages = 0; pages < 20; ++pages) {
      const auto response = Ask<v1::GetUsageReportResponse>(request, kPartner);
      EXPECT_THAT(response, IsOk());
      if (!response.ok()) break;
      for (const v1::UsageReportRow& row : response->rows())
        seen.push_back(absl::StrCat(row.customer(), " ", row.provisioned_units()));
      if (response->next_page_token().empty()) break;
      request.set_page_token(response->next_page_token());
      seen.push_back("-");
    }
    return seen;
  }
};

TEST_F(UsageReadsTest, APageLooksAtSoManyCustomersAndNoMore) {
  AddCustomers(450);  // customer-1, customer-10, customer-100, …, customer-99
  EXPECT_THAT(Run(AssignService("customer-1")), IsOk());
  EXPECT_THAT(Run(AssignService("customer-99")), IsOk());
  EXPECT_THAT(Report(2026, 3, 1000), ElementsAre("customers/customer-1 1", "-", "-", "customers/customer-99 1"));
  // After a full page come those that have no rows.
  EXPECT_THAT(Report(2026, 3, 1), ElementsAre("customers/customer-1 1", "-", "-", "customers/customer-99 1"));
}

TEST_F(UsageReadsTest, ProductsOfACustomerMayBeOnDifferentPages) {
  AddCustomers(2);
  for (const char* customer : {"customer-1", "customer-2"}) {
    EXPECT_THAT(Run(Assign(customer, kSuitePlan, kSuiteUnits)), IsOk());
  }
  const std::string one = "customers/customer-1 10", two = "customers/customer-2 10";
  EXPECT_THAT(Report(2026, 3, 1000), ElementsAre(one, one, one, two, two, two));
  EXPECT_THAT(Report(2026, 3, 2), ElementsAre(one, one, "-", one, two, "-", two, two));
  EXPECT_THAT(Report(2026, 3, 1), ElementsAre(one, "-", one, "-", one, "-", two, "-", two, "-", two));
}

TEST_F(UsageReadsTest, MonthsThatNobodyTouchedAreReportedAsTheyWere) {
  AddCustomers(1);
  EXPECT_THAT(Run(Assign("customer-1", "cas-monthly", {{kService, 10}})), IsOk());
  SetNow(kNow + absl::Hours(24 * 100));  // 23 June: three renewals that nobody has stored
  for (const int month : {3, 4, 5, 6})
    EXPECT_THAT(Report(2026, month, 10), ElementsAre("customers/customer-1 10")) << month;
  EXPECT_THAT(Report(2026, 2, 10), IsEmpty());
  // Now somebody stores them, and cancels: the months before stay what they were.
  EXPECT_THAT(Run(Assign("customer-1", "cas-annual", {{kService, 3}}, domain::CrossgradeMode::kAutomatic)), IsOk());
  SetNow(kNow + absl::Hours(24 * 120));
  for (const int month : {3, 4, 5, 6})
    EXPECT_THAT(Report(2026, month, 10), ElementsAre("customers/customer-1 10")) << month;
  EXPECT_THAT(Report(2026, 7, 10), ElementsAre("customers/customer-1 3"));
}

}  // namespace
}  // namespace lmp::engine
