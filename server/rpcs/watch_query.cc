#include "server/rpcs/watch_query.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/domain/event_kinds.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/wire/fields.h"
#include "server/wire/license_fact.h"
#include "storage/event_sequence.h"
#include "storage/hex.h"
#include "storage/history_chain.h"
#include "storage/history_retention.h"
#include "storage/status_macros.h"

namespace lmp::rpcs {
namespace {

constexpr size_t kHashBytesInToken = 8;
constexpr absl::Duration kLongestCheckpoint = absl::Minutes(5);
constexpr size_t kRowsInMessage = 200;  // of a snapshot: a message has some hundred kilobytes at most
constexpr char kEarliest[] = "earliest";
constexpr char kNow[] = "now";

void ParseStart(const v1::WatchEventsRequest& request, wire::Fields& fields, WatchQuery& query) {
  const std::string& token = request.resume_token();
  query.earliest = token == kEarliest;
  if (!token.empty() && token != kEarliest && token != kNow) {
    query.place = ParseResumeToken(token);
    if (!query.place.has_value())
      fields.Fail("resume_token", "must be \"earliest\", \"now\", or a resume_token of an answer");
  }
  if (!request.has_start_time()) return;
  query.scope.start = ParseInstant("start_time", request.start_time(), fields);
}

// Of both requests.
template <class Request>
void ParseScope(const Request& request, wire::Fields& fields, WatchQuery& query) {
  query.scope.partner_id = fields.OptionalName("partner", request.partner(), "partners");
  query.scope.customer_id = fields.OptionalName("customer", request.customer(), "customers");
  if (!request.has_checkpoint_interval()) return;
  query.checkpoint = fields.Duration("checkpoint_interval", request.checkpoint_interval(), kLongestCheckpoint);
  if (query.checkpoint < absl::Seconds(1)) fields.Fail("checkpoint_interval", "must be at least 1 s");
}

// Who goes on needs no snapshot. One that began elsewhere, or that left something out, would be none.
void ParseSnapshot(const v1::WatchEventsRequest& request, wire::Fields& fields, WatchQuery& query) {
  if (!request.snapshot()) return;
  query.snapshot = !query.place.has_value();
  if (query.snapshot && !request.resume_token().empty())
    fields.Fail("resume_token", "must be empty or of an answer if there is to be a snapshot");
  if (request.event_kinds_size() > 0) fields.Fail("event_kinds", "must be empty if there is to be a snapshot");
  if (request.has_start_time()) fields.Fail("start_time", "must be unset if there is to be a snapshot");
}

absl::Status Refuse(const std::string& field, const std::string& message, int64_t before_earliest) {
  return domain::Refuse(absl::StatusCode::kOutOfRange, message,
                        {.reason = domain::reason::kResumeTokenGone,
                         .metadata = {{"earliest_token", ResumeToken(before_earliest, storage::EmptyChain())}},
                         .violations = {{field, message}}});
}

absl::Status Gone(const ResumePlace& place, int64_t before_earliest) {
  return Refuse("resume_token",
                absl::StrCat("the history has no place ", place.sequence,
                             " any more, or it is not that of the token: watch from the earliest token"),
                before_earliest);
}

// Errors: RESUME_TOKEN_GONE.
absl::StatusOr<Place> PlaceOf(storage::Connection& connection, const ResumePlace& wanted,
                              const storage::HistoryHead& head) {
  ASSIGN_OR_RETURN(const int64_t before_earliest, storage::BeforeEarliest(connection, head));
  if (wanted.sequence < before_earliest || wanted.sequence > head.sequence) return Gone(wanted, before_earliest);
  Place place{wanted.sequence, storage::EmptyChain()};
  // The earliest token names the place right before what is left, and no hash: nobody knows all that was there.
  const bool names_hash = wanted.sequence == 0 || wanted.hash != storage::EmptyChain().substr(0, kHashBytesInToken);
  if (!names_hash && wanted.sequence == before_earliest) return place;
  place.hash = head.chain_hash;
  if (wanted.sequence < head.sequence) {
    ASSIGN_OR_RETURN(place.hash, storage::ChainHashAt(connection, wanted.sequence));
  }
  if (wanted.hash != place.hash.substr(0, kHashBytesInToken)) return Gone(wanted, before_earliest);
  return place;
}

}  // namespace

std::string ResumeToken(int64_t sequence, const std::string& chain_hash) {
  return absl::StrCat(sequence, "-", absl::BytesToHexString(chain_hash.substr(0, kHashBytesInToken)));
}

std::optional<ResumePlace> ParseResumeToken(absl::string_view token) {
  const size_t dash = token.find('-');
  ResumePlace place;
  if (dash == absl::string_view::npos || !absl::SimpleAtoi(token.substr(0, dash), &place.sequence)) return std::nullopt;
  place.hash = storage::BytesOfHex(token.substr(std::min(dash + 1, token.size())));
  // The one way in which it is written.
  if (place.sequence < 0 || place.hash.size() != kHashBytesInToken || ResumeToken(place.sequence, place.hash) != token)
    return std::nullopt;
  return place;
}

absl::StatusOr<WatchQuery> ParseWatch(const v1::WatchEventsRequest& request) {
  wire::Fields fields;
  WatchQuery query;
  ParseStart(request, fields, query);
  ParseScope(request, fields, query);
  query.scope.kinds = {request.event_kinds().begin(), request.event_kinds().end()};
  ParseSnapshot(request, fields, query);
  RETURN_IF_ERROR(fields.status());
  return query;
}

absl::StatusOr<WatchQuery> ParseWatchLicenses(const v1::WatchLicensesRequest& request) {
  wire::Fields fields;
  WatchQuery query{.format = WatchFormat::kFacts, .checkpoint = absl::Seconds(1)};
  const std::string& token = request.resume_token();
  if (!token.empty()) query.place = ParseResumeToken(token);
  query.snapshot = token.empty();
  if (!token.empty() && !query.place.has_value())
    fields.Fail("resume_token", "must be empty or a resume_token of an answer");
  ParseScope(request, fields, query);
  RETURN_IF_ERROR(fields.status());
  return query;
}

absl::StatusOr<Place> StartOf(storage::Connection& connection, const WatchQuery& query) {
  ASSIGN_OR_RETURN(const storage::HistoryHead head, storage::LoadHistoryHead(connection));
  if (query.place.has_value()) return PlaceOf(connection, *query.place, head);
  if (query.earliest) {
    ASSIGN_OR_RETURN(const int64_t sequence, storage::BeforeEarliest(connection, head));
    return Place{sequence, storage::EmptyChain()};
  }
  if (query.scope.start == absl::InfinitePast()) return Place{head.sequence, head.chain_hash};
  ASSIGN_OR_RETURN(const storage::HistoryBase base, storage::LoadHistoryBase(connection));
  if (query.scope.start < base.time)
    return Refuse("start_time", "the history of then is not kept any more: watch from the earliest token",
                  base.sequence);
  Place place;
  ASSIGN_OR_RETURN(place.sequence, storage::SequenceBefore(connection, query.scope.start, head));
  place.sequence = std::max(place.sequence, base.sequence);
  ASSIGN_OR_RETURN(place.hash, storage::ChainHashAt(connection, place.sequence));
  return place;
}

// The database may have been set back since; of a cluster another node, which took over, may only be behind.
absl::Status CheckStillThere(storage::Connection& connection, const Place& from, const storage::HistoryHead& head) {
  if (connection.is_cluster_node() && from.sequence > head.sequence)
    return domain::Refuse(absl::StatusCode::kUnavailable, "this node of the database is behind: try again",
                          {.reason = domain::reason::kDatabaseUnavailable});
  return PlaceOf(connection, {from.sequence, from.hash.substr(0, kHashBytesInToken)}, head).status();
}

absl::StatusOr<Part> ReadPart(storage::Connection& connection, const engine::EventFeed& feed,
                              const domain::Caller& caller, const WatchQuery& query, const EventScope& scope,
                              const Place& from, int page) {
  Part part;
  ASSIGN_OR_RETURN(part.visible, VisibleEvents::Load(connection, caller));
  ASSIGN_OR_RETURN(const storage::HistoryHead head, storage::LoadHistoryHead(connection));
  RETURN_IF_ERROR(CheckStillThere(connection, from, head));
  EventScope now = scope;
  now.visible = part.visible;
  // Facts about products are nobody's, and everybody's.
  const std::string along = query.format == WatchFormat::kFacts ? "" : now.along();
  for (int limit = page; part.transactions.empty(); limit *= 4) {
    ASSIGN_OR_RETURN(
        std::vector<model::Event> events,
        storage::LoadBySequence(
            connection, {.after = from.sequence, .before = head.sequence + 1, .partner_id = along, .limit = limit}));
    const bool all = std::ssize(events) < limit;
    ASSIGN_OR_RETURN(part.transactions, engine::ToTransactions(connection, feed.render(), std::move(events), all));
    if (!all) continue;
    part.end = {head.sequence, head.chain_hash};
    part.at_head = true;
    return part;
  }
  part.end = {part.transactions.back()->last(), part.transactions.back()->chain_hash()};
  return part;
}

absl::Status AddSnapshot(storage::Connection& connection, const engine::EventFeed& feed, const domain::Caller& caller,
                         const WatchQuery& query, storage::SnapshotCursor cursor, Part& part) {
  const bool of_facts = query.format == WatchFormat::kFacts;
  const std::string& customer = query.scope.customer_id.empty() ? caller.customer_id : query.scope.customer_id;
  const storage::SnapshotScope scope{.visible_to = caller.partner_id,
                                     .partner_id = query.scope.partner_id,
                                     .customer_id = customer,
                                     .with_sales = !of_facts};
  model::Event header;
  header.event_time = feed.Now();
  header.kind = domain::event::kSnapshot;
  ASSIGN_OR_RETURN(std::vector<model::Event> rows, storage::LoadSnapshotPart(connection, scope, header, cursor));
  std::vector<engine::RenderedEvent> rendered;
  if (of_facts) {
    for (const model::Event& row : rows) rendered.push_back({"", wire::FactOf(row).SerializeAsString()});
  } else {
    ASSIGN_OR_RETURN(rendered, feed.render()(connection, rows));
  }
  for (size_t from = 0; from < rows.size(); from += kRowsInMessage) {
    auto some = std::make_shared<engine::FedTransaction>();
    some->snapshot = true;
    for (size_t i = from; i < std::min(rows.size(), from + kRowsInMessage); ++i) {
      some->events.push_back(std::move(rows[i]));
      some->rendered.push_back(std::move(rendered[i]));
    }
    part.transactions.push_back(std::move(some));
  }
  part.snapshot = std::move(cursor);
  return absl::OkStatus();
}

}  // namespace lmp::rpcs
