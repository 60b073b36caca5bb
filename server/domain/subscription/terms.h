// What can be changed of a running subscription, now or on a later day, and how a term is renewed. The verbs of
// subscription_verbs.h and the passing of time (due.h) both come here.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_TERMS_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_TERMS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/domain/env.h"
#include "server/domain/refusal.h"
#include "storage/model/world.h"

namespace lmp::domain {

// What an update sets; what is not set stays.
struct TermsChange {
  std::map<std::string, int> units;  // by product id
  std::optional<Date> expiration_date;
  std::optional<Date> anchor_date;  // from which terms count after expiration_date; none: from that itself
  std::optional<bool> auto_renewal;
  std::optional<int> renewal_term_months;
  std::optional<int> expiration_notice_days;

  bool empty() const {
    return units.empty() && !expiration_date && !auto_renewal && !renewal_term_months && !expiration_notice_days;
  }
};

// By product id; from and to the decimal text that rows keep.
std::map<std::string, int> UnitsOf(const model::StringMap& units);
model::StringMap TextOf(const std::map<std::string, int>& units);

TermsChange TermsOf(const model::ScheduledChange& change);
void SetTerms(const TermsChange& terms, model::ScheduledChange& change);

// The subscription's licenses that have not ended, in order of product.
std::vector<model::License*> LiveLicenses(model::World& world, const model::Subscription& subscription, Date today);

// What of `change` differs from what is: a value sent as it is already is no change, whatever it is. An expiration is
// what the subscription shows: the latest of its licenses that have not ended by `as_of`. [ours]
TermsChange Differing(const model::World& world, const model::Subscription& subscription, TermsChange change,
                      Date as_of);

// Whether a change gives something that the end of life of one of its products takes: more units of it, a later end,
// a renewal. Fewer units, an earlier end and no renewal are possible until the day. [ours]
const model::License* AddsToEndOfLife(model::World& world, const model::Subscription& subscription,
                                      const TermsChange& change, Date today);

// What is wrong with `change` for what of this subscription has not ended by `as_of`, if it takes effect on `day`:
// units of products it does not have or outside their range, an expiration not after `day` and the start or more than
// 66 months away, a bad term or notice.
std::vector<FieldViolation> TermsViolations(model::World& world, const model::Subscription& subscription,
                                            const TermsChange& change, Date as_of, Date day);

// The same under the names that an update's request has for the fields.
std::vector<FieldViolation> InRequest(std::vector<FieldViolation> violations, absl::string_view expiration_field);

// OUT_OF_RANGE if only dates are wrong, else INVALID_ARGUMENT; OK if nothing is.
absl::Status RefuseFields(std::vector<FieldViolation> violations);

// Whether something of the subscription goes on on this day, of what ran the day before: it renews, or ends later.
bool RunsOn(const model::World& world, const model::Subscription& subscription, Date day);

// Makes the change of what has not ended by `as_of`; it has no violations. Licenses that have that end already stay as
// they are.
void ApplyTerms(model::World& world, model::Subscription& subscription, const TermsChange& change, Date as_of);

// Moves a license's expiration, and with it the end of grace (`grace_days` later).
void SetExpiration(model::License& license, Date expiration, int grace_days);

// The latest expiration that a license may be given today: 66 months after its expiration (or today, if that is later),
// and 132 months from today, compared as months from its anchor. [ours]
Date LatestExpiration(const model::License& license, Date today);

// The expiration after `months` more, counted from the license's anchor so that a 31st is not lost in February.
Date Extended(const model::License& license, int months);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_TERMS_H_
