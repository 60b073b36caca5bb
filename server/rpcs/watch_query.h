// What a watcher asks for, and what it reads of the history by itself.
#ifndef LMP_SERVER_RPCS_WATCH_QUERY_H_
#define LMP_SERVER_RPCS_WATCH_QUERY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lmp/v1/watch.pb.h"
#include "lmp/v1/watch_licenses.pb.h"
#include "server/engine/event_feed.h"
#include "server/rpcs/event_scope.h"
#include "server/rpcs/watch_format.h"
#include "storage/history_snapshot.h"
#include "storage/mysql/connection.h"

namespace lmp::rpcs {

// A place in the history. Of which history it is, the first bytes of the chain's hash say: another database, or one
// that was restored from a backup and has gone on, has another hash there.
struct ResumePlace {
  int64_t sequence = 0;
  std::string hash;  // its first bytes
};
std::string ResumeToken(int64_t sequence, const std::string& chain_hash);
// None if it is no token.
std::optional<ResumePlace> ParseResumeToken(absl::string_view token);

struct WatchQuery {
  WatchFormat format = WatchFormat::kEvents;
  bool snapshot = false;  // first of all, what there is
  bool earliest = false;
  std::optional<ResumePlace> place;
  EventScope scope;
  absl::Duration checkpoint = absl::Seconds(10);
};

// Errors: INVALID_ARGUMENT.
absl::StatusOr<WatchQuery> ParseWatch(const v1::WatchEventsRequest& request);
absl::StatusOr<WatchQuery> ParseWatchLicenses(const v1::WatchLicensesRequest& request);

// Where a stream is: all up to here was sent, or not asked for.
struct Place {
  int64_t sequence = 0;
  std::string hash;
};

// In a snapshot. Errors: RESUME_TOKEN_GONE; those of the connection.
absl::StatusOr<Place> StartOf(storage::Connection& connection, const WatchQuery& query);

// What is between a place and the end of the history, or the first part of it.
struct Part {
  engine::FedTransactions transactions;
  Place end;
  VisibleEvents visible;
  bool at_head = false;                             // nothing is behind `end`
  std::optional<storage::SnapshotCursor> snapshot;  // what is next of it
};

// In a snapshot: about `page` events. Errors: RESUME_TOKEN_GONE, also if the history does not go through `from` any
// more, as a database was set back; UNAVAILABLE if a node of a cluster has yet to come there; those of the connection.
absl::StatusOr<Part> ReadPart(storage::Connection& connection, const engine::EventFeed& feed,
                              const domain::Caller& caller, const WatchQuery& query, const EventScope& scope,
                              const Place& from, int page);

// In the snapshot of a part that is at the head: adds the rows at the cursor as they are there. Errors: those of
// LoadSnapshotPart.
absl::Status AddSnapshot(storage::Connection& connection, const engine::EventFeed& feed, const domain::Caller& caller,
                         const WatchQuery& query, storage::SnapshotCursor cursor, Part& part);

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_WATCH_QUERY_H_
