// Which events a caller may see, and which of them are asked for, across all customers.
#ifndef LMP_SERVER_RPCS_EVENT_SCOPE_H_
#define LMP_SERVER_RPCS_EVENT_SCOPE_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/domain/env.h"
#include "server/rpcs/backend.h"
#include "server/wire/fields.h"
#include "storage/events.h"
#include "storage/model/event.h"

namespace lmp::rpcs {

using storage::IsOfCustomer;

// All events for a caller that is bound to nothing. For one that is bound to a partner, those of the partner's own
// things and of its resellers', so that products, which are nobody's, are not among them. For one that is bound to a
// customer, those of the customer and of all that is the customer's.
class VisibleEvents final {
 public:
  // Errors: those of the connection.
  static absl::StatusOr<VisibleEvents> Load(storage::Connection& connection, const domain::Caller& caller);

  bool Has(const model::Event& event) const;
  // Whether it matters to the caller that this partner is canceled: then its customers' licenses end.
  bool HasPartner(const std::string& partner_id) const;
  // The only partner whose events these are, be it for one customer of it; empty: there are others.
  std::string only() const;
  // A partner's own event: it may be a new reseller. Of the events that a stream brings, in their order.
  void Note(const model::Event& event);

 private:
  std::string customer_id_;  // not empty: of this customer alone, whose partner is
  std::string partner_of_customer_;
  std::string partner_id_;  // empty, and no customer: all
  std::set<std::string> resellers_;
};

struct EventScope {
  VisibleEvents visible;
  std::string partner_id;       // empty: of all that are visible
  std::string customer_id;      // likewise
  std::set<std::string> kinds;  // empty: all
  absl::Time start = absl::InfinitePast();

  bool Has(const model::Event& event) const;
  // Whether an answer about licenses in this scope may depend on the row. Products are public.
  bool HasFact(const model::Event& event) const;
  // The partner along whose events the history may be read; empty: along all.
  std::string along() const { return partner_id.empty() ? visible.only() : partner_id; }
};

// An instant of a request, in microseconds, as the database keeps them. Fails the field if it is none.
absl::Time ParseInstant(absl::string_view field, const google::protobuf::Timestamp& time, wire::Fields& fields);

// Whether the caller may see the partner and the customer, each if given. The scope of a customer then is its
// partner's, too, which never changes: so that only this partner's history is read. Errors: NOT_FOUND of either; those
// of the connection.
absl::Status CheckScope(const Reading& reading, EventScope& scope);

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_EVENT_SCOPE_H_
