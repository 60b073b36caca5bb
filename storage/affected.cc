#include "storage/affected.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

using model::Affected;
using model::AffectedBy;

// Each counts no more than $n rows, one more than kMaxCounted; the index leads to the first of them without a sort.
constexpr char kPartnerCustomers[] =
    "SELECT COUNT(*) FROM (SELECT 1 FROM customers WHERE partner_id = ? AND delete_time IS NULL LIMIT $n) AS found";
constexpr char kPartnerSubscriptions[] =
    "SELECT COUNT(*) FROM (SELECT 1 FROM customers c JOIN subscriptions s ON s.customer_id = c.customer_id "
    "WHERE c.partner_id = ? AND c.delete_time IS NULL AND s.state IN ('ACTIVE', 'SUSPENDED') LIMIT $n) AS found";
constexpr char kPartnerLicenses[] =
    "SELECT COUNT(*) FROM (SELECT 1 FROM customers c JOIN licenses l ON l.customer_id = c.customer_id "
    "WHERE c.partner_id = ? AND c.delete_time IS NULL AND l.closed = 0 LIMIT $n) AS found";
constexpr char kPartnerFirst[] =
    "SELECT customer_id, '' FROM customers FORCE INDEX (customers_by_partner) WHERE partner_id = ? AND delete_time IS NULL "
    "ORDER BY customer_id LIMIT $f";

// Customers and subscriptions of as many licences.
constexpr char kProductLicenses[] =
    "SELECT COUNT(*), COUNT(DISTINCT customer_id), COUNT(DISTINCT customer_id, subscription_id) FROM (SELECT customer_id, "
    "subscription_id FROM licenses FORCE INDEX (licenses_by_product) WHERE product_id = ? AND closed = 0 LIMIT $n) AS found";
constexpr char kProductPlans[] =
    "SELECT COUNT(*) FROM (SELECT 1 FROM service_plans WHERE delete_time IS NULL AND (product_id = ? OR product_id IN "
    "(SELECT product_id FROM products WHERE kind = 'SUITE' AND JSON_CONTAINS(components, JSON_QUOTE(?)))) LIMIT $n) AS found";
constexpr char kProductFirst[] =
    "SELECT customer_id, license_id FROM licenses FORCE INDEX (licenses_by_product) WHERE product_id = ? AND closed = 0 "
    "ORDER BY customer_id, license_id LIMIT $f";

constexpr char kSuitePlans[] =
    "SELECT COUNT(*) FROM (SELECT 1 FROM service_plans WHERE product_id = ? AND delete_time IS NULL LIMIT $n) AS found";
constexpr char kSuiteSubscriptions[] =
    "SELECT COUNT(*), COUNT(DISTINCT customer_id) FROM (SELECT s.customer_id FROM service_plans p JOIN subscriptions s ON "
    "s.service_plan_id = p.service_plan_id WHERE p.product_id = ? AND s.state IN ('ACTIVE', 'SUSPENDED') LIMIT $n) AS found";
constexpr char kSuiteLicenses[] =
    "SELECT COUNT(*) FROM (SELECT 1 FROM service_plans p JOIN subscriptions s ON s.service_plan_id = p.service_plan_id "
    "JOIN licenses l ON l.customer_id = s.customer_id AND l.subscription_id = s.subscription_id "
    "WHERE p.product_id = ? AND l.closed = 0 LIMIT $n) AS found";
constexpr char kSuiteFirst[] =
    "SELECT service_plan_id, '' FROM service_plans FORCE INDEX (service_plans_by_product) WHERE product_id = ? AND "
    "delete_time IS NULL ORDER BY service_plan_id LIMIT $f";

class Counter final {
 public:
  Counter(Connection& connection, const std::string& id) : connection_(connection), id_(id) {}

  // Runs a query that counts; its columns go where they are told.
  absl::Status Count(const char* sql, const std::vector<int*>& into) {
    ASSIGN_OR_RETURN(const auto rows, connection_.Query(Text(sql), Params(sql)));
    if (!rows->Next()) return rows->status();
    for (size_t i = 0; i < into.size(); ++i) {
      const int count = static_cast<int>(rows->Int64(static_cast<int>(i)));
      affected.more = affected.more || count > model::kMaxCounted;
      *into[i] = std::min(count, model::kMaxCounted);
    }
    return rows->status();
  }

  absl::Status First(const char* sql) {
    ASSIGN_OR_RETURN(const auto rows, connection_.Query(Text(sql), Params(sql)));
    while (rows->Next()) affected.first.emplace_back(rows->String(0), rows->String(1));
    return rows->status();
  }

  Affected affected;

 private:
  static std::string Text(const char* sql) {
    return absl::StrReplaceAll(sql, {{"$n", absl::StrCat(model::kMaxCounted + 1)}, {"$f", absl::StrCat(model::kMaxFirst)}});
  }
  std::vector<Value> Params(const char* sql) const {
    return std::vector<Value>(static_cast<size_t>(std::count(sql, sql + std::char_traits<char>::length(sql), '?')), id_);
  }

  Connection& connection_;
  const std::string& id_;
};

}  // namespace

absl::StatusOr<Affected> CountAffected(Connection& connection, const AffectedBy& by) {
  Counter counter(connection, by.id);
  Affected& affected = counter.affected;
  affected.what = by.what;
  switch (by.what) {
    case AffectedBy::What::kPartner:
      RETURN_IF_ERROR(counter.Count(kPartnerCustomers, {&affected.customers}));
      RETURN_IF_ERROR(counter.Count(kPartnerSubscriptions, {&affected.subscriptions}));
      RETURN_IF_ERROR(counter.Count(kPartnerLicenses, {&affected.licenses}));
      RETURN_IF_ERROR(counter.First(kPartnerFirst));
      break;
    case AffectedBy::What::kProduct:
      RETURN_IF_ERROR(counter.Count(kProductLicenses, {&affected.licenses, &affected.customers, &affected.subscriptions}));
      RETURN_IF_ERROR(counter.Count(kProductPlans, {&affected.service_plans}));
      RETURN_IF_ERROR(counter.First(kProductFirst));
      break;
    case AffectedBy::What::kSuite:
      RETURN_IF_ERROR(counter.Count(kSuitePlans, {&affected.service_plans}));
      RETURN_IF_ERROR(counter.Count(kSuiteSubscriptions, {&affected.subscriptions, &affected.customers}));
      RETURN_IF_ERROR(counter.Count(kSuiteLicenses, {&affected.licenses}));
      RETURN_IF_ERROR(counter.First(kSuiteFirst));
      break;
    case AffectedBy::What::kCustomer:
      break;
  }
  return std::move(affected);
}

}  // namespace lmp::storage
