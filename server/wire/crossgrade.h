// What the requests and responses share that give a customer licenses: units, the crossgrade, the alignment.
#ifndef LMP_SERVER_WIRE_CROSSGRADE_H_
#define LMP_SERVER_WIRE_CROSSGRADE_H_

#include <map>
#include <optional>
#include <string>

#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/subscription/crossgrade.h"
#include "server/engine/write_engine.h"
#include "server/wire/fields.h"
#include "server/wire/license.h"
#include "server/wire/resource.h"
#include "server/wire/subscription.h"

namespace lmp::wire {

// Returns the units by product id; what is wrong with them fails under `field`.
std::map<std::string, int> ParseUnits(Fields& fields, const std::string& field,
                                      const google::protobuf::RepeatedPtrField<v1::LicenseUnits>& units);
domain::CrossgradeChoice ParseCrossgrade(Fields& fields, const v1::Crossgrade& crossgrade);
// Parses an alignment: exactly one of a subscription of the customer and a date.
void ParseAlignment(Fields& fields, const v1::Alignment& align, const std::string& customer_id,
                    std::optional<std::string>& subscription, std::optional<model::Date>& date);

// Sets the subscription that got licenses, and what the crossgrade did. All these responses name the fields alike.
template <class Response>
void RenderCrossgrade(const engine::Decision& decided, const domain::CrossgradeResult& result, Response* out) {
  const View after = After(decided);
  ToProto(*Find(after.world.subscriptions, result.customer_id, result.subscription_id), after,
          out->mutable_subscription());
  for (const domain::DuplicateOutcome& duplicate : result.duplicates) {
    v1::CrossgradeOutcome* outcome = out->add_crossgrade_outcomes();
    outcome->set_product(domain::ProductName(duplicate.product_id));
    outcome->set_license(domain::LicenseName(result.customer_id, duplicate.license_id));
    if (duplicate.from_subscription_id.has_value()) {
      outcome->set_from_subscription(domain::SubscriptionName(result.customer_id, *duplicate.from_subscription_id));
    }
    outcome->set_resolution(static_cast<v1::Crossgrade::Resolution::Choice>(duplicate.resolution));
    ToProto(duplicate.before, Before(decided), outcome->mutable_before());
    ToProto(*Find(after.world.licenses, result.customer_id, duplicate.license_id), after, outcome->mutable_after());
    outcome->set_shortened(duplicate.shortened);
    for (const std::string& id : duplicate.others) {
      outcome->add_other_licenses(domain::LicenseName(result.customer_id, id));
    }
  }
  for (const std::string& id : result.replaced_subscriptions) {
    ToProto(*Find(after.world.subscriptions, result.customer_id, id), after, out->add_replaced_subscriptions());
  }
}

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_CROSSGRADE_H_
