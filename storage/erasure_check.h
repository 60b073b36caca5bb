// Whether what is erased of the history was to be: each erased event is of a customer that was erased later, as an
// event of the chain says, or of a key of one that was. Otherwise whoever can write to the database could have anything
// forgotten or, where its leaf is all that is left of an event's record, have the event say anything. The latter is so
// of old records only: once there are records with digests, those of before must soon have ended.
#ifndef LMP_STORAGE_ERASURE_CHECK_H_
#define LMP_STORAGE_ERASURE_CHECK_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
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
  struct Unfounded {
    int64_t sequence = 0;  // of an event that was not to be erased, the first that was found; 0: there is none
    std::string why;
  };
  // After the last one. Errors: those of the connection.
  absl::StatusOr<Unfounded> Finish(Connection& connection) const;

 private:
  void AddErased(const model::Event& event);
  void NoteRecord(const model::Event& event);

  int64_t erased_ = 0;
  std::map<std::string, int64_t> waiting_;  // customers that were not erased yet, with an erased event of theirs
  std::set<std::string> erasures_;          // customers that were
  std::map<std::pair<std::string, std::string>, int64_t> keys_;  // tables and keys, with their last erased event
  // The transaction that is being looked at, and the requests in it by which erased events of customers came.
  int64_t transaction_ = 0;
  std::set<std::string> requests_;
  bool cut_ = false;
  // The latest time that a record proves, the first of a record with a digest, and the first leaf that came too late.
  absl::Time proven_ = absl::InfinitePast(), salted_since_ = absl::InfiniteFuture();
  int64_t late_leaf_ = 0;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_ERASURE_CHECK_H_
