// What all reads have in common beside their names: read_time, read_mask, and for lists filter and order_by. Fields
// that a request does not have count as not set.
#ifndef LMP_SERVER_WIRE_READ_OPTIONS_H_
#define LMP_SERVER_WIRE_READ_OPTIONS_H_

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/wire/fields.h"
#include "server/wire/filter/filter.h"
#include "server/wire/read_mask.h"
#include "storage/rows/row_page.h"

namespace lmp::wire {

inline constexpr absl::Duration kMaxStaleness = absl::Hours(1);  // of max_staleness

struct ReadOptions {
  std::optional<absl::Time> read_time;  // none: now
  ReadMask mask;                        // of the resource
  absl::Duration max_staleness;         // more than 0: an answer of this age will do
};

// Fails fields.read_time if it is no instant, and fields.read_mask for paths that `resource` does not have.
ReadOptions ParseReadOptions(const google::protobuf::Message& request, const google::protobuf::Descriptor& resource,
                             Fields& fields);

// INVALID_ARGUMENT if read_time is to come: the past is settled, the future is not.
absl::Status CheckReadTime(const ReadOptions& options, absl::Time now);

// A field of a resource that an index can find or order by.
struct IndexedField {
  std::string field;
  std::string column;
  std::string collection = {};  // "products": the field has names, the column ids
  enum class Changes { kNever, kByMutations, kWithTime } changes = Changes::kByMutations;
};

struct ListOrder {
  const IndexedField* field = nullptr;  // null: name
  bool descending = false;
};

// Reads order_by: "name" or one of the fields, and " desc". Fails fields.order_by for another one.
ListOrder ParseOrderBy(const std::string& order_by, const std::vector<IndexedField>& orders, Fields& fields);

// Gives the query what an index can do for the filter: those of its comparisons, all of which must hold, that are equal
// to one of `find`, and those that bound the order's column: one value for each column, one bound below and one above,
// so that there are few different statements. Every match of the filter is among the rows that the query gives.
// `usable` says which fields may be asked. False: nothing can match, and the database need not be asked (a name that is
// none, 1 < x < 0).
bool AddIndexed(const Filter& filter, const std::vector<IndexedField>& find, const ListOrder& order,
                absl::FunctionRef<bool(const IndexedField&)> usable, storage::PageQuery* query);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_READ_OPTIONS_H_
