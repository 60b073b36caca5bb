// What can be changed of a running subscription, now or on a later day, and how a term is renewed. The verbs (verbs.h)
// and what is due (due.h) share these rules.
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

// What an update sets; a field that is not set stays as it is.
struct TermsChange {
  std::map<std::string, int> units;  // by product id
  std::optional<Date> expiration_date;
  // The day from which terms after expiration_date are counted; empty: from expiration_date.
  std::optional<Date> anchor_date;
  std::optional<bool> auto_renewal;
  std::optional<int> renewal_term_months;
  std::optional<int> expiration_notice_days;

  bool empty() const {
    return units.empty() && !expiration_date && !auto_renewal && !renewal_term_months && !expiration_notice_days;
  }
};

// By product id. These convert from and to the decimal text that rows keep.
std::map<std::string, int> UnitsOf(const model::StringMap& units);
model::StringMap TextOf(const std::map<std::string, int>& units);

TermsChange TermsOf(const model::ScheduledChange& change);
void SetTerms(const TermsChange& terms, model::ScheduledChange& change);

// The subscription's licenses that have not ended, in order of product.
std::vector<model::License*> LiveLicenses(model::World& world, const model::Subscription& subscription, Date today);

// Returns the part of `change` that differs from the subscription as it is: a value that is sent as it is already is no
// change. The expiration is compared with the one that the subscription shows: the latest of its licenses that have not
// ended by `as_of`. [ours]
TermsChange Differing(const model::World& world, const model::Subscription& subscription, TermsChange change,
                      Date as_of);

// Returns a license to which the change adds something that the product's end of life takes away: more units, a later
// end, a renewal; null if there is none. Fewer units, an earlier end and no renewal are possible until that day. [ours]
const model::License* AddsToEndOfLife(model::World& world, const model::Subscription& subscription,
                                      const TermsChange& change, Date today);

// What is wrong with `change` if it takes effect on `day`, for those of the subscription's licenses that have not ended
// by `as_of`: units of products that the subscription does not have, or units outside a product's range; an expiration
// that is not after `day` and the start, or is more than 66 months away; a bad term or notice.
std::vector<FieldViolation> TermsViolations(model::World& world, const model::Subscription& subscription,
                                            const TermsChange& change, Date as_of, Date day);

// The same violations, with the names that an update request has for the fields.
std::vector<FieldViolation> InRequest(std::vector<FieldViolation> violations, absl::string_view expiration_field);

// OUT_OF_RANGE if only dates are wrong, INVALID_ARGUMENT if anything else is; OK if nothing is.
absl::Status RefuseFields(std::vector<FieldViolation> violations);

// True if something of the subscription that ran the day before goes on on this day, because it renews or ends later.
bool RunsOn(const model::World& world, const model::Subscription& subscription, Date day);

// Applies the change to the licenses that have not ended by `as_of`; the change has no violations. Licenses that have
// that end already stay as they are.
void ApplyTerms(model::World& world, model::Subscription& subscription, const TermsChange& change, Date as_of);

// Moves a license's expiration, and with it the end of grace, to `grace_days` after the expiration.
void SetExpiration(model::License& license, Date expiration, int grace_days);

// The latest expiration that a license may be given today: 66 months after its expiration (or after today, if that is
// later), and at most 132 months from today. Both are counted in months from the license's anchor. [ours]
Date LatestExpiration(const model::License& license, Date today);

// The expiration after `months` more. It is counted from the license's anchor, so that a 31st is not lost in February.
Date Extended(const model::License& license, int months);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_TERMS_H_
