// What WatchLicenses says of each customer, and the answers that follow from it, by the very rule of the server
// (server/domain/license/license_check.h).
#ifndef LMP_CLIENT_SRC_LICENSE_FACTS_H_
#define LMP_CLIENT_SRC_LICENSE_FACTS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "lmp/v1/license_requests.pb.h"
#include "lmp/v1/watch_licenses.pb.h"
#include "storage/model/world.h"

namespace lmp::client {

inline absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

// Facts are applied by one thread; any number may ask meanwhile. Thread-safe.
class LicenseFacts final {
 public:
  // What is kept takes about so many bytes at most: customers that there is no place for are not known.
  explicit LicenseFacts(size_t max_bytes) : max_bytes_(max_bytes) {}

  void Apply(const v1::LicenseFact& fact);

  // Without read_time. Null: the server must be asked, because the customer is not known here, or because something is
  // due that depends on more than is known here (a renewal or a scheduled change of today that was not told yet).
  // `customer` and `product` are ids.
  std::shared_ptr<const v1::CheckLicenseResponse> Check(absl::string_view customer, absl::string_view product,
                                                        absl::CivilDay today) const;

  // Takes over what the other has, at once for all who ask.
  void Swap(LicenseFacts& other) ABSL_NO_THREAD_SAFETY_ANALYSIS;

  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  int64_t customers() const;
  // Customers that were left out because there was no place.
  int64_t left_out() const { return left_out_.load(std::memory_order_relaxed); }

 private:
  // A license in few bytes: days are counted from 1970-01-01.
  struct License {
    std::string product;
    std::string subscription;
    std::optional<absl::Time> close_time;
    std::optional<int32_t> used_units, suspend_day;
    int32_t units = 0, start_day = 0, expiration_day = 0, grace_end_day = 0, notice_days = 0;
    bool awaits_activation = false;
  };
  struct Change {
    std::string subscription;
    int32_t effective_day = 0;
  };
  struct Answer {
    std::string product;
    int64_t day = 0;
    int64_t catalog = 0;  // of which version of partners and products
    std::shared_ptr<const v1::CheckLicenseResponse> response;
  };
  struct Customer {
    std::string partner;
    bool disabled = false, deleted = false;
    std::map<std::string, License, std::less<>> licenses;  // by id
    std::map<std::string, Change, std::less<>> changes;    // that wait, by id
    std::vector<std::string> renewing;                     // subscriptions, by id
    std::vector<Answer> answers;
    size_t bytes = 0;
    size_t answer_bytes = 0;  // part of `bytes`
  };
  struct alignas(64) Shard {
    mutable absl::Mutex mutex;
    absl::flat_hash_map<std::string, Customer> customers ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 64;
  static constexpr size_t kMaxAnswers = 64;  // of a customer; they are looked through one by one

  Shard& ShardOf(absl::string_view customer) const;
  void ApplyToCustomer(absl::string_view id, const v1::LicenseFact& fact);
  void ApplyCustomer(Shard& shard, absl::string_view id, const v1::LicenseFact::Customer& fact)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  void ApplyToCatalog(const v1::LicenseFact& fact) ABSL_LOCKS_EXCLUDED(catalog_mutex_);
  // These change what the customer has, and count its bytes.
  void Forget(Customer& customer) const;  // its answers
  void ApplyLicense(Customer& customer, const v1::LicenseFact::License& fact);
  void ApplySubscription(Customer& customer, const v1::LicenseFact::Subscription& fact);
  void ApplyChange(Customer& customer, const v1::LicenseFact::ScheduledChange& fact);
  void Count(Customer& customer, size_t more, size_t less) const;
  void Drop(Shard& shard, absl::string_view id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  static size_t BytesOf(const std::string& id, const License& license);
  static size_t BytesOf(const std::string& id, const Change& change);
  static size_t BytesOf(const Answer& answer);
  // The rows that the rule looks at. False: the customer's partner is not known.
  bool LoadWorld(const std::string& id, const Customer& customer, const std::string& product, model::World& world) const
      ABSL_LOCKS_EXCLUDED(catalog_mutex_);
  std::shared_ptr<const v1::CheckLicenseResponse> Compute(absl::string_view id, const Customer& customer,
                                                          absl::string_view product, absl::CivilDay today) const
      ABSL_LOCKS_EXCLUDED(catalog_mutex_);
  std::shared_ptr<const v1::CheckLicenseResponse> ComputeAndKeep(Shard& shard, absl::string_view id,
                                                                 absl::string_view product, absl::CivilDay today) const
      ABSL_LOCKS_EXCLUDED(shard.mutex);

  const size_t max_bytes_;
  mutable std::vector<Shard> shards_ = std::vector<Shard>(kShards);
  mutable std::atomic<size_t> bytes_ = 0;
  std::atomic<int64_t> left_out_ = 0;
  std::atomic<int64_t> catalog_version_ = 0;
  mutable absl::Mutex catalog_mutex_;                                                          // taken after a shard's
  absl::flat_hash_map<std::string, bool> canceled_ ABSL_GUARDED_BY(catalog_mutex_);            // partners, by id
  absl::flat_hash_map<std::string, int32_t> end_of_life_day_ ABSL_GUARDED_BY(catalog_mutex_);  // of products, by id
};

}  // namespace lmp::client

#endif  // LMP_CLIENT_SRC_LICENSE_FACTS_H_
