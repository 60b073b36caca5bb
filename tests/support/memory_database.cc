#include "tests/support/memory_database.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/license_checks.h"
#include "storage/mysql/connection.h"
#include "storage/rows/columns.h"
#include "storage/rows/sql_rows.h"

namespace lmp::testing {
namespace {

using storage::Value;
using ValueRows = std::vector<std::vector<Value>>;

MemoryDatabase* installed = nullptr;

class MemoryResult final : public storage::ResultSet {
 public:
  MemoryResult(ValueRows rows, Meter& meter) : rows_(std::move(rows)), meter_(meter) {}
  ~MemoryResult() override {
    const Meter::Pause pause(meter_);
    rows_ = {};
  }
  bool Next() override { return ++row_ <= rows_.size(); }
  bool IsNull(int column) override { return std::holds_alternative<std::monostate>(At(column)); }
  std::string String(int column) override {
    const auto* text = std::get_if<std::string>(&At(column));
    return text != nullptr ? *text : std::string();
  }
  int64_t Int64(int column) override {
    const auto* number = std::get_if<int64_t>(&At(column));
    return number != nullptr ? *number : 0;
  }

 private:
  const Value& At(int column) const { return rows_.at(row_ - 1).at(static_cast<size_t>(column)); }

  ValueRows rows_;
  Meter& meter_;
  size_t row_ = 0;
};

// Whether a statement asks for this id: alone in an IN list, or within a JSON list of pairs.
bool AsksFor(const std::vector<Value>& params, const std::string& id) {
  for (const Value& param : params) {
    const auto* text = std::get_if<std::string>(&param);
    if (text != nullptr && (*text == id || absl::StrContains(*text, absl::StrCat("\"", id, "\"")))) return true;
  }
  return false;
}

// Of the subscription by which a license renews by itself; 0 if there is none.
int RenewalMonths(const model::World& world, const model::License& license) {
  if (!license.subscription_id.has_value()) return 0;
  const model::Subscription& subscription = *Find(world.subscriptions, license.customer_id, *license.subscription_id);
  const bool renews = subscription.state == model::SubscriptionState::kActive && subscription.terms.auto_renewal;
  return renews ? subscription.terms.renewal_term_months : 0;
}

class MemoryConnection final : public storage::Connection {
 public:
  explicit MemoryConnection(const MemoryDatabase& database) : database_(database) {}

  absl::Status Execute(absl::string_view sql) override {
    if (sql == "COMMIT" || sql == "ROLLBACK") database_.meter().Enter(Section::kOutside);
    return absl::OkStatus();
  }
  absl::StatusOr<int64_t> Update(const std::string&, const std::vector<Value>&) override {
    if (database_.meter().section() == Section::kDecide) database_.meter().Enter(Section::kStore);
    return 1;
  }
  // The first that whoever has a connection from the pool does with it.
  absl::Status LimitStatements(absl::Duration) override {
    database_.meter().Enter(Section::kLoad);
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<storage::ResultSet>> Query(const std::string& sql,
                                                            const std::vector<Value>& params) override {
    const Meter::Pause pause(database_.meter());
    std::optional<ValueRows> rows = Answer(sql, params);
    if (!rows.has_value()) return absl::InternalError(absl::StrCat("the database in memory does not know: ", sql));
    return std::make_unique<MemoryResult>(*std::move(rows), database_.meter());
  }
  bool broken() const override { return false; }
  absl::Status TakeLostTransaction() override { return absl::OkStatus(); }
  bool is_mariadb() const override { return true; }
  bool is_cluster_node() const override { return false; }
  int64_t round_trips() const override { return 0; }

 private:
  std::optional<ValueRows> Answer(const std::string& sql, const std::vector<Value>& params) const {
    if (absl::StrContains(sql, " FROM catalogue_version ")) return ValueRows{{int64_t{1}}};
    if (absl::StrContains(sql, " JOIN requests ")) return ValueRows();
    if (absl::StrContains(sql, "JOIN license_pools p ")) return ValueRows();  // nobody has anything due
    if (sql == storage::LicenseChecksSql()) return LicenseChecks(params);
    return Table<model::Partner, model::Product, model::ServicePlan, model::Customer, model::Subscription,
                 model::License, model::ScheduledChange, model::LicensePool>(sql, params);
  }

  // Rows of the first of the kinds that the statement selects from.
  template <class Row, class... More>
  std::optional<ValueRows> Table(const std::string& sql, const std::vector<Value>& params) const {
    const bool by_pairs = absl::StrContains(sql, absl::StrCat(" JOIN ", Row::kTable, " AS t "));
    const std::string select = absl::StrCat(storage::SelectFrom<Row>(), " ");
    if (by_pairs || absl::StrContains(sql, select)) {
      ValueRows rows;
      const bool all = !by_pairs && !absl::StrContains(sql, " WHERE ");
      for (const auto& [key, row] : model::RowsOf<Row>(database_.world())) {
        const bool second = Row::kTable != "license_pools" || AsksFor(params, key.second);
        if (all || (second && AsksFor(params, key.first))) storage::AppendValues(row, rows.emplace_back());
      }
      return rows;
    }
    if constexpr (sizeof...(More) > 0) return Table<More...>(sql, params);
    return std::nullopt;
  }

  // As storage/license_checks.h has them, column by column.
  ValueRows LicenseChecks(const std::vector<Value>& params) const {
    using storage::ToValue;
    const model::World& world = database_.world();
    ValueRows rows;
    for (const auto& [key, l] : world.licenses) {
      if (!AsksFor(params, key.first) || !AsksFor(params, l.product_id)) continue;
      const model::Customer& c = *Find(world.customers, key.first);
      const model::Partner& p = *Find(world.catalog->partners, c.partner_id);
      const model::Product& product = *Find(world.catalog->products, l.product_id);
      rows.push_back({ToValue(c.customer_id),
                      ToValue(c.partner_id),
                      ToValue(c.state),
                      ToValue(c.delete_time),
                      ToValue(p.parent_id),
                      ToValue(p.state),
                      ToValue(l.license_id),
                      ToValue(l.product_id),
                      ToValue(l.product_kind),
                      ToValue(l.units),
                      ToValue(l.used_units),
                      ToValue(l.start_date),
                      ToValue(l.expiration_date),
                      ToValue(l.grace_end_date),
                      ToValue(l.expiration_notice_days),
                      ToValue(l.activation_policy),
                      ToValue(l.activate_time),
                      ToValue(l.closed),
                      ToValue(l.suspend_date),
                      ToValue(l.due_date),
                      ToValue(product.end_of_life_date),
                      ToValue(l.subscription_id),
                      ToValue(RenewalMonths(world, l)),
                      ToValue(l.stamp.update_time)});
    }
    return rows;
  }

  const MemoryDatabase& database_;
};

}  // namespace

MemoryDatabase::MemoryDatabase(Meter& meter) : meter_(meter) { installed = this; }
MemoryDatabase::~MemoryDatabase() { installed = nullptr; }

}  // namespace lmp::testing

// Instead of the one in storage/mysql/connector/connection.cc, which is then not linked.
absl::StatusOr<std::unique_ptr<lmp::storage::Connection>> lmp::storage::Connection::Open(const DatabaseOptions&) {
  return std::make_unique<lmp::testing::MemoryConnection>(*lmp::testing::installed);
}
