#include "tests/benchmarks/fill/biography.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/license/license_status.h"
#include "server/domain/period.h"
#include "tests/benchmarks/fill/assortment.h"

namespace lmp::bench {
namespace {

using model::Date;

constexpr int kGraceDays = 30;

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

// Writes one customer's history, purchase by purchase.
class Biography {
 public:
  Biography(Member& member, Chance& chance, absl::Time now)
      : member_(member), chance_(chance), now_(now), today_(DayOf(now)), chronicle_(member.events, chance) {}

  void Add(const Purchase& purchase) {
    Assign(purchase);
    if (purchase.fate == Fate::kRenews) RenewAndChange(purchase);
    if (purchase.fate == Fate::kRunsOut) ReportUse();
    if (!subscription_.terms.auto_renewal) Announce();
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
      ChangeLicenses(
          [&](model::License& license) { SetTerm(license, months), license.due_date = license.expiration_date; });
    }
    ReportUse();
    if (chance_.Percent(5)) {
      Begin("SUBSCRIPTION_UPDATED", now_ - absl::Seconds(chance_.Between(3600, 7200)));
      ChangeLicenses([](model::License& license) { license.units += 5; });
    }
    if (chance_.Percent(2)) Schedule();
  }

  // What the history told of the end of a license that does not renew; and the day on which it will go on.
  void Announce() {
    const model::License license = licenses_[0].row;
    const Date notice = license.expiration_date - domain::NoticeDays(license, license.expiration_date);
    const auto tell = [&](const char* kind, Date day, Date told, Date next) {
      if (day > today_) return;
      Begin(kind, Noticed(day), day);
      ChangeLicenses([&](model::License& row) { row.announced_date = told, row.due_date = next; });
    };
    for (Kept& kept : licenses_) kept.row.due_date = notice;
    tell("LICENSE_EXPIRING_SOON", notice, license.expiration_date, license.expiration_date);
    tell("LICENSE_EXPIRED", license.expiration_date, license.grace_end_date, license.grace_end_date);
  }

  void Schedule() {
    Begin("SUBSCRIPTION_UPDATED", now_ - absl::Minutes(30));
    ++subscription_.pending_changes;
    chronicle_.Note(subscription_, subscription_image_);
    model::ScheduledChange& change =
        member_.changes.emplace_back(model::ScheduledChange{.customer_id = member_.customer.customer_id,
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

}  // namespace

std::vector<Purchase> Purchases(int licenses, Date today, Chance& chance) {
  std::vector<Purchase> purchases;
  std::set<std::string> held;
  while (licenses > 0) {
    Purchase purchase{
        .fate = FateOf(chance), .product = {}, .components = {}, .software = false, .term = kServiceTerm, .time = {}};
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
    if (!purchase.software && !IsOver(purchase.fate))
      held.insert(purchase.components.begin(), purchase.components.end());
    purchase.time = BoughtAt(purchase.fate, purchase.term, today, chance);
    licenses -= static_cast<int>(purchase.components.size());
    purchases.push_back(std::move(purchase));
  }
  std::sort(purchases.begin(), purchases.end(), [](const Purchase& a, const Purchase& b) { return a.time < b.time; });
  return purchases;
}

void Live(const std::vector<Purchase>& purchases, absl::Time now, Chance& chance, Member& member) {
  Biography biography(member, chance, now);
  for (const Purchase& purchase : purchases) biography.Add(purchase);
}

}  // namespace lmp::bench
