// Lists while time has done things that nobody stored, lists of many rows, and lists of the past.

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/lookup.h"
#include "server/domain/subscription/registration_key.h"
#include "server/domain/subscription/verbs.h"
#include "server/wire/resources.h"
#include "server/workers/renewal_worker.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

constexpr absl::Duration kDay = absl::Hours(24);

class ListingTest : public EngineTest {
 protected:
  // One page, as the service gives it.
  template <class Response>
  Response Page(const google::protobuf::Message& request, const std::string& partner = "") {
    const auto response = Ask<Response>(request, partner);
    EXPECT_THAT(response, IsOk()) << request.ShortDebugString();
    return response.ok() ? *response : Response();
  }

  // The resources of all pages, as text.
  template <class Response, class Request>
  std::vector<std::string> Texts(Request request, const std::string& partner = "") {
    std::vector<std::string> texts;
    for (int pages = 0; pages < 1000; ++pages) {
      const auto response = Page<Response>(request, partner);
      const auto* items = response.GetDescriptor()->field(0);
      for (int i = 0; i < response.GetReflection()->FieldSize(response, items); ++i) {
        texts.push_back(response.GetReflection()->GetRepeatedMessage(response, items, i).ShortDebugString());
      }
      if (response.next_page_token().empty()) return texts;
      request.set_page_token(response.next_page_token());
    }
    ADD_FAILURE() << "the pages do not end: " << request.ShortDebugString();
    return texts;
  }

  std::vector<v1::License> Licenses(const std::string& filter, const std::string& order_by, int page_size) {
    v1::ListLicensesRequest request;
    request.set_parent("customers/-");
    request.set_filter(filter);
    request.set_order_by(order_by);
    request.set_page_size(page_size);
    std::vector<v1::License> licenses;
    do {
      const auto response = Page<v1::ListLicensesResponse>(request);
      licenses.insert(licenses.end(), response.licenses().begin(), response.licenses().end());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return licenses;
  }

  // All licenses, each as GetLicense answers, in order of name.
  std::vector<v1::License> Gotten() {
    std::vector<v1::License> licenses;
    for (const std::string& name :
         EngineTest::Texts("SELECT CONCAT('customers/', customer_id, '/licenses/', license_id) "
                           "FROM licenses ORDER BY customer_id, license_id")) {
      v1::GetLicenseRequest request;
      request.set_name(name);
      const auto license = Ask<v1::License>(request);
      EXPECT_THAT(license, IsOk());
      if (license.ok()) licenses.push_back(*license);
    }
    return licenses;
  }

  void AssignFrom(const std::string& customer, const std::string& plan, const std::string& product, int days) {
    v1::AssignServicePlanRequest request;
    request.set_parent(domain::CustomerName(customer));
    request.set_service_plan(domain::ServicePlanName(plan));
    AddUnits(request, product, 10);
    SetDate(Today() + days, request.mutable_start_date());
    EXPECT_THAT(Run(request), IsOk());
  }

  void SetUnits(const std::string& customer, const std::string& plan, const std::string& product, int units, int days) {
    const auto ids = EngineTest::Texts(absl::StrCat("SELECT subscription_id FROM subscriptions WHERE customer_id = '",
                                                    customer, "' AND service_plan_id = '", plan, "'"));
    ASSERT_THAT(ids, SizeIs(1)) << customer << " " << plan;
    const std::optional<model::Date> day = days > 0 ? std::optional(Today() + days) : std::nullopt;
    EXPECT_THAT(Run(ChangeOfUnits(customer, ids[0], product, units, day)), IsOk());
  }

  // Licenses that renew, that end with and without grace, and that last, from days all over a month.
  void AddLicenses() {
    AddCustomers(6);
    int day = -27;
    for (const char* customer : {"customer-1", "customer-2", "customer-3", "customer-4", "customer-5", "customer-6"}) {
      AssignFrom(customer, day % 2 == 0 ? "cas-monthly" : "cas-trial", kService, day);
      AssignFrom(customer, "wfs-standard-monthly", "worry-free-services-standard", day + 3);
      AssignFrom(customer, "wfbs-monthly", "worry-free-business-security", day + 5);
      AssignFrom(customer, "encryption-annual", "endpoint-encryption", day + 5);
      day += 9;
    }
  }

  void RunWorker() {
    server::RenewalWorker worker(database_, *writes_, [this] { return Now(); });
    EXPECT_THAT(worker.RunOnce(), IsOk());
  }

  model::Date Today() const { return absl::ToCivilDay(Now(), absl::UTCTimeZone()); }
  static model::Date DayOf(const google::type::Date& date) {
    return model::Date(date.year(), date.month(), date.day());
  }
  static std::string Text(const v1::License& license) { return license.ShortDebugString(); }

  const wire::PageTokens tokens_{"secret"};
};

TEST_F(ListingTest, FiltersAreExactWhileNobodyHasStoredWhatTimeDid) {
  AddLicenses();
  int stale = 0;
  std::map<int, int> states;
  for (const int days : {0, 8, 17, 33, 47, 75, 420}) {
    SetNow(kNow + days * kDay);
    const std::vector<v1::License> all = Gotten();
    ASSERT_THAT(all, SizeIs(24));
    for (const bool stored : {false, true}) {  // first as an index has it that is behind, then as it is up to date
      if (stored) RunWorker();
      stale += stored ? 0
                      : static_cast<int>(Number("SELECT COUNT(*) FROM licenses WHERE due_date <= '" +
                                                absl::FormatCivilTime(Today()) + "'"));
      const std::vector<v1::License> now = stored ? Gotten() : all;
      const auto expect = [&](const std::string& filter, const auto& matches) {
        std::vector<std::string> expected;
        for (const v1::License& license : now) {
          if (matches(license)) expected.push_back(Text(license));
        }
        for (const char* order_by : {"", "expiration_date", "expiration_date desc"}) {
          for (const int page_size : {3, 1000}) {
            const std::vector<v1::License> found = Licenses(filter, order_by, page_size);
            std::vector<std::string> texts;
            for (const v1::License& license : found) texts.push_back(Text(license));
            const std::string what =
                absl::StrCat("after ", days, " days, stored ", stored, ": ", filter, " by ", order_by);
            ASSERT_THAT(texts, UnorderedElementsAreArray(expected)) << what;
            if (*order_by == '\0') {
              ASSERT_EQ(texts, expected) << what;
              continue;
            }
            if (!stored) continue;  // the order is that of what is stored
            std::vector<model::Date> dates;
            for (const v1::License& license : found) dates.push_back(DayOf(license.expiration_date()));
            if (absl::string_view(order_by) != "expiration_date") std::reverse(dates.begin(), dates.end());
            ASSERT_TRUE(std::is_sorted(dates.begin(), dates.end())) << what;
          }
        }
      };
      expect("", [](const v1::License&) { return true; });
      for (const auto state :
           {v1::License::ACTIVE, v1::License::EXPIRING_SOON, v1::License::GRACE, v1::License::EXPIRED}) {
        states[state] +=
            static_cast<int>(std::count_if(now.begin(), now.end(), [&](const auto& l) { return l.state() == state; }));
        expect("state = " + v1::License::State_Name(state), [&](const v1::License& l) { return l.state() == state; });
      }
      for (const int ahead : {-40, 0, 1, 14}) {
        const model::Date day = Today() + ahead;
        const std::string text = absl::FormatCivilTime(day);
        expect("expiration_date < " + text, [&](const v1::License& l) { return DayOf(l.expiration_date()) < day; });
        expect("expiration_date >= " + text + " AND state != EXPIRED", [&](const v1::License& l) {
          return DayOf(l.expiration_date()) >= day && l.state() != v1::License::EXPIRED;
        });
        expect("expiration_date = " + text, [&](const v1::License& l) { return DayOf(l.expiration_date()) == day; });
      }
    }
  }
  EXPECT_GT(stale, 30);
  EXPECT_THAT(states, SizeIs(4));
  for (const auto& [state, count] : states) EXPECT_GT(count, 5) << state;
}

// 12 000 more, by SQL: copies of customer-1.
class ManyCustomersTest : public ListingTest {
 protected:
  ManyCustomersTest() {
    AddCustomers(1);
    std::string values;
    for (const std::string& column : storage::ColumnNames<model::Customer>()) {
      absl::StrAppend(&values, values.empty() ? "CONCAT('many-', LPAD(n, 5, '0'))" : ", " + column);
    }
    const std::string digits =
        "(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION "
        "SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";
    const std::string numbers =
        absl::StrCat("(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d AS n FROM ", digits, " a, ", digits,
                     " b, ", digits, " c, ", digits, " d, ", digits, " e WHERE e.d < 2) AS numbers");
    EXPECT_THAT(admin_->Update(
                    absl::StrCat("INSERT INTO customers (", storage::ColumnList<model::Customer>(), ") SELECT ", values,
                                 " FROM customers, ", numbers, " WHERE customer_id = 'customer-1' AND n < 12000"),
                    {}),
                IsOk());
    EXPECT_THAT(
        admin_->Update("UPDATE customers SET note = 'the last', city = 'Ulm' WHERE customer_id = 'many-11999'", {}),
        IsOk());
    EXPECT_EQ(CountOf("customers"), 12'001);
  }
};

TEST_F(ManyCustomersTest, APageLooksAtSoManyRowsAndNoMore) {
  const auto pages = [&](v1::ListCustomersRequest request) {
    std::vector<std::string> seen;
    do {
      const auto response = Page<v1::ListCustomersResponse>(request);
      for (const auto& customer : response.customers()) seen.push_back(customer.name());
      seen.push_back(response.next_page_token().empty() ? "end" : "-");
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty() && seen.size() < 100);
    return seen;
  };
  for (const char* order_by : {"", "display_name"}) {
    for (const int page_size : {1, 50, 1000}) {
      v1::ListCustomersRequest request;
      request.set_order_by(order_by);
      request.set_page_size(page_size);
      request.set_filter("note = \"the last\"");
      EXPECT_THAT(pages(request), ElementsAre("-", "customers/many-11999", "end")) << order_by << page_size;
      request.set_filter("note = nobody");
      EXPECT_THAT(pages(request), ElementsAre("-", "end")) << order_by << page_size;
      request.set_filter("note = \"the last\" OR name = customers/customer-1");
      EXPECT_THAT(pages(request).back(), "end");
    }
  }
  v1::ListCustomersRequest request;
  request.set_filter("note = \"the last\"");
  request.set_order_by("name desc");
  EXPECT_THAT(pages(request), ElementsAre("customers/many-11999", "-", "end"));
  *request.mutable_read_time() = Page<v1::ListCustomersResponse>(request).customers(0).create_time();
  request.set_order_by("");
  EXPECT_THAT(pages(request), ElementsAre("-", "customers/many-11999", "end"));
}

TEST_F(ManyCustomersTest, AnIndexFindsThemWithoutLookingAtAll) {
  v1::ListCustomersRequest request;
  request.set_filter("display_name = nobody");
  EXPECT_EQ(Page<v1::ListCustomersResponse>(request).next_page_token(), "");
  request.set_filter("partner = partners/msp-two");
  EXPECT_EQ(Page<v1::ListCustomersResponse>(request).next_page_token(), "");
}

TEST_F(ManyCustomersTest, AllPagesTogetherHaveEachOnce) {
  for (const char* order_by : {"name", "name desc", "display_name", "display_name desc"}) {
    v1::ListCustomersRequest request;
    request.set_page_size(1000);
    request.set_order_by(order_by);
    request.mutable_read_mask()->add_paths("name");
    std::vector<std::string> names = Texts<v1::ListCustomersResponse>(request);
    ASSERT_THAT(names, SizeIs(12'001)) << order_by;
    if (absl::EndsWith(order_by, "desc")) std::reverse(names.begin(), names.end());
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end())) << order_by;
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end()) << order_by;
  }
}

// A look at everything, at an instant.
class AsOfTest : public ListingTest {
 protected:
  // With `then`, as of that instant. One line for each resource.
  std::string Look(std::optional<absl::Time> then, const std::string& partner = "") {
    std::vector<std::string> lines;
    const auto add = [&]<class Response>(const Response&, auto request) {
      request.set_page_size(7);
      if (then.has_value()) wire::ToProto(*then, request.mutable_read_time());
      for (std::string& line : Texts<Response>(request, partner)) lines.push_back(std::move(line));
    };
    v1::ListSubscriptionsRequest subscriptions;
    v1::ListLicensesRequest licenses;
    v1::ListScheduledChangesRequest changes, waiting;
    v1::ListLicensePoolsRequest pools;
    subscriptions.set_parent("customers/-");
    licenses.set_parent("customers/-");
    changes.set_parent("customers/-/subscriptions/-");
    waiting = changes;
    changes.set_show_all(true);
    pools.set_parent("partners/-");
    add(v1::ListCustomersResponse(), v1::ListCustomersRequest());
    add(v1::ListSubscriptionsResponse(), subscriptions);
    add(v1::ListLicensesResponse(), licenses);
    add(v1::ListScheduledChangesResponse(), changes);
    add(v1::ListScheduledChangesResponse(), waiting);
    add(v1::ListPartnersResponse(), v1::ListPartnersRequest());
    add(v1::ListServicePlansResponse(), v1::ListServicePlansRequest());
    add(v1::ListRegistrationKeysResponse(), v1::ListRegistrationKeysRequest());
    add(v1::ListLicensePoolsResponse(), pools);
    return absl::StrJoin(lines, "\n");
  }
};

TEST_F(AsOfTest, AcrossRenewalsAndEndsThatNobodyHadStoredItIsWhatAReaderSaw) {
  AddPool(kService, 1000);
  AddLicenses();
  struct Seen {
    absl::Time time;
    std::string lines;
  };
  std::vector<Seen> looks;
  int due = 0;
  for (int step = 0; step < 26; ++step) {
    SetNow(kNow + step * 5 * kDay + absl::Hours(step % 12));
    if (step % 8 == 7) RunWorker();
    const std::string customer = absl::StrCat("customer-", step % 3 * 2 + 1);
    if (step % 5 == 1)
      SetUnits(customer, "wfs-standard-monthly", "worry-free-services-standard", 20 + step, 1 + step % 7);
    if (step % 5 == 3) SetUnits(customer, "encryption-annual", "endpoint-encryption", 20 + step, 0);
    if (step % 9 == 4) {
      EXPECT_THAT(Run(UpdateNote(customer, absl::StrCat("step ", step))), IsOk());
    }
    SetNow(Now() + absl::Microseconds(1));  // between two changes
    const int64_t waits =
        Number("SELECT COUNT(*) FROM licenses WHERE due_date <= '" + absl::FormatCivilTime(Today()) + "'");
    due += waits > 0 ? 1 : 0;
    looks.push_back({Now(), Look(std::nullopt)});
    EXPECT_EQ(Look(Now()), looks.back().lines) << "as of now, after step " << step;
  }
  EXPECT_GT(due, 10);
  for (const bool stored : {false, true}) {
    if (stored) RunWorker();
    for (const Seen& seen : looks) {
      ASSERT_EQ(Look(seen.time), seen.lines) << "at " << seen.time;
    }
  }
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(AsOfTest, EachSeesItsOwn) {
  AddPool(kService, 1000);
  AddLicenses();
  SetUnits("customer-1", "encryption-annual", "endpoint-encryption", 33, 5);
  v1::CreateRegistrationKeyRequest key;
  key.mutable_registration_key()->set_service_plan(domain::ServicePlanName(kServicePlan));
  AddUnits(*key.mutable_registration_key(), kService, 3);
  EXPECT_THAT(Run(key), IsOk());
  const absl::Time then = Now();
  SetNow(kNow + 50 * kDay);
  for (const std::optional<absl::Time> time : {std::optional<absl::Time>(), std::optional<absl::Time>(then)}) {
    const auto of = [&](const std::string& partner) { return Look(time, partner); };
    for (const char* partner : {"", "msp-one", "distributor"}) {
      for (const char* name : {"customers/customer-1\"", "/subscriptions/", "/licenses/", "/scheduledChanges/",
                               "servicePlans/cas-annual", "registrationKeys/", "partners/msp-one/licensePools/"}) {
        EXPECT_THAT(of(partner), ::testing::HasSubstr(name)) << partner << (time.has_value() ? " then" : " now");
      }
    }
    EXPECT_THAT(of("msp-two"), ::testing::HasSubstr("name: \"partners/msp-two\""));
    EXPECT_THAT(of("msp-two"), ::testing::HasSubstr("servicePlans/two-cas-annual"));
    EXPECT_THAT(of("msp-two"), ::testing::Not(::testing::HasSubstr("msp-one")));
    EXPECT_THAT(of("msp-two"), ::testing::Not(::testing::HasSubstr("customers/")));
  }
}

}  // namespace
}  // namespace lmp::engine
