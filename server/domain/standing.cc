#include "server/domain/standing.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"

namespace lmp::domain {
namespace {

constexpr bool IsInOrder() {
  for (size_t i = 0; i < std::size(kStandings); ++i) {
    if (kStandings[i].verb != static_cast<Verb>(i)) return false;
  }
  return true;
}
static_assert(IsInOrder(), "a verb's row is found by its number");

const Standing& RowOf(Verb verb) { return kStandings[static_cast<size_t>(verb)]; }

absl::Status WrongState(const std::string& name, absl::string_view state, absl::string_view message) {
  return Precondition(reason::kWrongState, name, message, {{"state", std::string(state)}});
}

}  // namespace

absl::string_view StandingOf(const model::Customer& customer) {
  return customer.delete_time.has_value() ? "DELETED" : model::NameOf(customer.state);
}

absl::Status CheckStanding(Verb verb, const model::Partner& partner) {
  const Standing& row = RowOf(verb);
  const std::string name = PartnerName(partner.partner_id);
  const bool suspended = partner.state == model::PartnerState::kSuspended;
  const bool canceled = partner.state == model::PartnerState::kCanceled;
  if (suspended ? row.partner.suspended : canceled ? row.partner.canceled : row.partner.active) return absl::OkStatus();
  if (row.changes == Changes::kPartner) {
    const absl::string_view state = model::NameOf(partner.state);
    return WrongState(name, state, absl::StrCat(name, " is ", state, ": there is nothing for ", row.name, " to do"));
  }
  if (suspended) return Precondition(reason::kPartnerSuspended, name, absl::StrCat(name, " is suspended: read only"));
  return Precondition(reason::kPartnerCanceled, name, absl::StrCat(name, " is canceled"));
}

absl::Status CheckStanding(Verb verb, const model::Customer& customer) {
  const Standing& row = RowOf(verb);
  const std::string name = CustomerName(customer.customer_id);
  const bool deleted = customer.delete_time.has_value();
  const bool disabled = customer.state == model::CustomerState::kDisabled;
  if (deleted ? row.customer.deleted : disabled ? row.customer.disabled : row.customer.enabled) return absl::OkStatus();
  if (deleted) return Precondition(reason::kCustomerDeleted, name, absl::StrCat(name, " is deleted"));
  if (row.changes == Changes::kCustomer) {
    const absl::string_view state = StandingOf(customer);
    return WrongState(name, state, absl::StrCat(name, " is ", state, ": there is nothing for ", row.name, " to do"));
  }
  return Precondition(reason::kCustomerDisabled, name, absl::StrCat(name, " is disabled"));
}

}  // namespace lmp::domain
