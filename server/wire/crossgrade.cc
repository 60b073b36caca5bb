#include "server/wire/crossgrade.h"

#include "absl/strings/str_cat.h"

namespace lmp::wire {
namespace {

constexpr int kMaxEntries = 100;  // far more than any suite has; it keeps a hostile list short

}  // namespace

std::map<std::string, int> ParseUnits(Fields& fields, const std::string& field,
                                      const google::protobuf::RepeatedPtrField<v1::LicenseUnits>& units) {
  std::map<std::string, int> parsed;
  if (units.size() > kMaxEntries) {
    fields.Fail(field, absl::StrCat("must have at most ", kMaxEntries, " entries"));
    return parsed;
  }
  for (int i = 0; i < units.size(); ++i) {
    const std::string entry = absl::StrCat(field, "[", i, "].product");
    const std::string product = fields.Name(entry, units.at(i).product(), "products");
    if (product.empty()) continue;
    if (!parsed.emplace(product, units.at(i).units()).second) fields.Fail(entry, "is named twice");
  }
  return parsed;
}

domain::CrossgradeChoice ParseCrossgrade(Fields& fields, const v1::Crossgrade& crossgrade) {
  domain::CrossgradeChoice choice;
  choice.mode = fields.Enum<domain::CrossgradeMode>("crossgrade.mode", crossgrade.mode(),
                                                    v1::Crossgrade::Mode_IsValid(crossgrade.mode()));
  choice.expiration = fields.Enum<domain::CrossgradeExpiration>(
      "crossgrade.expiration", crossgrade.expiration(), v1::Crossgrade::Expiration_IsValid(crossgrade.expiration()));
  if (crossgrade.resolutions_size() > kMaxEntries) {
    fields.Fail("crossgrade.resolutions", absl::StrCat("must have at most ", kMaxEntries, " entries"));
    return choice;
  }
  for (int i = 0; i < crossgrade.resolutions_size(); ++i) {
    const v1::Crossgrade::Resolution& resolution = crossgrade.resolutions(i);
    const std::string field = absl::StrCat("crossgrade.resolutions[", i, "]");
    const std::string product = fields.Name(field + ".product", resolution.product(), "products");
    const bool known = resolution.choice() == v1::Crossgrade::Resolution::TRANSFER ||
                       resolution.choice() == v1::Crossgrade::Resolution::NEW_LICENSE;
    if (!known) fields.Fail(field + ".choice", "must be TRANSFER or NEW_LICENSE");
    if (product.empty() || !known) continue;
    if (!choice.resolutions.emplace(product, static_cast<domain::Resolution>(resolution.choice())).second) {
      fields.Fail(field + ".product", "is named twice");
    }
  }
  return choice;
}

void ParseAlignment(Fields& fields, const v1::Alignment& align, const std::string& customer_id,
                    std::optional<std::string>& subscription, std::optional<model::Date>& date) {
  if (align.has_expiration_date()) {
    date = fields.Date("align.expiration_date", align.expiration_date());
  } else if (align.to_case() == v1::Alignment::kSubscription) {
    const model::RowKey key =
        fields.ChildName("align.subscription", align.subscription(), "customers", "subscriptions");
    if (!key.first.empty() && !customer_id.empty() && key.first != customer_id) {
      fields.Fail("align.subscription", "must be a subscription of the customer itself");
    }
    subscription = key.second;
  } else {
    fields.Fail("align", "must say what to align to");
  }
}

}  // namespace lmp::wire
