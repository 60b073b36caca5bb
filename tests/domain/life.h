// A customer's life in a test: each step does what the engine does around a decision — time passes first, pools are settled
// and the invariants asked afterwards — on a world in memory.
#ifndef LMP_TESTS_DOMAIN_LIFE_H_
#define LMP_TESTS_DOMAIN_LIFE_H_

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/domain/env.h"
#include "storage/model/world.h"
#include "tests/domain/fake_ids.h"

namespace lmp::domain {

class Life {
 public:
  static constexpr char kCustomer[] = "acme";

  Life();

  // Moves the calendar; nothing happens by that alone.
  Life& On(int year, int month, int day);
  // Assigns a plan with the same units for each product; returns the subscription's id.
  std::string Assign(const std::string& plan, int units);
  // Runs a command: OK, or the reason of the refusal. A refusal must leave the world as it was.
  template <class Command, class Verb>
  std::string Do(Verb verb, const Command& command) {
    return Run([&](model::World& rows, const Env& env) { return verb(rows, command, env).status(); });
  }
  std::string Run(const std::function<absl::Status(model::World&, const Env&)>& decide);
  // What the worker does.
  void TimePasses();

  // The customer as a reader sees it today.
  model::World Now() const;
  const model::Subscription Subscription(const std::string& id) const;
  // The one licence of a product that is not closed, or the last one.
  const model::License License(const std::string& product) const;
  std::string StateOf(const std::string& product) const;
  // "SUBSCRIPTION_RENEWED 2026-02-28" for each thing that time did, in order.
  const std::vector<std::string>& steps() const { return steps_; }

  model::World world;
  Date today = Date(2026, 1, 31);

 private:
  FakeIds ids_;
  Caller caller_{.actor = "test"};
  std::vector<std::string> steps_;
};

}  // namespace lmp::domain

#endif  // LMP_TESTS_DOMAIN_LIFE_H_
