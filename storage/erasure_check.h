// Whether what is erased of the history was to be: each erased event is of a customer that was erased later, as an
// event of the chain says, or of a key of one that was. Otherwise whoever can write to the database could have anything
// forgotten or, where its leaf is all that is left of an event's record, have the event say anything.
#ifndef LMP_STORAGE_ERASURE_CHECK_H_
#define LMP_STORAGE_ERASURE_CHECK_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "storage/model/event.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

class ErasureCheck final {
 public:
  // Those after `base` are kept: of the transaction that goes on behind it the beginning is not known.
  void Begin(int64_t base) { cut_ = base > 0; }
  // All events, in order of their sequence.
  void Add(const model::Event& event);
  int64_t erased() const { return erased_; }
  // After the last one: an event that was erased without its customer, the first that was found; 0 if there is none.
  // Errors: those of the connection.
  absl::StatusOr<int64_t> Finish(Connection& connection) const;

 private:
  void AddErased(const model::Event& event);

  int64_t erased_ = 0;
  std::map<std::string, int64_t> waiting_;  // customers that were not erased yet, with an erased event of theirs
  std::set<std::string> erasures_;          // customers that were
  std::map<std::pair<std::string, std::string>, int64_t> keys_;  // tables and keys, with their last erased event
  // The transaction that is being looked at, and the requests in it by which erased events of customers came.
  int64_t transaction_ = 0;
  std::set<std::string> requests_;
  bool cut_ = false;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_ERASURE_CHECK_H_
