// What all reads have in common besides their names: read_time, read_mask, and for lists filter and order_by. A field
// that a request does not have counts as not set.
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

inline constexpr absl::Duration kMaxStaleness = absl::Hours(1);  // the longest max_staleness

struct ReadOptions {
  std::optional<absl::Time> read_time;  // empty: now
  ReadMask mask;                        // fields of the resource to show
  absl::Duration max_staleness;         // more than 0: an answer of this age is accepted
};

// Fails fields.read_time if it is no valid instant, and fields.read_mask for paths that `resource` does not have.
ReadOptions ParseReadOptions(const google::protobuf::Message& request, const google::protobuf::Descriptor& resource,
                             Fields& fields);

// INVALID_ARGUMENT if read_time is in the future: the past is settled, the future is not.
absl::Status CheckReadTime(const ReadOptions& options, absl::Time now);

// A field of a resource that an index can find or order by.
struct IndexedField {
  std::string field;
  std::string column;
  std::string collection = {};  // "products": the field holds names of this collection, the column holds ids
  enum class Changes { kNever, kByMutations, kWithTime } changes = Changes::kByMutations;
};

struct ListOrder {
  const IndexedField* field = nullptr;  // null: order by name
  bool descending = false;
};

// Reads order_by: "name" or one of the fields, each with or without " desc". Fails fields.order_by for anything else.
ListOrder ParseOrderBy(const std::string& order_by, const std::vector<IndexedField>& orders, Fields& fields);

// Gives the query what an index can do for the filter. Of the comparisons that must all hold, these are those that
// demand equality with one of `find`, and those that bound the order's column. Each column gets one value, or one bound
// below and one above, so that there are few different statements. Every match of the filter is among the rows of the
// query. `usable` says which fields may be used. Returns false if nothing can match, so that the database need not be
// asked (a name that is malformed, 1 < x < 0).
bool AddIndexed(const Filter& filter, const std::vector<IndexedField>& find, const ListOrder& order,
                absl::FunctionRef<bool(const IndexedField&)> usable, storage::PageQuery* query);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_READ_OPTIONS_H_
