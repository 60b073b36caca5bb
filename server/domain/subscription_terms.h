// What can be changed of a running subscription, now or on a later day, and how a term is renewed. The verbs of
// subscription_verbs.h and the passing of time (time_passing.h) both come here.
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

// The subscription's licences that have not ended, in order of product.
std::vector<model::License*> LiveLicenses(model::World& world, const model::Subscription& subscription, Date today);

// What is wrong with `change` for this subscription, as it is today, if it takes effect on `day`: units of products it does
// not have or outside their range, an expiration not after `day` and the start or more than 66 months away, a bad term or
// notice.
std::vector<FieldViolation> TermsViolations(model::World& world, const model::Subscription& subscription,
                                            const TermsChange& change, Date today, Date day);

// Makes the change; it has no violations.
void ApplyTerms(model::World& world, model::Subscription& subscription, const TermsChange& change, Date day);

// Moves a licence's expiration, and with it the end of grace (`grace_days` later).
void SetExpiration(model::License& license, Date expiration, int grace_days);

// The expiration after `months` more, counted from the licence's anchor so that a 31st is not lost in February.
Date Extended(const model::License& license, int months);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_TERMS_H_
