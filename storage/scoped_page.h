// Pages of a caller that is bound to a partner: what it may see of a table is found by whose it is, along an index, so
// that a small partner's page among very many rows of others touches what the page needs.
//
// Rows with a partner of their own come partner by partner, merged; rows of customers come customer by customer, in the
// order of names; in another order, all rows of the customers, if these are few. Else, with very many partners below
// the caller's, and of partners themselves, see sparse_page.h.
#ifndef LMP_STORAGE_SCOPED_PAGE_H_
#define LMP_STORAGE_SCOPED_PAGE_H_

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/model/world.h"
#include "storage/rows/row_page.h"
#include "storage/sparse_page.h"
#include "storage/status_macros.h"

namespace lmp::storage {

// Partners whose rows are merged; beyond, sparse_page.h.
inline constexpr size_t kMaxMergedPartners = 32;
// Customers whose rows are sorted for a page in another order than that of names; beyond, sparse_page.h.
inline constexpr int kMaxSortedCustomers = 500;

// The partner and those directly below it: whose rows a caller bound to it sees. At most kMaxMergedPartners + 1 of
// them.
absl::StatusOr<std::vector<std::string>> PartnersInScope(Connection& connection, const std::string& partner_id);

// Ids of a partner's customers from `from` on (empty: from the first), in the order of `descending`.
PageStatement CustomersOfPartnerSql(const std::string& partner_id, const std::string& from, bool inclusive,
                                    bool descending, int limit);
// The rows of these customers that the query asks for, in its order, after its position.
PageStatement OfCustomersSql(const std::string& table, const std::string& column_list,
                             const std::vector<std::string>& keys, const PageQuery& query,
                             const std::vector<std::string>& customers);

// Ids of the partners' customers as CustomersOfPartnerSql orders them, so many at most.
absl::StatusOr<std::vector<std::string>> CustomersOfPartners(Connection& connection,
                                                             const std::vector<std::string>& partners,
                                                             const std::string& from, bool inclusive, bool descending,
                                                             int limit);

// Whether an index finds a partner's rows of the table in this order.
bool HasPathOfPartner(absl::string_view table, const PageQuery& query);

namespace internal {

template <class Row>
bool Before(const Row& one, const Row& other, const PageQuery& query) {
  const Position a = PositionOf(one, query.order_by), b = PositionOf(other, query.order_by);
  const auto less = [](const Position& x, const Position& y) {
    return x.value != y.value ? x.value < y.value : x.key < y.key;
  };
  return query.descending ? less(b, a) : less(a, b);
}

// The first rows of all partners' pages.
template <class Row>
absl::StatusOr<RowPage<Row>> LoadMerged(Connection& connection, const PageQuery& query,
                                        const std::vector<std::string>& partners) {
  RowPage<Row> merged;
  for (const std::string& partner : partners) {
    PageQuery of_partner = query;
    of_partner.partner_id.clear();
    of_partner.equals.emplace_back("partner_id", partner);
    ASSIGN_OR_RETURN(RowPage<Row> page, LoadPage<Row>(connection, of_partner));
    merged.more = merged.more || page.more;
    const auto middle = static_cast<std::ptrdiff_t>(merged.rows.size());
    std::move(page.rows.begin(), page.rows.end(), std::back_inserter(merged.rows));
    std::inplace_merge(merged.rows.begin(), merged.rows.begin() + middle, merged.rows.end(),
                       [&query](const Row& a, const Row& b) { return Before(a, b, query); });
    if (merged.rows.size() > static_cast<size_t>(query.limit)) {
      merged.rows.resize(static_cast<size_t>(query.limit));
      merged.more = true;
    }
  }
  return merged;
}

// The query's page of these customers' rows, of which it has one more if there are more.
template <class Row>
absl::Status AddRowsOf(Connection& connection, const PageQuery& query, const std::vector<std::string>& customers,
                       std::vector<Row>& out) {
  const std::vector<std::string>& names = ColumnNames<Row>();
  const PageStatement statement =
      OfCustomersSql(std::string(Row::kTable), SelectList<Row>(), {names[0], names[1]}, query, customers);
  ASSIGN_OR_RETURN(const auto rows, connection.Query(statement.sql, statement.params));
  while (rows->Next()) out.push_back(ReadRow<Row>(*rows));
  return rows->status();
}

// All rows of all customers, sorted by the database; nothing if the customers are too many for that.
template <class Row>
absl::StatusOr<std::optional<RowPage<Row>>> LoadSorted(Connection& connection, const PageQuery& query,
                                                       const std::vector<std::string>& partners) {
  ASSIGN_OR_RETURN(const std::vector<std::string> customers,
                   CustomersOfPartners(connection, partners, "", false, false, kMaxSortedCustomers + 1));
  if (customers.size() > static_cast<size_t>(kMaxSortedCustomers)) return std::nullopt;
  RowPage<Row> page;
  if (!customers.empty()) RETURN_IF_ERROR(AddRowsOf(connection, query, customers, page.rows));
  page.more = page.rows.size() > static_cast<size_t>(query.limit);
  if (page.more) page.rows.pop_back();
  return page;
}

// Customer by customer, as many as a page needs.
template <class Row>
absl::StatusOr<RowPage<Row>> LoadByCustomers(Connection& connection, const PageQuery& query,
                                             const std::vector<std::string>& partners) {
  const int customers_at_once = std::clamp(query.limit, 50, 500);
  std::string from = query.after.has_value() ? query.after->key.first : "";
  RowPage<Row> page;
  for (bool inclusive = true;; inclusive = false) {
    ASSIGN_OR_RETURN(const std::vector<std::string> customers,
                     CustomersOfPartners(connection, partners, from, inclusive, query.descending, customers_at_once));
    if (customers.empty()) return page;
    PageQuery rest = query;
    rest.limit = query.limit - static_cast<int>(page.rows.size());
    RETURN_IF_ERROR(AddRowsOf(connection, rest, customers, page.rows));
    page.more = page.rows.size() > static_cast<size_t>(query.limit);  // it asks for one more
    if (page.more) {
      page.rows.pop_back();
      return page;
    }
    if (customers.size() < static_cast<size_t>(customers_at_once)) return page;
    from = customers.back();
  }
}

}  // namespace internal

// As LoadPage, for whoever asks. Errors: as LoadPage.
template <class Row>
absl::StatusOr<RowPage<Row>> LoadScopedPage(Connection& connection, const PageQuery& query) {
  constexpr bool kOfPartner = requires(const Row& row) { row.partner_id; }
  &&!std::is_same_v<Row, model::Partner>;
  constexpr bool kOfCustomer = requires(const Row& row) { std::string(row.customer_id); }
  &&Row::kKeyColumns == 2;
  if constexpr (kOfPartner || kOfCustomer) {
    const bool has_owner = std::any_of(query.equals.begin(), query.equals.end(), [](const auto& fixed) {
      return fixed.first == "partner_id" || fixed.first == "customer_id";
    });
    if (query.partner_id.empty() || has_owner) return LoadPage<Row>(connection, query);
    constexpr OwnedBy kOwner = kOfPartner ? OwnedBy::kPartner : OwnedBy::kCustomer;
    if (kOfPartner && !HasPathOfPartner(Row::kTable, query)) return LoadSparsePage<Row>(connection, query, kOwner);
    ASSIGN_OR_RETURN(const std::vector<std::string> partners, PartnersInScope(connection, query.partner_id));
    if (partners.size() > kMaxMergedPartners) return LoadSparsePage<Row>(connection, query, kOwner);
    if constexpr (kOfPartner) {
      return internal::LoadMerged<Row>(connection, query, partners);
    } else {
      if (query.order_by.empty()) return internal::LoadByCustomers<Row>(connection, query, partners);
      ASSIGN_OR_RETURN(std::optional<RowPage<Row>> sorted, internal::LoadSorted<Row>(connection, query, partners));
      if (sorted.has_value()) return *std::move(sorted);
      return LoadSparsePage<Row>(connection, query, kOwner);
    }
  } else {
    if (std::is_same_v<Row, model::Partner> && !query.partner_id.empty())
      return LoadSparsePage<Row>(connection, query, OwnedBy::kItself);
    return LoadPage<Row>(connection, query);
  }
}

}  // namespace lmp::storage

#endif  // LMP_STORAGE_SCOPED_PAGE_H_
