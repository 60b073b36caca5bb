// One change of one row, written in the same transaction as the change. This file also has the stored answer of a
// request.
#ifndef LMP_STORAGE_MODEL_EVENT_H_
#define LMP_STORAGE_MODEL_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace lmp::model {

// The kind of the event that a customer's erasure writes, of which the erasure of its events can be told to be right.
inline constexpr char kCustomerErased[] = "CUSTOMER_ERASED";

struct Event {
  static constexpr absl::string_view kTable = "events";

  int64_t event_id = 0;  // given by the database; grows, and per customer in commit order
  // Given later, to all events of a transaction together (storage/event_sequence.h); 0: not yet.
  int64_t sequence = 0;         // its place in the history
  int64_t transaction_end = 0;  // the place of the last event of its transaction
  std::string chain_hash;       // SHA-256 over all of the history up to it; 32 bytes
  int record_version = 1;       // the form of the record that entered the chain (storage/history_chain.h)
  absl::Time event_time;
  std::string actor;
  std::string reason;  // the reason that the caller gave; may be empty
  std::string request_id;
  std::string kind;                              // like "SERVICE_PLAN_ASSIGNED"
  std::optional<absl::CivilDay> effective_date;  // for what time did by itself: the day on which it was due
  std::string row_table;                         // the table of the changed row
  std::string key1, key2;                        // the row's primary key
  int revision = 0;                              // the row's revision after the change
  std::optional<std::string> before;             // JSON image; empty if the row is new
  std::string after;                             // JSON image
  std::optional<std::string> partner_id;         // whose it is; empty: nobody's, a product; none: not filled in yet
  std::optional<std::string> salt;    // 16 bytes at random, of an event that tells of people; none once it is erased
  std::optional<std::string> erased;  // what is left of what it told of people (storage/history_chain.h); 32 bytes

  // What a new event brings: all but its id and its place.
  template <class Self, class Visitor>
  static void Visit(Self& event, Visitor&& visit) {
    visit("event_time", event.event_time);
    visit("actor", event.actor);
    visit("reason", event.reason);
    visit("request_id", event.request_id);
    visit("kind", event.kind);
    visit("effective_date", event.effective_date);
    visit("row_table", event.row_table);
    visit("key1", event.key1);
    visit("key2", event.key2);
    visit("revision", event.revision);
    visit("before_image", event.before);
    visit("after_image", event.after);
    visit("partner_id", event.partner_id);
    visit("salt", event.salt);
  }
};

// The answer that a request_id got.
struct IdempotencyRecord {
  static constexpr absl::string_view kTable = "requests";

  std::string caller;
  std::string request_id;
  std::string method;
  std::string fingerprint;  // SHA-256 of the request
  std::string response;     // serialized response
  absl::Time create_time;

  template <class Self, class Visitor>
  static void Visit(Self& request, Visitor&& visit) {
    visit("caller", request.caller);
    visit("request_id", request.request_id);
    visit("method", request.method);
    visit("fingerprint", request.fingerprint);
    visit("response", request.response);
    visit("create_time", request.create_time);
  }
};

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_EVENT_H_
