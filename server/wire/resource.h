// What all rows share in the form in which the API shows them. Computed fields (states, etags) need other rows and the
// day.
#ifndef LMP_SERVER_WIRE_RESOURCE_H_
#define LMP_SERVER_WIRE_RESOURCE_H_

#include "absl/time/time.h"
#include "lmp/v1/service_plan.pb.h"
#include "server/domain/lookup.h"
#include "server/engine/write_engine.h"
#include "server/wire/fields.h"
#include "server/wire/values.h"
#include "storage/model/world.h"

namespace lmp::wire {

// The rows from which fields are computed, and the day for which states are computed.
struct View {
  const model::World& world;
  model::Date today;
  // For the state of an API key, which depends on the instant. Events do not have it: to them a key has not expired.
  absl::Time now = absl::InfinitePast();
  // The row of an event that tells of a license's coming end, or takes that back. Whether the license renews an event
  // does not have; such a row itself says whether the license is expiring soon.
  bool announcing = false;
};

// These return a decision's rows, as they are now and as they were before.
inline View After(const engine::Decision& decided) { return {decided.after, decided.env.today}; }
inline View Before(const engine::Decision& decided) { return {decided.before, decided.env.today}; }

// Sets etag, create_time and update_time, which every resource has.
template <class Proto>
void SetStamp(const model::Stamp& stamp, Proto* out) {
  out->set_etag(domain::EtagOf(stamp));
  ToProto(stamp.create_time, out->mutable_create_time());
  ToProto(stamp.update_time, out->mutable_update_time());
}

// Renders the settings that a plan has and that a subscription copies from it.
template <class Proto>
void SetTerms(const model::PlanTerms& terms, Proto* out) {
  out->set_version(static_cast<v1::ServicePlan::Version>(terms.version));
  out->set_nfr(terms.nfr);
  out->set_initial_term_months(terms.initial_term_months);
  out->set_auto_renewal(terms.auto_renewal);
  out->set_renewal_term_months(terms.renewal_term_months);
  out->set_grace_period_days(terms.grace_period_days);
  out->set_expiration_notice_days(terms.expiration_notice_days);
  out->set_activation_policy(static_cast<v1::ServicePlan::ActivationPolicy>(terms.activation_policy));
  out->set_data_center(terms.data_center);
}

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_RESOURCE_H_
