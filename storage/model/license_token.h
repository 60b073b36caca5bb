// What a signed token says about a license. It is stored so that the token can be revoked. The row is written once,
// never changed, and never loaded for a decision.
#ifndef LMP_STORAGE_MODEL_LICENSE_TOKEN_H_
#define LMP_STORAGE_MODEL_LICENSE_TOKEN_H_

#include "storage/model/row.h"

namespace lmp::model {

struct LicenseToken {
  static constexpr absl::string_view kTable = "license_tokens";
  static constexpr int kKeyColumns = 2;

  std::string customer_id;
  std::string token_id;
  std::string license_id;
  std::string key_id;  // the key that signed the token
  // What the token says about the license. The unit follows from the product and the partner from the customer, and the
  // start has passed.
  std::optional<std::string> product_id;  // this and the next field are unset in old rows
  std::optional<Date> expiration_date;
  int units = 0;
  Date grace_end_date;
  absl::Time issue_time;  // in whole seconds, as in the token
  absl::Time expire_time;
  Stamp stamp;

  bool operator==(const LicenseToken&) const = default;

  template <class Self, class Visitor>
  static void Visit(Self& row, Visitor&& visit) {
    visit("customer_id", row.customer_id);
    visit("token_id", row.token_id);
    visit("license_id", row.license_id);
    visit("key_id", row.key_id);
    visit("product_id", row.product_id);
    visit("expiration_date", row.expiration_date);
    visit("units", row.units);
    visit("grace_end_date", row.grace_end_date);
    visit("issue_time", row.issue_time);
    visit("expire_time", row.expire_time);
    VisitStamp(row, visit);
  }
};

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_LICENSE_TOKEN_H_
