// Pages of a caller that is bound to a partner, where no index has the partner's rows in the order that is asked for,
// or where its partners are too many to be merged.
//
// First the rows of everybody that come next in that order are looked at, but no more than kWindows: who has a good
// part of all rows finds its page there. Who has not, has all its own rows sorted, from their keys alone. So a page
// touches some thousands of rows and the caller's own, however many others there are.
#ifndef LMP_STORAGE_SPARSE_PAGE_H_
#define LMP_STORAGE_SPARSE_PAGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/rows/row_page.h"
#include "storage/status_macros.h"

namespace lmp::storage {

// How many rows are looked at, one window after the other.
inline constexpr int kWindows[] = {1000, 5000};

// Whose a row is.
enum class OwnedBy { kItself, kPartner, kCustomer };  // a partner; a row with a partner_id; one with a customer_id

// Of the next `window` rows of everybody after the query's position, those of the query's partner; of rows that a
// partner or a customer owns. Errors: INTERNAL for an order that no access path has.
absl::StatusOr<PageStatement> WindowSql(const std::string& table, const std::string& column_list,
                                        const std::vector<std::string>& keys, OwnedBy owned_by, const PageQuery& query,
                                        int window);
// All rows of the query's partner, sorted.
PageStatement OwnRowsSql(const std::string& table, const std::string& column_list, const std::vector<std::string>& keys,
                         OwnedBy owned_by, const PageQuery& query);

// The query's page of its partner's rows. Errors: those of the connection; INTERNAL as above.
template <class Row>
absl::StatusOr<RowPage<Row>> LoadSparsePage(Connection& connection, const PageQuery& query, OwnedBy owned_by) {
  const std::vector<std::string>& names = ColumnNames<Row>();
  const std::vector<std::string> keys(names.begin(), names.begin() + Row::kKeyColumns);
  const std::string table(Row::kTable);
  // Partners are few, also those of one partner.
  for (const int window : owned_by == OwnedBy::kItself ? absl::Span<const int>() : absl::MakeConstSpan(kWindows)) {
    ASSIGN_OR_RETURN(const PageStatement statement, WindowSql(table, SelectList<Row>(), keys, owned_by, query, window));
    ASSIGN_OR_RETURN(RowPage<Row> page, ReadPage<Row>(connection, statement, query.limit));
    if (page.more) return page;  // otherwise there may be more of them behind the window
  }
  return ReadPage<Row>(connection, OwnRowsSql(table, SelectList<Row>(), keys, owned_by, query), query.limit);
}

}  // namespace lmp::storage

#endif  // LMP_STORAGE_SPARSE_PAGE_H_
