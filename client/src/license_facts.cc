#include "client/src/license_facts.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/strip.h"
#include "server/domain/license/license_check.h"
#include "server/domain/subscription/due_dates.h"
#include "server/domain/text.h"
#include "server/wire/license_check.h"
#include "storage/model/world.h"

namespace lmp::client {
namespace {

constexpr absl::CivilDay kEpoch;  // 1970-01-01

int32_t DayOf(const google::type::Date& date) {
  return static_cast<int32_t>(absl::CivilDay(date.year(), date.month(), date.day()) - kEpoch);
}

absl::CivilDay ToDate(int32_t day) { return kEpoch + day; }

// "bakery" of "customers/bakery/licenses/x"; empty if it is no name of a customer's.
absl::string_view CustomerIdOf(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, "customers/")) return "";
  return name.substr(0, name.find('/'));
}

// The last part of a name.
absl::string_view IdOf(absl::string_view name) { return name.substr(name.rfind('/') + 1); }

absl::string_view NameIn(const v1::LicenseFact& fact) {
  switch (fact.fact_case()) {
    case v1::LicenseFact::kLicense:
      return fact.license().name();
    case v1::LicenseFact::kSubscription:
      return fact.subscription().name();
    case v1::LicenseFact::kScheduledChange:
      return fact.scheduled_change().name();
    case v1::LicenseFact::kCustomer:
      return fact.customer().name();
    case v1::LicenseFact::kUnknown:
      return fact.unknown();
    default:
      return "";
  }
}

// About what a text takes beside its own object.
size_t HeapBytes(const std::string& text) { return text.size() > 15 ? text.size() + 16 : 0; }

// A node of a map, with what the allocator adds.
constexpr size_t kNodeBytes = 64;

}  // namespace

LicenseFacts::Shard& LicenseFacts::ShardOf(absl::string_view customer) const {
  return shards_[absl::Hash<absl::string_view>()(customer) % kShards];
}

int64_t LicenseFacts::customers() const {
  size_t count = 0;
  for (const Shard& shard : shards_) {
    absl::ReaderMutexLock lock(&shard.mutex);
    count += shard.customers.size();
  }
  return static_cast<int64_t>(count);
}

// Nobody asks the other. Who asks holds one shard, and then the catalog: in this order they are taken here.
void LicenseFacts::Swap(LicenseFacts& other) {
  for (Shard& shard : shards_) shard.mutex.Lock();
  catalog_mutex_.Lock();
  for (size_t i = 0; i < kShards; ++i) shards_[i].customers.swap(other.shards_[i].customers);
  canceled_.swap(other.canceled_);
  end_of_life_day_.swap(other.end_of_life_day_);
  ++catalog_version_;
  bytes_ = other.bytes_.exchange(bytes_);
  left_out_ = other.left_out_.exchange(left_out_);
  catalog_mutex_.Unlock();
  for (Shard& shard : shards_) shard.mutex.Unlock();
}

void LicenseFacts::Apply(const v1::LicenseFact& fact) {
  const absl::string_view customer = CustomerIdOf(NameIn(fact));
  if (!customer.empty()) return ApplyToCustomer(customer, fact);
  ApplyToCatalog(fact);
}

void LicenseFacts::ApplyToCatalog(const v1::LicenseFact& fact) {
  absl::MutexLock lock(&catalog_mutex_);
  if (fact.has_partner()) canceled_[IdOf(fact.partner().name())] = fact.partner().canceled();
  if (fact.has_product()) {
    const absl::string_view id = IdOf(fact.product().name());
    if (fact.product().has_end_of_life_date()) {
      end_of_life_day_[id] = DayOf(fact.product().end_of_life_date());
    } else {
      end_of_life_day_.erase(id);
    }
  }
  ++catalog_version_;
}

// What is not known is not begun in the middle: its licenses of before would be missing.
void LicenseFacts::ApplyCustomer(Shard& shard, absl::string_view id, const v1::LicenseFact::Customer& fact) {
  if (fact.whole()) {
    Drop(shard, id);
    if (bytes_ >= max_bytes_) {
      ++left_out_;
      return;
    }
    const auto added = shard.customers.try_emplace(id).first;
    Count(added->second, 2 * (sizeof(std::string) + sizeof(Customer)) + HeapBytes(added->first) + kNodeBytes, 0);
  }
  const auto found = shard.customers.find(id);
  if (found == shard.customers.end()) return;
  found->second.partner = std::string(IdOf(fact.partner()));
  found->second.disabled = fact.disabled();
  found->second.deleted = fact.deleted();
}

void LicenseFacts::ApplyLicense(Customer& customer, const v1::LicenseFact::License& fact) {
  const auto [it, added] = customer.licenses.try_emplace(std::string(IdOf(fact.name())));
  const size_t before = added ? 0 : BytesOf(it->first, it->second);
  License license;
  license.product = std::string(IdOf(fact.product()));
  license.subscription = std::string(IdOf(fact.subscription()));
  license.units = fact.units();
  if (fact.has_used_units()) license.used_units = fact.used_units();
  license.start_day = DayOf(fact.start_date());
  license.expiration_day = DayOf(fact.expiration_date());
  license.grace_end_day = DayOf(fact.grace_end_date());
  license.notice_days = fact.expiration_notice_days();
  license.awaits_activation = fact.awaits_activation();
  if (fact.has_suspend_date()) license.suspend_day = DayOf(fact.suspend_date());
  if (fact.has_close_time()) license.close_time = TimeOf(fact.close_time());
  it->second = std::move(license);
  Count(customer, BytesOf(it->first, it->second), before);
}

void LicenseFacts::ApplySubscription(Customer& customer, const v1::LicenseFact::Subscription& fact) {
  const std::string id(IdOf(fact.name()));
  const size_t bytes = sizeof(std::string) + HeapBytes(id);
  const size_t erased = std::erase(customer.renewing, id);
  if (fact.renews()) customer.renewing.push_back(id);
  Count(customer, fact.renews() ? bytes : 0, erased * bytes);
}

void LicenseFacts::ApplyChange(Customer& customer, const v1::LicenseFact::ScheduledChange& fact) {
  const std::string id(IdOf(fact.name()));
  if (const auto found = customer.changes.find(id); found != customer.changes.end()) {
    Count(customer, 0, BytesOf(found->first, found->second));
    customer.changes.erase(found);
  }
  if (!fact.pending()) return;
  const auto it =
      customer.changes.emplace(id, Change{std::string(IdOf(fact.subscription())), DayOf(fact.effective_date())}).first;
  Count(customer, BytesOf(it->first, it->second), 0);
}

void LicenseFacts::ApplyToCustomer(absl::string_view id, const v1::LicenseFact& fact) {
  Shard& shard = ShardOf(id);
  absl::MutexLock lock(&shard.mutex);
  if (fact.has_customer()) ApplyCustomer(shard, id, fact.customer());
  if (fact.fact_case() == v1::LicenseFact::kUnknown) Drop(shard, id);
  const auto found = shard.customers.find(id);
  if (found == shard.customers.end()) return;
  Customer& customer = found->second;
  Forget(customer);
  if (fact.has_license()) ApplyLicense(customer, fact.license());
  if (fact.has_subscription()) ApplySubscription(customer, fact.subscription());
  if (fact.has_scheduled_change()) ApplyChange(customer, fact.scheduled_change());
  if (bytes_ <= max_bytes_) return;
  ++left_out_;
  Drop(shard, id);
}

void LicenseFacts::Count(Customer& customer, size_t more, size_t less) const {
  customer.bytes += more - less;
  bytes_ += more - less;
}

void LicenseFacts::Forget(Customer& customer) const {
  customer.answers.clear();
  Count(customer, 0, std::exchange(customer.answer_bytes, 0));
}

size_t LicenseFacts::BytesOf(const std::string& id, const License& license) {
  return kNodeBytes + sizeof(std::string) + sizeof(License) + HeapBytes(id) + HeapBytes(license.product) +
         HeapBytes(license.subscription);
}

size_t LicenseFacts::BytesOf(const std::string& id, const Change& change) {
  return kNodeBytes + sizeof(std::string) + sizeof(Change) + HeapBytes(id) + HeapBytes(change.subscription);
}

// A vector may have room for twice as many.
size_t LicenseFacts::BytesOf(const Answer& answer) {
  return 2 * sizeof(Answer) + HeapBytes(answer.product) + kNodeBytes + answer.response->SpaceUsedLong();
}

void LicenseFacts::Drop(Shard& shard, absl::string_view id) {
  const auto found = shard.customers.find(id);
  if (found == shard.customers.end()) return;
  bytes_ -= found->second.bytes;
  shard.customers.erase(found);
}

std::shared_ptr<const v1::CheckLicenseResponse> LicenseFacts::Check(absl::string_view customer,
                                                                    absl::string_view product,
                                                                    absl::CivilDay today) const {
  Shard& shard = ShardOf(customer);
  {
    absl::ReaderMutexLock lock(&shard.mutex);
    const auto found = shard.customers.find(customer);
    if (found == shard.customers.end()) return nullptr;
    const int64_t version = catalog_version_.load(std::memory_order_acquire);
    for (const Answer& answer : found->second.answers) {
      if (answer.product != product) continue;
      if (answer.day == today - kEpoch && answer.catalog == version) return answer.response;
      break;
    }
  }
  return ComputeAndKeep(shard, customer, product, today);
}

// Answers that there is no place for are computed each time.
std::shared_ptr<const v1::CheckLicenseResponse> LicenseFacts::ComputeAndKeep(Shard& shard, absl::string_view id,
                                                                             absl::string_view product,
                                                                             absl::CivilDay today) const {
  if (!domain::IsId(product)) return nullptr;  // the server says what is wrong with it
  absl::MutexLock lock(&shard.mutex);
  const auto found = shard.customers.find(id);
  if (found == shard.customers.end()) return nullptr;
  Customer& customer = found->second;
  const int64_t version = catalog_version_.load(std::memory_order_acquire);
  std::shared_ptr<const v1::CheckLicenseResponse> response = Compute(id, customer, product, today);
  if (response == nullptr) return nullptr;
  const auto of_before = std::find_if(customer.answers.begin(), customer.answers.end(),
                                      [&](const Answer& answer) { return answer.product == product; });
  if (of_before != customer.answers.end()) {
    of_before->day = today - kEpoch;
    of_before->catalog = version;
    of_before->response = response;
    return response;
  }
  Answer answer{std::string(product), today - kEpoch, version, response};
  const size_t bytes = BytesOf(answer);
  if (bytes_ + bytes > max_bytes_ || customer.answers.size() >= kMaxAnswers) return response;
  customer.answers.push_back(std::move(answer));
  customer.answer_bytes += bytes;
  Count(customer, bytes, 0);
  return response;
}

bool LicenseFacts::LoadWorld(const std::string& id, const Customer& customer, const std::string& product,
                             model::World& world) const {
  model::Catalog& catalog = world.MutableCatalog();
  {
    absl::ReaderMutexLock lock(&catalog_mutex_);
    const auto canceled = canceled_.find(customer.partner);
    if (canceled == canceled_.end()) return false;
    model::Partner& partner = catalog.partners[{customer.partner, ""}];
    partner.partner_id = customer.partner;
    if (canceled->second) partner.state = model::PartnerState::kCanceled;
    if (const auto end = end_of_life_day_.find(product); end != end_of_life_day_.end())
      catalog.products[{product, ""}].end_of_life_date = ToDate(end->second);
  }
  model::Customer& row = world.customers[{id, ""}];
  row.customer_id = id;
  row.partner_id = customer.partner;
  row.state = customer.disabled ? model::CustomerState::kDisabled : model::CustomerState::kEnabled;
  if (customer.deleted) row.delete_time = absl::UnixEpoch();
  for (const std::string& renewing : customer.renewing) {
    model::Subscription& subscription = world.subscriptions[{id, renewing}];
    subscription.terms.auto_renewal = true;
    subscription.terms.renewal_term_months = 1;
  }
  for (const auto& [key, from] : customer.changes) {
    model::ScheduledChange& change = world.scheduled_changes[{id, key}];
    change.customer_id = id;
    change.subscription_id = from.subscription;
    change.effective_date = ToDate(from.effective_day);
  }
  return true;
}

std::shared_ptr<const v1::CheckLicenseResponse> LicenseFacts::Compute(absl::string_view id, const Customer& customer,
                                                                      absl::string_view product,
                                                                      absl::CivilDay today) const {
  model::World world;
  const std::string customer_id(id), product_id(product);
  if (!LoadWorld(customer_id, customer, product_id, world)) return nullptr;
  for (const auto& [key, from] : customer.licenses) {
    if (from.product != product) continue;
    model::License& license = world.licenses[{customer_id, key}];
    license.customer_id = customer_id;
    license.license_id = key;
    license.product_id = product_id;
    license.units = from.units;
    license.used_units = from.used_units;
    license.start_date = ToDate(from.start_day);
    license.expiration_date = ToDate(from.expiration_day);
    license.grace_end_date = ToDate(from.grace_end_day);
    license.expiration_notice_days = from.notice_days;
    if (from.awaits_activation) license.activation_policy = model::ActivationPolicy::kOnFirstSignIn;
    if (!from.subscription.empty()) license.subscription_id = from.subscription;
    if (from.suspend_day.has_value()) license.suspend_date = ToDate(*from.suspend_day);
    license.closed = from.close_time.has_value();
    license.stamp.update_time = from.close_time.value_or(absl::UnixEpoch());
  }
  for (auto& [key, license] : world.licenses) {
    if (!domain::CloseIfOver(world, license, today)) return nullptr;
  }
  auto response = std::make_shared<v1::CheckLicenseResponse>();
  wire::RenderLicenseCheck(domain::CheckLicense(world, customer_id, product_id, today), response.get());
  return response;
}

}  // namespace lmp::client
