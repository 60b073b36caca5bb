#include "tests/benchmarks/population.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/domain/period.h"
#include "storage/columns.h"

namespace lmp::bench {
namespace {

using model::Date;

constexpr int kServices = 20;  // the first 15 in suites of three
constexpr int kSuites = 5;
constexpr int kSoftware = 6;
constexpr int kDistributors = 4;
constexpr int kGraceDays = 30;
constexpr int kServiceTerm = 12, kSoftwareTerm = 36;  // months
constexpr char kBase32[] = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr char kSystem[] = "system";

// SplitMix64: any number of independent streams for nothing.
class Chance {
 public:
  Chance(uint64_t seed, uint64_t stream) : state_(seed * 0x9E3779B97F4A7C15ULL + stream * 0xD1B54A32D192ED03ULL) { Next(); }
  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  int Below(int n) { return static_cast<int>(Next() % static_cast<uint64_t>(n)); }
  int Between(int least, int most) { return least + Below(most - least + 1); }
  bool Percent(int percent) { return Below(100) < percent; }
  double Unit() { return (static_cast<double>(Next() >> 11) + 0.5) / 9007199254740992.0; }

 private:
  uint64_t state_;
};

std::string Ulid(uint64_t millis, Chance& chance) {
  std::string id(26, '0');
  for (size_t i = 10; i-- > 0; millis >>= 5) id[i] = kBase32[millis & 31];
  uint64_t bits[2] = {chance.Next(), chance.Next()};
  for (size_t i = 10; i < 26; ++i, bits[i % 2] >>= 5) id[i] = kBase32[bits[i % 2] & 31];
  return id;
}

std::string UlidAt(absl::Time time, Chance& chance) { return Ulid(static_cast<uint64_t>(absl::ToUnixMillis(time)), chance); }

// Of block 0, and like a ULID: the mark and the number instead of the time.
std::string CustomerId(uint64_t number, Chance& chance) {
  std::string id = absl::StrCat("01", Population::MarkOf(0), Ulid(number << 15, chance).substr(2, 18));
  return id;
}

std::string Uuid(Chance& chance) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string id(36, '-');
  uint64_t bits[2] = {chance.Next(), chance.Next()};
  for (size_t i = 0; i < 36; ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) continue;
    uint64_t& from = bits[i % 2];
    id[i] = i == 14 ? '4' : kHex[i == 19 ? 8 | (from & 3) : from & 15];
    from = (from >> 4) | (from << 60);
  }
  return id;
}

// Of block 0; as long as any other's.
std::string ActivationCode(Chance& chance) {
  constexpr char kAlphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  std::string code = absl::StrCat("LM-", Population::MarkOf(0));
  for (int i = 0; i < 24; ++i) {
    if (i % 6 == 0) code.push_back('-');
    code.push_back(kAlphabet[chance.Below(32)]);
  }
  return code;
}

std::string ServiceId(int i) { return absl::StrFormat("cloud-service-%02d", i); }
std::string SoftwareId(int i) { return absl::StrFormat("endpoint-software-%02d", i); }
std::string SuiteId(int i) { return absl::StrFormat("protection-suite-%02d", i); }
constexpr char kNewSuite[] = "detection-suite";
std::string PlanId(const std::string& partner, const std::string& product) { return absl::StrCat(partner, "-", product); }

Date DayOf(absl::Time time) { return absl::ToCivilDay(time, absl::UTCTimeZone()); }
absl::Time TimeOn(Date day, Chance& chance) {
  return absl::FromCivil(day, absl::UTCTimeZone()) + absl::Hours(8) + absl::Microseconds(chance.Below(1'000'000'000) * 36LL);
}

// What happened to rows, as events; the header says when and by whom.
class Chronicle {
 public:
  Chronicle(std::vector<model::Event>& events, Chance& chance) : events_(events), chance_(chance) {}

  void Begin(absl::Time time, const char* kind, std::optional<Date> effective_date = std::nullopt) {
    header_ = {.event_time = absl::FromUnixMicros(absl::ToUnixMicros(time)),
               .actor = effective_date.has_value() ? kSystem : "local-admin",
               .request_id = effective_date.has_value() ? std::string() : Uuid(chance_),
               .kind = kind,
               .effective_date = effective_date};
  }
  // The row as it is from now on; `image` is its last one.
  template <class Row>
  void Note(Row& row, std::string& image) {
    if (image.empty()) row.stamp.create_time = header_.event_time;
    row.stamp.update_time = header_.event_time;
    ++row.stamp.revision;
    model::Event& event = events_.emplace_back(header_);
    const model::RowKey key = KeyOf(row);
    event.row_table = std::string(Row::kTable);
    event.key1 = key.first;
    event.key2 = key.second;
    event.revision = row.stamp.revision;
    if (!image.empty()) event.before = image;
    image = storage::ImageOf(row);
    event.after = image;
  }
  template <class Row>
  void Note(Row& row) {
    std::string image;
    Note(row, image);
  }

 private:
  std::vector<model::Event>& events_;
  Chance& chance_;
  model::Event header_;
};

enum class Fate { kRenews, kRunsOut, kGrace, kEnded, kSuspended, kCanceled, kPending };

Fate FateOf(Chance& chance) {
  const int percent = chance.Below(100);
  if (percent < 60) return Fate::kRenews;
  if (percent < 70) return Fate::kRunsOut;
  if (percent < 75) return Fate::kGrace;
  if (percent < 87) return Fate::kEnded;
  if (percent < 92) return Fate::kSuspended;
  return percent < 97 ? Fate::kCanceled : Fate::kPending;
}

bool IsOver(Fate fate) { return fate == Fate::kEnded || fate == Fate::kCanceled; }

// What becomes a subscription.
struct Purchase {
  Fate fate;
  std::string product;  // of the plan
  std::vector<std::string> components;
  bool software;
  int term;
  absl::Time time;
};

// From the fate: when it was bought.
absl::Time BoughtAt(Fate fate, int term, Date today, Chance& chance) {
  switch (fate) {
    case Fate::kGrace:
      return TimeOn(domain::AddMonths(today - chance.Between(2, 25), -term), chance);
    case Fate::kEnded:
      return TimeOn(domain::AddMonths(today - chance.Between(32, 700), -term), chance);
    case Fate::kRunsOut:
    case Fate::kSuspended:
      return TimeOn(today - chance.Between(32, term * 28), chance);
    case Fate::kRenews:
      return TimeOn(today - chance.Between(1, 700), chance);
    case Fate::kCanceled:
      return TimeOn(today - chance.Between(10, term * 28), chance);
    case Fate::kPending:
      return TimeOn(today - chance.Between(1, 9), chance);
  }
  return {};
}

// From the id's two digits.
model::ProductUnit UnitOf(const std::string& service_id) {
  return (service_id[service_id.size() - 2] + service_id.back()) % 3 == 2 ? model::ProductUnit::kMailbox
                                                                          : model::ProductUnit::kSeat;
}

model::Product MakeProduct(const std::string& id, model::ProductKind kind, model::ProductUnit unit,
                           std::vector<std::string> components = {}) {
  return {.product_id = id, .display_name = id, .kind = kind, .unit = unit, .components = std::move(components)};
}

std::vector<model::Product> AllProducts() {
  using model::ProductKind;
  using model::ProductUnit;
  std::vector<model::Product> products;
  for (int i = 0; i < kServices; ++i) {
    products.push_back(MakeProduct(ServiceId(i), ProductKind::kService, UnitOf(ServiceId(i))));
  }
  for (const std::string& id : Population::NewProducts()) {
    products.push_back(MakeProduct(id, ProductKind::kService, ProductUnit::kSeat));
  }
  for (int i = 0; i < kSoftware; ++i) products.push_back(MakeProduct(SoftwareId(i), ProductKind::kSoftware, ProductUnit::kEndpoint));
  for (int i = 0; i < kSuites; ++i) {
    products.push_back(MakeProduct(SuiteId(i), ProductKind::kSuite, ProductUnit::kUnspecified,
                                   {ServiceId(3 * i), ServiceId(3 * i + 1), ServiceId(3 * i + 2)}));
  }
  products.push_back(MakeProduct(kNewSuite, ProductKind::kSuite, ProductUnit::kUnspecified, Population::NewProducts()));
  return products;
}

model::ServicePlan MakePlan(const std::string& partner_id, const model::Product& product) {
  model::ServicePlan plan{.service_plan_id = PlanId(partner_id, product.product_id),
                          .partner_id = partner_id,
                          .display_name = absl::StrCat("Plan of ", product.product_id),
                          .product_id = product.product_id};
  const bool software = product.kind == model::ProductKind::kSoftware;
  plan.terms.initial_term_months = software ? kSoftwareTerm : kServiceTerm;
  plan.terms.auto_renewal = true;
  plan.terms.renewal_term_months = software ? kSoftwareTerm : kServiceTerm;
  plan.components = product.components;
  return plan;
}

// Writes one customer's history, purchase by purchase.
class Biography {
 public:
  Biography(Member& member, Chance& chance, absl::Time now)
      : member_(member), chance_(chance), now_(now), today_(DayOf(now)), chronicle_(member.events, chance) {}

  void Add(const Purchase& purchase) {
    Assign(purchase);
    if (purchase.fate == Fate::kRenews) RenewAndChange(purchase);
    if (purchase.fate == Fate::kRunsOut) ReportUse();
    if (purchase.fate == Fate::kEnded) {
      const Date end = licenses_[0].row.grace_end_date;
      Begin("LICENSE_ENDED", Noticed(end), end);
      ChangeLicenses([](model::License& license) { license.closed = true, license.due_date.reset(); });
    }
    if (purchase.fate == Fate::kSuspended) Suspend();
    if (purchase.fate == Fate::kCanceled) Cancel();
    member_.subscriptions.push_back(subscription_);
    for (Kept& kept : licenses_) member_.licenses.push_back(std::move(kept.row));
  }

 private:
  struct Kept {
    model::License row;
    std::string image;
  };

  void Assign(const Purchase& purchase) {
    const bool renews = purchase.fate == Fate::kRenews || purchase.fate == Fate::kSuspended ||
                        purchase.fate == Fate::kCanceled || purchase.fate == Fate::kPending;
    subscription_ = {.customer_id = member_.customer.customer_id,
                     .subscription_id = UlidAt(purchase.time, chance_),
                     .service_plan_id = PlanId(member_.customer.partner_id, purchase.product),
                     .display_name = absl::StrCat("Plan of ", purchase.product)};
    subscription_.terms.initial_term_months = purchase.term;
    subscription_.terms.auto_renewal = renews;
    subscription_.terms.renewal_term_months = renews ? purchase.term : 0;
    subscription_.start_date = DayOf(purchase.time) + (purchase.fate == Fate::kPending ? chance_.Between(12, 90) : 0);
    subscription_.components = purchase.components;
    subscription_image_.clear();
    time_ = purchase.time;
    chronicle_.Begin(time_, "SERVICE_PLAN_ASSIGNED");
    chronicle_.Note(subscription_, subscription_image_);
    licenses_.clear();
    for (const std::string& product : purchase.components) {
      model::License& license = licenses_.emplace_back().row;
      license = {.customer_id = member_.customer.customer_id,
                 .license_id = UlidAt(purchase.time, chance_),
                 .product_id = product,
                 .product_kind = purchase.software ? model::ProductKind::kSoftware : model::ProductKind::kService,
                 .unit = purchase.software ? model::ProductUnit::kEndpoint : UnitOf(product),
                 .units = 5 * chance_.Between(1, 40),
                 .start_date = subscription_.start_date,
                 .anchor_date = subscription_.start_date,
                 .subscription_id = subscription_.subscription_id};
      SetTerm(license, purchase.term);
      license.due_date = renews ? license.expiration_date : license.grace_end_date;
      if (purchase.software) license.activation_code = ActivationCode(chance_);
    }
    std::sort(licenses_.begin(), licenses_.end(),
              [](const Kept& a, const Kept& b) { return a.row.license_id < b.row.license_id; });
    for (Kept& kept : licenses_) chronicle_.Note(kept.row, kept.image);
  }

  static void SetTerm(model::License& license, int months) {
    license.expiration_date = domain::AddMonths(license.anchor_date, months);
    license.grace_end_date = license.expiration_date + kGraceDays;
  }

  // Not before what was before, nor after now.
  void Begin(const char* kind, absl::Time time, std::optional<Date> effective_date = std::nullopt) {
    time_ = std::max(time_, std::min(time, now_));
    chronicle_.Begin(time_, kind, effective_date);
  }
  template <class F>
  void ChangeLicenses(F&& change) {
    for (Kept& kept : licenses_) {
      change(kept.row);
      chronicle_.Note(kept.row, kept.image);
    }
  }

  // When the worker saw what was due on a day.
  absl::Time Noticed(Date day) { return absl::FromCivil(day, absl::UTCTimeZone()) + absl::Seconds(chance_.Below(300)); }

  void RenewAndChange(const Purchase& purchase) {
    int months = purchase.term;
    for (Date due = licenses_[0].row.expiration_date; due <= today_; due = licenses_[0].row.expiration_date) {
      months += purchase.term;
      Begin("SUBSCRIPTION_RENEWED", Noticed(due), due);
      ChangeLicenses([&](model::License& license) { SetTerm(license, months), license.due_date = license.expiration_date; });
    }
    ReportUse();
    if (chance_.Percent(5)) {
      Begin("SUBSCRIPTION_UPDATED", now_ - absl::Seconds(chance_.Between(3600, 7200)));
      ChangeLicenses([](model::License& license) { license.units += 5; });
    }
    if (chance_.Percent(2)) Schedule();
  }

  void Schedule() {
    Begin("SUBSCRIPTION_UPDATED", now_ - absl::Minutes(30));
    ++subscription_.pending_changes;
    chronicle_.Note(subscription_, subscription_image_);
    model::ScheduledChange& change = member_.changes.emplace_back(
        model::ScheduledChange{.customer_id = member_.customer.customer_id,
                               .change_id = UlidAt(time_, chance_),
                               .subscription_id = subscription_.subscription_id,
                               .effective_date = licenses_[0].row.expiration_date,
                               .units = {{licenses_[0].row.product_id, "10"}}});
    chronicle_.Note(change);
  }

  void ReportUse() {
    if (!chance_.Percent(5)) return;
    Begin("USAGE_REPORTED", time_ + absl::Hours(24));
    ChangeLicenses([](model::License& license) { license.used_units = license.units - 2; });
  }

  void Suspend() {
    const Date day = DayOf(time_) + chance_.Between(1, 30);
    Begin("SUBSCRIPTION_SUSPENDED", TimeOn(day, chance_));
    subscription_.state = model::SubscriptionState::kSuspended;
    subscription_.terms.auto_renewal = false;
    subscription_.renewal_paused = true;
    chronicle_.Note(subscription_, subscription_image_);
    ChangeLicenses([day](model::License& license) {
      license.suspend_date = day;
      license.due_date = license.grace_end_date;
    });
  }

  void Cancel() {
    Begin("SUBSCRIPTION_CANCELED", time_ + absl::Hours(24) * chance_.Between(1, 9));
    subscription_.state = model::SubscriptionState::kDisabled;
    chronicle_.Note(subscription_, subscription_image_);
    ChangeLicenses([](model::License& license) { license.closed = true, license.due_date.reset(); });
  }

  Member& member_;
  Chance& chance_;
  const absl::Time now_;
  const Date today_;
  Chronicle chronicle_;
  absl::Time time_;  // of what was noted last
  model::Subscription subscription_;
  std::string subscription_image_;
  std::vector<Kept> licenses_;
};

// What a customer buys until it has so many licences; at most one that is not over of a service.
std::vector<Purchase> Purchases(int licenses, Date today, Chance& chance) {
  std::vector<Purchase> purchases;
  std::set<std::string> held;
  while (licenses > 0) {
    Purchase purchase{.fate = FateOf(chance), .product = {}, .components = {}, .software = false, .term = kServiceTerm, .time = {}};
    const int percent = chance.Below(100);
    if (percent < 45 && licenses >= 3) {
      const int suite = chance.Below(kSuites);
      purchase.product = SuiteId(suite);
      for (int i = 0; i < 3; ++i) purchase.components.push_back(ServiceId(3 * suite + i));
    } else if (percent < 80) {
      purchase.product = ServiceId(chance.Below(kServices));
      purchase.components = {purchase.product};
    } else {
      purchase.product = SoftwareId(chance.Below(kSoftware));
      purchase.components = {purchase.product};
      purchase.software = true;
      purchase.term = kSoftwareTerm;
    }
    for (const std::string& product : purchase.components) {
      if (!purchase.software && !IsOver(purchase.fate) && held.count(product) > 0) purchase.fate = Fate::kEnded;
    }
    if (!purchase.software && !IsOver(purchase.fate)) held.insert(purchase.components.begin(), purchase.components.end());
    purchase.time = BoughtAt(purchase.fate, purchase.term, today, chance);
    licenses -= static_cast<int>(purchase.components.size());
    purchases.push_back(std::move(purchase));
  }
  std::sort(purchases.begin(), purchases.end(), [](const Purchase& a, const Purchase& b) { return a.time < b.time; });
  return purchases;
}

int Licenses(int64_t i, int most, Chance& chance) {
  const double wanted = i == Population::kLargeCustomer ? Population::kLargeCustomerLicenses
                                                        : std::floor(std::pow(chance.Unit(), -1 / 1.5));
  return static_cast<int>(std::min(wanted, static_cast<double>(most)));
}

}  // namespace

Population::Population(uint64_t seed, int64_t licenses, absl::Time now)
    : seed_(seed),
      resellers_(static_cast<int>(8 + licenses / 50'000)),
      now_(absl::FromUnixMicros(absl::ToUnixMicros(now))) {}

std::string Population::MarkOf(int block) {
  return absl::StrCat("zqx", std::string{kBase32[block >> 10 & 31], kBase32[block >> 5 & 31], kBase32[block & 31]});
}

void Population::Move(Member& member, int block) {
  const std::string from = MarkOf(0), to = MarkOf(block);
  const auto move = [&](std::string& text) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, to.size(), to);
    }
  };
  move(member.customer.customer_id);
  if (member.customer.external_id.has_value()) move(*member.customer.external_id);
  for (auto& row : member.subscriptions) move(row.customer_id);
  for (auto& row : member.licenses) {
    move(row.customer_id);
    if (row.activation_code.has_value()) move(*row.activation_code);
  }
  for (auto& row : member.changes) move(row.customer_id);
  for (auto& event : member.events) {
    move(event.key1);
    if (event.before.has_value()) move(*event.before);
    move(event.after);
  }
}

std::string Population::NewPlanOf(const std::string& partner_id) { return PlanId(partner_id, kNewSuite); }
std::vector<std::string> Population::NewProducts() {
  return {"detection-of-email", "detection-of-endpoints", "detection-of-networks"};
}
std::vector<std::string> Population::PooledProducts() {
  return {ServiceId(0), ServiceId(1), ServiceId(kServices - 1), SoftwareId(0)};
}
std::vector<std::string> Population::Resellers() const {
  std::vector<std::string> ids;
  for (int i = 0; i < resellers_; ++i) ids.push_back(absl::StrFormat("reseller-%04d", i));
  return ids;
}

Foundation Population::Begin() const {
  Foundation all;
  Chance chance(seed_, 0);
  Chronicle chronicle(all.events, chance);
  const absl::Time start = now_ - absl::Hours(24) * 2500;
  chronicle.Begin(start, "PARTNER_CREATED");
  for (int i = 0; i < kDistributors; ++i) {
    all.partners.push_back({.partner_id = absl::StrCat("distributor-", i), .display_name = absl::StrCat("Distribution ", i),
                            .tier = model::PartnerTier::kDistributor});
    chronicle.Note(all.partners.back());
  }
  for (const std::string& id : Resellers()) {
    all.partners.push_back({.partner_id = id, .display_name = absl::StrCat("Managed services ", id),
                            .tier = model::PartnerTier::kReseller,
                            .parent_id = absl::StrCat("distributor-", all.partners.size() % kDistributors)});
    chronicle.Note(all.partners.back());
  }
  chronicle.Begin(start + absl::Hours(1), "PRODUCT_CREATED");
  all.products = AllProducts();
  for (model::Product& product : all.products) chronicle.Note(product);
  chronicle.Begin(start + absl::Hours(2), "SERVICE_PLAN_CREATED");
  const std::set<std::string> only_in_suite = [] {
    const std::vector<std::string> ids = NewProducts();
    return std::set<std::string>(ids.begin(), ids.end());
  }();
  for (const std::string& partner : Resellers()) {
    for (const model::Product& product : all.products) {
      if (only_in_suite.count(product.product_id) > 0) continue;
      all.plans.push_back(MakePlan(partner, product));
      chronicle.Note(all.plans.back());
    }
  }
  const auto by_key = [](const auto& a, const auto& b) { return KeyOf(a) < KeyOf(b); };
  std::sort(all.partners.begin(), all.partners.end(), by_key);
  std::sort(all.products.begin(), all.products.end(), by_key);
  std::sort(all.plans.begin(), all.plans.end(), by_key);
  return all;
}

Member Population::Make(int64_t i, int most) const {
  Member member;
  const auto number = static_cast<uint64_t>(i);
  Chance chance(seed_, number + 1);
  const Date today = DayOf(now_);
  const int licenses = Licenses(i, most, chance);
  const std::vector<Purchase> purchases = Purchases(licenses, today, chance);
  const std::string name = absl::StrFormat("Bäckerei %07d GmbH", chance.Below(10'000'000));
  member.customer = {.customer_id = CustomerId(number, chance),
                     .partner_id = absl::StrFormat("reseller-%04d", chance.Below(resellers_)),
                     .display_name = name,
                     .city = "Musterstadt",
                     .region = "Nordrhein-Westfalen",
                     .country = "DE",
                     .address = absl::StrCat("Lange Straße ", chance.Between(1, 200)),
                     .postal_code = absl::StrFormat("%05d", chance.Below(100'000)),
                     .emergency_emails = {absl::StrCat("it@baeckerei-", i, ".example")},
                     .contact_given_name = "Erika",
                     .contact_family_name = "Mustermann",
                     .contact_email = absl::StrCat("erika.mustermann@baeckerei-", i, ".example")};
  if (chance.Percent(60)) member.customer.external_id = absl::StrCat("crm-", MarkOf(0), "-", i);
  Chronicle chronicle(member.events, chance);
  std::string image;
  absl::Time time = purchases[0].time - absl::Minutes(chance.Between(5, 5000));
  chronicle.Begin(time, "CUSTOMER_CREATED");
  chronicle.Note(member.customer, image);
  if (chance.Percent(10)) {
    chronicle.Begin(time + absl::Minutes(2), "CUSTOMER_UPDATED");
    member.customer.note = "Calls back in the morning.";
    chronicle.Note(member.customer, image);
  }
  Biography biography(member, chance, now_);
  for (const Purchase& purchase : purchases) biography.Add(purchase);
  // Each purchase's history is in order; the customer's is theirs together.
  std::stable_sort(member.events.begin(), member.events.end(),
                   [](const model::Event& a, const model::Event& b) { return a.event_time < b.event_time; });
  const auto by_key = [](const auto& a, const auto& b) { return KeyOf(a) < KeyOf(b); };
  std::sort(member.subscriptions.begin(), member.subscriptions.end(), by_key);
  std::sort(member.licenses.begin(), member.licenses.end(), by_key);
  std::sort(member.changes.begin(), member.changes.end(), by_key);
  return member;
}

}  // namespace lmp::bench
