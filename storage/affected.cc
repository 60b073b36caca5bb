#include "storage/affected.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

using model::Affected;
using model::AffectedBy;

// What is counted. With these indexes the first rows are found without a sort.
constexpr char kPartnerCustomers[] =
    "FROM customers c FORCE INDEX (customers_by_partner) WHERE c.partner_id = ? AND c.delete_time IS NULL";
constexpr char kPartnerLicenses[] =
    "FROM customers c JOIN licenses l ON l.customer_id = c.customer_id "
    "WHERE c.partner_id = ? AND c.delete_time IS NULL AND l.closed = 0";
constexpr char kProductLicenses[] =
    "FROM licenses l FORCE INDEX (licenses_open_by_product) WHERE l.product_id = ? AND l.closed = 0";
constexpr char kSuiteLicenses[] =
    "FROM service_plans p JOIN subscriptions s ON s.service_plan_id = p.service_plan_id "
    "JOIN licenses l ON l.customer_id = s.customer_id AND l.subscription_id = s.subscription_id "
    "WHERE p.product_id = ? AND l.closed = 0";
constexpr char kProductPlans[] =
    "FROM service_plans WHERE delete_time IS NULL AND (product_id = ? OR product_id IN "
    "(SELECT product_id FROM products WHERE kind = 'SUITE' AND JSON_CONTAINS(components, JSON_QUOTE(?))))";
constexpr char kSuitePlans[] =
    "FROM service_plans FORCE INDEX (service_plans_by_product) WHERE product_id = ? AND delete_time IS NULL";

class Counter final {
 public:
  Counter(Connection& connection, const AffectedBy& by, const std::vector<std::string>& at_hand)
      : connection_(connection), by_(by), at_hand_(at_hand) {
    affected.what = by.what;
  }

  absl::Status Customers(const char* of) {
    return Count("COUNT(*)", "1", Others(of, "c.customer_id"), {&affected.customers});
  }
  absl::Status Plans(const char* of) { return Count("COUNT(*)", "1", All(of), {&affected.service_plans}); }
  // Counts licenses, and the subscriptions and customers that they belong to: a subscription without a license left has
  // ended.
  absl::Status Licenses(const char* of, const std::vector<int*>& into) {
    return Count("COUNT(*), COUNT(DISTINCT customer_id, subscription_id), COUNT(DISTINCT customer_id)",
                 "l.customer_id, l.subscription_id", Others(of, "l.customer_id"), into);
  }

  absl::Status FirstCustomers(const char* of) {
    return First("c.customer_id, ''", Others(of, "c.customer_id"), "c.customer_id");
  }
  absl::Status FirstLicenses(const char* of) {
    return First("l.customer_id, l.license_id", Others(of, "l.customer_id"), "l.customer_id, l.license_id");
  }
  absl::Status FirstPlans(const char* of) { return First("service_plan_id, ''", All(of), "service_plan_id"); }

  Affected affected;

 private:
  struct From {
    std::string sql;
    std::vector<Value> params;
  };
  From All(const std::string& of) const {
    return {of, std::vector<Value>(static_cast<size_t>(std::count(of.begin(), of.end(), '?')), by_.id)};
  }
  From Others(const char* of, const char* customer) const {
    From from = All(of);
    if (!at_hand_.empty()) absl::StrAppend(&from.sql, " AND ", customer, " NOT IN ", InList(at_hand_, from.params));
    return from;
  }

  // Looks at kMaxCounted + 1 rows at most.
  absl::Status Count(const char* counts, const char* columns, const From& from, const std::vector<int*>& into) {
    const std::string sql = absl::StrCat("SELECT ", counts, " FROM (SELECT ", columns, " ", from.sql, " LIMIT ",
                                         model::kMaxCounted + 1, ") AS found");
    ASSIGN_OR_RETURN(const auto rows, connection_.Query(sql, from.params));
    if (!rows->Next()) return rows->status();
    for (size_t i = 0; i < into.size(); ++i) *into[i] = static_cast<int>(rows->Int64(static_cast<int>(i)));
    return rows->status();
  }

  absl::Status First(const char* columns, const From& from, const char* order) {
    const std::string sql =
        absl::StrCat("SELECT ", columns, " ", from.sql, " ORDER BY ", order, " LIMIT ", model::kMaxFirst);
    ASSIGN_OR_RETURN(const auto rows, connection_.Query(sql, from.params));
    while (rows->Next()) affected.first.emplace_back(rows->String(0), rows->String(1));
    return rows->status();
  }

  Connection& connection_;
  const AffectedBy& by_;
  const std::vector<std::string>& at_hand_;
};

}  // namespace

absl::StatusOr<Affected> CountAffected(Connection& connection, const AffectedBy& by,
                                       const std::vector<std::string>& at_hand) {
  Counter counter(connection, by, at_hand);
  Affected& affected = counter.affected;
  const std::vector<int*> everything = {&affected.licenses, &affected.subscriptions, &affected.customers};
  switch (by.what) {
    case AffectedBy::What::kPartner:
      RETURN_IF_ERROR(counter.Customers(kPartnerCustomers));
      RETURN_IF_ERROR(counter.Licenses(kPartnerLicenses, {&affected.licenses, &affected.subscriptions}));
      RETURN_IF_ERROR(counter.FirstCustomers(kPartnerCustomers));
      break;
    case AffectedBy::What::kProduct:
      RETURN_IF_ERROR(counter.Licenses(kProductLicenses, everything));
      RETURN_IF_ERROR(counter.Plans(kProductPlans));
      RETURN_IF_ERROR(counter.FirstLicenses(kProductLicenses));
      break;
    case AffectedBy::What::kSuite:
      RETURN_IF_ERROR(counter.Plans(kSuitePlans));
      RETURN_IF_ERROR(counter.Licenses(kSuiteLicenses, everything));
      RETURN_IF_ERROR(counter.FirstPlans(kSuitePlans));
      break;
    case AffectedBy::What::kCustomer:
      break;
  }
  return std::move(affected);
}

}  // namespace lmp::storage
