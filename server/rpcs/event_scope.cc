#include "server/rpcs/event_scope.h"

#include <algorithm>

#include "server/domain/lookup.h"
#include "storage/list_queries.h"
#include "storage/resellers.h"
#include "storage/rows/images.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::rpcs {

absl::StatusOr<VisibleEvents> VisibleEvents::Load(storage::Connection& connection, const domain::Caller& caller) {
  VisibleEvents visible;
  visible.customer_id_ = caller.customer_id;
  visible.partner_id_ = caller.partner_id;
  if (!caller.customer_id.empty()) {
    ASSIGN_OR_RETURN(visible.partner_of_customer_, storage::LoadPartnerOf(connection, caller.customer_id));
  }
  if (!caller.partner_id.empty()) {
    ASSIGN_OR_RETURN(visible.resellers_, storage::LoadResellers(connection, caller.partner_id));
  }
  return visible;
}

bool VisibleEvents::Has(const model::Event& event) const {
  if (!customer_id_.empty()) return event.key1 == customer_id_ && IsOfCustomer(event);
  if (partner_id_.empty()) return true;
  return event.partner_id.has_value() && (*event.partner_id == partner_id_ || resellers_.contains(*event.partner_id));
}

bool VisibleEvents::HasPartner(const std::string& partner_id) const {
  if (!customer_id_.empty()) return partner_id == partner_of_customer_;
  return partner_id_.empty() || partner_id == partner_id_ || resellers_.contains(partner_id);
}

std::string VisibleEvents::only() const {
  if (!customer_id_.empty()) return partner_of_customer_;
  return resellers_.empty() ? partner_id_ : "";
}

void VisibleEvents::Note(const model::Event& event) {
  if (partner_id_.empty() || event.row_table != model::Partner::kTable) return;
  const absl::StatusOr<model::Partner> partner = storage::RowOf<model::Partner>(event.after);
  if (partner.ok() && partner->parent_id == partner_id_) resellers_.insert(partner->partner_id);
}

bool EventScope::Has(const model::Event& event) const {
  if (event.event_time < start) return false;
  if (!partner_id.empty() && event.partner_id != partner_id) return false;
  if (!customer_id.empty() && !(event.key1 == customer_id && IsOfCustomer(event))) return false;
  if (!kinds.empty() && !kinds.contains(event.kind)) return false;
  return visible.Has(event);
}

bool EventScope::HasFact(const model::Event& event) const {
  if (event.row_table == model::Product::kTable) return true;
  if (event.row_table == model::Partner::kTable) return visible.HasPartner(event.key1);
  return Has(event);
}

// The years that are shown as instants; what was before there were computers was the same at any instant.
absl::Time ParseInstant(absl::string_view field, const google::protobuf::Timestamp& time, wire::Fields& fields) {
  return std::max(absl::UnixEpoch(), fields.Instant(field, time).value_or(absl::UnixEpoch()));
}

absl::Status CheckScope(const Reading& reading, EventScope& scope) {
  if (!scope.partner_id.empty()) {
    ASSIGN_OR_RETURN(const model::World world, LoadWorld(reading.connection, {.partners = {scope.partner_id}},
                                                         storage::Locking::kNone, reading.cache));
    RETURN_IF_ERROR(domain::FindPartner(world, reading.env.caller, scope.partner_id).status());
  }
  if (!scope.customer_id.empty()) {
    ASSIGN_OR_RETURN(const model::World world,
                     storage::LoadCustomerRow(reading.connection, scope.customer_id, reading.cache));
    ASSIGN_OR_RETURN(const model::Customer* customer,
                     domain::FindCustomer(world, reading.env.caller, scope.customer_id));
    if (scope.partner_id.empty()) scope.partner_id = customer->partner_id;
  }
  return absl::OkStatus();
}

}  // namespace lmp::rpcs
