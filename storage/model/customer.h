// A company that a partner looks after.
#ifndef LMP_STORAGE_MODEL_CUSTOMER_H_
#define LMP_STORAGE_MODEL_CUSTOMER_H_

#include "storage/model/row.h"

namespace lmp::model {

enum class CustomerState { kUnspecified, kEnabled, kDisabled };

template <>
struct EnumNames<CustomerState> {
  static constexpr absl::string_view kNames[] = {"STATE_UNSPECIFIED", "ENABLED", "DISABLED"};
};

struct Customer {
  static constexpr absl::string_view kTable = "customers";
  static constexpr int kKeyColumns = 1;
  static constexpr absl::string_view kMark = "erasing";
  // Country and industry are those of a company, by which reports count; the id is the name of everything.
  static constexpr absl::string_view kPersonal[] = {
      "display_name",        "city",          "region",           "address",
      "postal_code",         "note",          "emergency_emails", "contact_given_name",
      "contact_family_name", "contact_email", "external_id",      "annotations"};

  std::string customer_id;
  std::string partner_id;
  std::string display_name;
  std::string city;
  std::string region;
  std::string country;
  std::string address;
  std::string postal_code;
  std::string industry;
  std::string note;
  std::vector<std::string> emergency_emails;
  std::string contact_given_name;
  std::string contact_family_name;
  std::string contact_email;
  std::optional<std::string> external_id;  // if set, unique among the partner's customers
  StringMap annotations;
  CustomerState state = CustomerState::kEnabled;
  std::optional<absl::Time> delete_time;   // set while soft-deleted
  std::optional<absl::Time> disable_time;  // set while DISABLED
  std::optional<absl::Time> erase_time;    // set once it was erased: what is personal is gone from the row
  // Its events are yet to be gone through (storage/erasure.h). A mark: whoever has done that takes it away, beside the
  // engine.
  bool erasing = false;
  Stamp stamp;

  bool operator==(const Customer&) const = default;

  template <class Self, class Visitor>
  static void Visit(Self& row, Visitor&& visit) {
    visit("customer_id", row.customer_id);
    visit("partner_id", row.partner_id);
    visit("display_name", row.display_name);
    visit("city", row.city);
    visit("region", row.region);
    visit("country", row.country);
    visit("address", row.address);
    visit("postal_code", row.postal_code);
    visit("industry", row.industry);
    visit("note", row.note);
    visit("emergency_emails", row.emergency_emails);
    visit("contact_given_name", row.contact_given_name);
    visit("contact_family_name", row.contact_family_name);
    visit("contact_email", row.contact_email);
    visit("external_id", row.external_id);
    visit("annotations", row.annotations);
    visit("state", row.state);
    visit("delete_time", row.delete_time);
    visit("disable_time", row.disable_time);
    visit("erase_time", row.erase_time);
    visit("erasing", row.erasing);
    VisitStamp(row, visit);
  }
};

// Whether only the mark differs.
inline bool OnlyMarkDiffers(const Customer& one, const Customer& other) {
  if (one.erasing == other.erasing) return false;
  Customer marked = one;
  marked.erasing = other.erasing;
  return marked == other;
}

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_CUSTOMER_H_
