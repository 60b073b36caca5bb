// A made-up world of any size, always the same for the same seed: partners with their plans, customers, and all that
// ever happened to them, as the service would have kept it.
//
// Customers are skewed: two of three have one license, 7 of 100 more than five, 1 of 1000 a hundred and more, a handful
// thousands (a power law of exponent 1.5, cut at 5000). Of their subscriptions about 70 % run and renew themselves, the
// others run out, are in grace, ended, suspended, canceled or begin later. Every row has its events, with their images.
#ifndef LMP_TESTS_BENCHMARKS_FILL_POPULATION_H_
#define LMP_TESTS_BENCHMARKS_FILL_POPULATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "storage/model/event.h"
#include "storage/model/world.h"

namespace lmp::bench {

// Where it begins: partners, products, plans.
struct Foundation {
  std::vector<model::Partner> partners;
  std::vector<model::Product> products;
  std::vector<model::ServicePlan> plans;
  std::vector<model::Event> events;
};

// One customer with all that is its, as it is now, and how it came to that.
struct Member {
  model::Customer customer;
  std::vector<model::Subscription> subscriptions;  // in order of their keys, as the following
  std::vector<model::License> licenses;
  std::vector<model::ScheduledChange> changes;
  std::vector<model::Event> events;  // in order of time
};

class Population final {
 public:
  // Nothing of it is after `now`, and nothing is due by then. `licenses` only says for how many partners there is work.
  Population(uint64_t seed, int64_t licenses, absl::Time now);

  Foundation Begin() const;
  // The i-th customer, with `most` licenses at most. Ids ascend with i.
  static constexpr int kMostLicenses = 5000;
  Member Make(int64_t i, int most = kMostLicenses) const;

  // A large world is the same block of customers again and again: what must differ has the block's mark in it, wherever
  // it stands (ids, activation codes, external ids, images), and those of block 0 have MarkOf(0). Ids ascend with the
  // block.
  static std::string MarkOf(int block);
  static void Move(Member& member, int block);

  // This one has so many licenses whatever the size of the world.
  static constexpr int64_t kLargeCustomer = 3;
  static constexpr int kLargeCustomerLicenses = 200;
  // A partner's plan of a suite of three services that no customer has yet; its id, and its products'.
  static std::string NewPlanOf(const std::string& partner_id);
  static std::vector<std::string> NewProducts();
  // Products that each reseller has a pool of.
  static std::vector<std::string> PooledProducts();
  std::vector<std::string> Resellers() const;

 private:
  const uint64_t seed_;
  const int resellers_;
  const absl::Time now_;
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FILL_POPULATION_H_
