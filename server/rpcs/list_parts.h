// With a read_time a list loads whole customers, because their rows are rewound together. One may have ten thousand
// rows: so how many are loaded at once, and for one page, goes by their rows.
#ifndef LMP_SERVER_RPCS_LIST_PARTS_H_
#define LMP_SERVER_RPCS_LIST_PARTS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/model/row.h"
#include "storage/related_rows.h"
#include "storage/status_macros.h"

namespace lmp::rpcs {

inline constexpr int64_t kMaxRowsAtOnce = 20'000;
inline constexpr int64_t kMaxRowsOfPage = 200'000;

// The rows of a chunk in parts, so that no part has too many rows of whole customers loaded, unless it is of one.
template <class Row>
class Parts final {
 public:
  // Errors: those of the connection.
  static absl::StatusOr<Parts> Of(storage::Connection& connection, const std::vector<Row>& rows, bool whole_customers,
                                  int64_t at_once = kMaxRowsAtOnce) {
    Parts parts(rows, at_once);
    if constexpr (requires(const Row& row) { std::string(row.customer_id); }) {
      if (whole_customers) {
        std::set<std::string> ids;
        for (const Row& row : rows) ids.insert(row.customer_id);
        ASSIGN_OR_RETURN(parts.counts_, storage::CountRowsOfCustomers(connection, {ids.begin(), ids.end()}));
      }
    }
    return parts;
  }

  // The next part; empty: there is no more.
  absl::Span<const Row> Next() {
    const size_t from = at_;
    if (counts_.empty()) at_ = rows_.size();
    std::set<std::string> customers;
    for (int64_t loads = 0; at_ < rows_.size(); ++at_) {
      const std::string customer = KeyOf(rows_[at_]).first;
      const auto count = counts_.find(customer);
      if (count == counts_.end() || !customers.insert(customer).second) continue;
      loads += count->second;
      if (loads > at_once_ && at_ > from) break;
      loaded_ += count->second;
    }
    return rows_.subspan(from, at_ - from);
  }
  int64_t loaded() const { return loaded_; }  // how many rows the parts so far had loaded

 private:
  Parts(absl::Span<const Row> rows, int64_t at_once) : rows_(rows), at_once_(at_once) {}

  absl::Span<const Row> rows_;
  int64_t at_once_;
  std::map<std::string, int64_t> counts_;
  size_t at_ = 0;
  int64_t loaded_ = 0;
};

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_LIST_PARTS_H_
