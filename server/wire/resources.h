// Rows as the API shows them. Computed fields (states, etags) need the rows around and the day.
#ifndef LMP_SERVER_WIRE_RESOURCES_H_
#define LMP_SERVER_WIRE_RESOURCES_H_

#include <algorithm>
#include <cstdint>
#include <limits>

#include "lmp/v1/customer.pb.h"
#include "lmp/v1/license.pb.h"
#include "lmp/v1/license_pool.pb.h"
#include "lmp/v1/license_token.pb.h"
#include "lmp/v1/partner.pb.h"
#include "lmp/v1/product.pb.h"
#include "lmp/v1/registration_key.pb.h"
#include "lmp/v1/scheduled_change.pb.h"
#include "lmp/v1/service_plan.pb.h"
#include "lmp/v1/subscription.pb.h"
#include "storage/model/world.h"

namespace lmp::wire {

// The rows around, and the day for which states are computed.
struct View {
  const model::World& world;
  model::Date today;
};

// A sum that may be more than its field holds: then the most that it does.
inline int32_t Capped(int64_t sum) {
  return static_cast<int32_t>(std::min<int64_t>(sum, std::numeric_limits<int32_t>::max()));
}

void ToProto(const model::Partner& row, const View& view, v1::Partner* out);
void ToProto(const model::Customer& row, const View& view, v1::Customer* out);
void ToProto(const model::Product& row, const View& view, v1::Product* out);
void ToProto(const model::ServicePlan& row, const View& view, v1::ServicePlan* out);
void ToProto(const model::Subscription& row, const View& view, v1::Subscription* out);  // with its licenses
void ToProto(const model::License& row, const View& view, v1::License* out);
void ToProto(const model::LicensePool& row, const View& view, v1::LicensePool* out);
void ToProto(const model::ScheduledChange& row, const View& view, v1::ScheduledChange* out);
void ToProto(const model::RegistrationKey& row, const View& view, v1::RegistrationKey* out);
void ToProto(const model::LicenseToken& row, const View& view, v1::LicenseToken* out);  // without the token itself

// "2026-03-31T12:00:00.000001Z" as protobuf has it.
void ToProto(absl::Time time, google::protobuf::Timestamp* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_RESOURCES_H_
