// A key with which a customer can claim a service plan, once.
#ifndef LMP_STORAGE_MODEL_REGISTRATION_KEY_H_
#define LMP_STORAGE_MODEL_REGISTRATION_KEY_H_

#include "storage/model/row.h"

namespace lmp::model {

// The stored states. Whether a key has expired is a function of the day
// (server/domain/subscription/registration_key.h).
enum class RegistrationKeyState { kUnspecified, kIssued, kRedeemed, kVoided, kExpired };

template <>
struct EnumNames<RegistrationKeyState> {
  static constexpr absl::string_view kNames[] = {"STATE_UNSPECIFIED", "ISSUED", "REDEEMED", "VOIDED", "EXPIRED"};
};

struct RegistrationKey {
  static constexpr absl::string_view kTable = "registration_keys";
  static constexpr int kKeyColumns = 1;
  static constexpr absl::string_view kPersonal[] = {"note"};

  std::string key_id;  // the key itself, which is unguessable
  std::string partner_id;
  std::string service_plan_id;
  StringMap units;  // by product id, as decimal text
  Date expire_date;
  std::string note;
  RegistrationKeyState state = RegistrationKeyState::kIssued;
  std::optional<std::string> customer_id;  // the customer that redeemed it, the subscription it got, and when
  std::optional<std::string> subscription_id;
  std::optional<absl::Time> redeem_time;
  Stamp stamp;

  bool operator==(const RegistrationKey&) const = default;

  template <class Self, class Visitor>
  static void Visit(Self& row, Visitor&& visit) {
    visit("key_id", row.key_id);
    visit("partner_id", row.partner_id);
    visit("service_plan_id", row.service_plan_id);
    visit("units", row.units);
    visit("expire_date", row.expire_date);
    visit("note", row.note);
    visit("state", row.state);
    visit("customer_id", row.customer_id);
    visit("subscription_id", row.subscription_id);
    visit("redeem_time", row.redeem_time);
    VisitStamp(row, visit);
  }
};

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_REGISTRATION_KEY_H_
