// Customers' lives in a test, on a world in memory. A command does what the engine does around a decision: it sees the
// rows of its footprint only, time passes first, pools are settled and the invariants asked afterwards.
#ifndef LMP_TESTS_DOMAIN_LIFE_H_
#define LMP_TESTS_DOMAIN_LIFE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/domain/decision/advisories.h"
#include "server/domain/env.h"
#include "storage/model/world.h"
#include "tests/domain/fake_ids.h"

namespace lmp::domain {

// A thing that time did by itself: "renewed", "changed", "change dropped", "expiring soon", "expired" or "ended".
struct LifeStep {
  Date day;
  std::string what;
};

class Life {
 public:
  static constexpr char kCustomer[] = "acme";
  static constexpr char kNeighbour[] = "bakery";  // another customer of the same partner
  static constexpr char kPartner[] = "msp-one";

  // Both customers, without licenses, and the catalog of vectors/catalog.txt.
  Life();

  // Runs a command today. A refusal leaves the world as it was. Broken invariants and lost licenses are test failures.
  template <class Command, class Verb>
  absl::Status Do(Verb verb, const Command& command) {
    return Run(command.footprint(),
               [&](model::World& rows, const Env& env) { return verb(rows, command, env).status(); });
  }
  using DecideFunction = std::function<absl::Status(model::World&, const Env&)>;
  absl::Status Run(const model::Footprint& footprint, const DecideFunction& decide);
  // What the worker does: looks at every customer, today.
  void TimePasses();

  // What a reader sees today, and all that time has done by itself, in order of day.
  struct View {
    model::World world;
    std::vector<LifeStep> steps;
  };
  View Now() const;

  model::World world;
  Date today = Date(2026, 1, 31);
  std::vector<Advisory> advisories;  // about the command that succeeded last

 private:
  FakeIds ids_;
  Caller caller_{.actor = "test"};
  std::vector<LifeStep> steps_;
};

}  // namespace lmp::domain

#endif  // LMP_TESTS_DOMAIN_LIFE_H_
