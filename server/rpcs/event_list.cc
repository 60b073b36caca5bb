#include "server/rpcs/event_list.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/engine/history.h"
#include "server/rpcs/event_render.h"
#include "server/rpcs/event_scope.h"
#include "server/rpcs/list.h"
#include "storage/event_sequence.h"
#include "storage/status_macros.h"

namespace lmp::rpcs {
namespace {

// The part of the history that a page goes on with.
absl::StatusOr<storage::SequenceRange> RangeOf(const Reading& reading, const EverywhereQuery& query) {
  storage::SequenceRange range{.newest_first = query.order == storage::EventOrder::kNewestFirst,
                               .limit = query.page.limit};
  ASSIGN_OR_RETURN(const storage::HistoryHead head, storage::LoadHistoryHead(reading.connection));
  if (query.times.start != absl::InfinitePast()) {
    RETURN_IF_ERROR(engine::CheckKept(reading.connection, query.times.start, "start_time"));
    ASSIGN_OR_RETURN(range.after, storage::SequenceBefore(reading.connection, query.times.start, head));
  }
  if (query.times.end != absl::InfiniteFuture()) {
    // All with larger numbers are from later, as it is the place of a time that lies twice the disorder behind.
    ASSIGN_OR_RETURN(const int64_t last,
                     storage::SequenceBefore(reading.connection, query.times.end + storage::kDisorder * 2, head));
    range.before = last + 2;
  }
  if (query.page.after.has_value()) {
    int64_t place = 0;
    if (!absl::SimpleAtoi(query.page.after->key.first, &place)) {
      return absl::InternalError("a page token of ours that is no number");
    }
    (range.newest_first ? range.before : range.after) = place;
  }
  return range;
}

}  // namespace

EventTimes ParseEventTimes(const v1::ListEventsRequest& request, wire::Fields& fields) {
  EventTimes times;
  if (request.has_start_time()) times.start = ParseInstant("start_time", request.start_time(), fields);
  if (request.has_end_time()) times.end = ParseInstant("end_time", request.end_time(), fields);
  return times;
}

absl::Status ReadEventsEverywhere(const Reading& reading, const EverywhereQuery& query,
                                  v1::ListEventsResponse* response) {
  EventScope scope;
  if (!query.request.partner().empty()) {
    ASSIGN_OR_RETURN(scope.partner_id, wire::ParseName("partner", query.request.partner(), "partners"));
  }
  RETURN_IF_ERROR(CheckScope(reading, scope));
  ASSIGN_OR_RETURN(scope.visible, VisibleEvents::Load(reading.connection, reading.env.caller));
  ASSIGN_OR_RETURN(storage::SequenceRange range, RangeOf(reading, query));
  range.partner_id = scope.along();
  int64_t& place = range.newest_first ? range.before : range.after;
  const auto next = [&] {
    response->set_next_page_token(reading.tokens.Next(query.request, {"", {absl::StrCat(place), ""}}));
    return absl::OkStatus();
  };
  size_t bytes = 0;
  const auto full = [&] { return response->events_size() == query.page.limit || bytes >= kMaxPageBytes; };
  for (int looked_at = 0;;) {
    ASSIGN_OR_RETURN(std::vector<model::Event> chunk, storage::LoadBySequence(reading.connection, range));
    v1::ListEventsResponse rendered;
    RETURN_IF_ERROR(RenderEvents(reading.connection, reading.cache, chunk, [&] { return rendered.add_events(); }));
    for (size_t i = 0; i < chunk.size(); ++i) {
      v1::Event* event = rendered.mutable_events(static_cast<int>(i));
      if (scope.Has(chunk[i]) && query.times.Has(chunk[i]) && query.filter.Matches(*event)) {
        if (full()) return next();
        query.options.mask.ApplyToOne(event);
        bytes += event->ByteSizeLong();
        response->add_events()->Swap(event);
      }
      place = chunk[i].sequence;
    }
    if (std::ssize(chunk) < range.limit) return absl::OkStatus();
    looked_at += range.limit;
    if (looked_at >= kMaxLookedAt || full()) return next();
    range.limit = NextChunk(range.limit, looked_at);
  }
}

}  // namespace lmp::rpcs
