// The history across all customers: who changed what yesterday.
#ifndef LMP_SERVER_RPCS_EVENT_LIST_H_
#define LMP_SERVER_RPCS_EVENT_LIST_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lmp/v1/event.pb.h"
#include "server/rpcs/backend.h"
#include "server/wire/fields.h"
#include "server/wire/filter/filter.h"
#include "server/wire/page_token.h"
#include "server/wire/read_options.h"
#include "storage/history.h"
#include "storage/model/event.h"

namespace lmp::rpcs {

// The parent of everything.
inline constexpr char kEverywhere[] = "-";

// From `start` on and before `end`.
struct EventTimes {
  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();
  bool Has(const model::Event& event) const { return event.event_time >= start && event.event_time < end; }
};
EventTimes ParseEventTimes(const v1::ListEventsRequest& request, wire::Fields& fields);

// What was asked for, checked.
struct EverywhereQuery {
  const v1::ListEventsRequest& request;
  const EventTimes& times;
  storage::EventOrder order;
  const wire::Filter& filter;
  const wire::ReadOptions& options;
  const wire::PageRequest& page;
};
// One page, read along the order of the history, or of one partner's part of it, between the times. Errors:
// PARTNER_NOT_FOUND; those of the connection.
absl::Status ReadEventsEverywhere(const Reading& reading, const EverywhereQuery& query,
                                  v1::ListEventsResponse* response);

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_EVENT_LIST_H_
