#include "tests/benchmarks/fill/population.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/benchmarks/fill/assortment.h"
#include "tests/benchmarks/fill/biography.h"
#include "tests/benchmarks/fill/chance.h"

namespace lmp::bench {
namespace {

constexpr int kDistributors = 4;

// Of block 0, and like a ULID: the mark and the number instead of the time.
std::string CustomerId(uint64_t number, Chance& chance) {
  std::string id = absl::StrCat("01", Population::MarkOf(0), Ulid(number << 15, chance).substr(2, 18));
  return id;
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
std::vector<std::string> Population::NewProducts() { return NewSuiteProducts(); }
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
    all.partners.push_back({.partner_id = absl::StrCat("distributor-", i),
                            .display_name = absl::StrCat("Distribution ", i),
                            .tier = model::PartnerTier::kDistributor});
    chronicle.Note(all.partners.back());
  }
  for (const std::string& id : Resellers()) {
    all.partners.push_back({.partner_id = id,
                            .display_name = absl::StrCat("Managed services ", id),
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
  const model::Date today = DayOf(now_);
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
  Live(purchases, now_, chance, member);
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
