// Something that a vendor licenses: a service, a software product, or a suite of these.
#ifndef LMP_STORAGE_MODEL_PRODUCT_H_
#define LMP_STORAGE_MODEL_PRODUCT_H_

#include "storage/model/row.h"

namespace lmp::model {

enum class ProductKind { kUnspecified, kService, kSoftware, kSuite };
enum class ProductUnit { kUnspecified, kSeat, kEndpoint, kUser, kMailbox, kEncryptionKey, kServer, kDevice };
enum class Lifecycle { kUnspecified, kOnSale, kEndOfSale, kEndOfLife };

template <>
struct EnumNames<ProductKind> {
  static constexpr absl::string_view kNames[] = {"KIND_UNSPECIFIED", "SERVICE", "SOFTWARE", "SUITE"};
};
template <>
struct EnumNames<ProductUnit> {
  static constexpr absl::string_view kNames[] = {"UNIT_UNSPECIFIED", "SEAT",           "ENDPOINT", "USER",
                                                 "MAILBOX",          "ENCRYPTION_KEY", "SERVER",   "DEVICE"};
};
template <>
struct EnumNames<Lifecycle> {
  static constexpr absl::string_view kNames[] = {"LIFECYCLE_UNSPECIFIED", "ON_SALE", "END_OF_SALE", "END_OF_LIFE"};
};

struct Product {
  static constexpr absl::string_view kTable = "products";
  static constexpr int kKeyColumns = 1;

  std::string product_id;
  std::string display_name;
  ProductKind kind = ProductKind::kUnspecified;
  ProductUnit unit = ProductUnit::kUnspecified;  // kUnspecified for suites
  int min_units = 1;
  int max_units = 999999;
  bool nfr_allowed = false;
  std::string family;
  int level = 0;
  Lifecycle lifecycle = Lifecycle::kOnSale;
  std::vector<std::string> components;   // product ids, sorted; only for suites
  std::optional<Date> end_of_life_date;  // licenses end on this day at the latest
  Stamp stamp;

  bool operator==(const Product&) const = default;

  template <class Self, class Visitor>
  static void Visit(Self& row, Visitor&& visit) {
    visit("product_id", row.product_id);
    visit("display_name", row.display_name);
    visit("kind", row.kind);
    visit("unit", row.unit);
    visit("min_units", row.min_units);
    visit("max_units", row.max_units);
    visit("nfr_allowed", row.nfr_allowed);
    visit("family", row.family);
    visit("level", row.level);
    visit("lifecycle", row.lifecycle);
    visit("components", row.components);
    visit("end_of_life_date", row.end_of_life_date);
    VisitStamp(row, visit);
  }
};

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_PRODUCT_H_
