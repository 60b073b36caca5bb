// How often each hot call asks for memory, section by section (tests/support/meter.h): exactly so often. A copy of a
// world too many is seen here at once, whatever the machine is doing. tests/README.md says how to read a failure.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

#include "tests/engine/hot_calls.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using testing::Section;

constexpr char kHint[] =
    "\nfewer: write the lower number down. more: find out who allocates (LMP_ALLOCATIONS=trace prints the top call "
    "stacks). "
    "All of them other: another compiler, standard library or protobuf, see kPercentOff.";
constexpr int kWarmUps = 3;
constexpr int kTopStacks = 15;

struct Counts {
  int64_t parse = 0, load = 0, decide = 0, store = 0;
  bool operator==(const Counts&) const = default;
};

void PrintTo(const Counts& counts, std::ostream* out) {
  *out << "{" << counts.parse << ", " << counts.load << ", " << counts.decide << ", " << counts.store << "}";
}

class AllocationMeter final : public testing::Meter {
 public:
  Counts Take() {
    const auto counts = std::exchange(counts_, {});
    const auto of = [&](Section section) { return counts[static_cast<size_t>(section)]; };
    return {of(Section::kParse), of(Section::kLoad), of(Section::kDecide), of(Section::kStore)};
  }

 private:
  void Begin(Section) override { testing::StartCounting(); }
  void Leave(Section section) override { counts_[static_cast<size_t>(section)] += testing::StopCounting(); }

  std::array<int64_t, testing::kSections> counts_{};
};

struct Expected {
  const char* call;
  Counts counts;  // parse, load, decide, store
};

// Of GCC 12 and protobuf 3.21, built with optimization; Debian 12.
constexpr Expected kExpected[] = {
    {"AssignServicePlan, suite of 3", {68, 118, 501, 74}},
    {"AssignServicePlan, suite of 3, to who has 60", {68, 3324, 2308, 74}},
    {"AssignServicePlan, crossgrade of 3", {70, 282, 1110, 183}},
    {"AssignServicePlan, crossgrade of 3, preview", {96, 274, 8435, 0}},
    {"UpdateSubscription, units, from a pool", {50, 235, 524, 41}},
    {"CheckLicense", {19, 31, 14, 0}},
    {"GetLicense", {16, 175, 22, 0}},
    {"ListLicenses, page of 50", {0, 0, 2998, 0}},
    {"loading 32 checks", {0, 592, 0, 0}},
};

Counts Forgiven(const Counts& counted, const Counts& expected) {
  constexpr int kOff = testing::kPercentOff;
  return {testing::Forgive(counted.parse, expected.parse, kOff), testing::Forgive(counted.load, expected.load, kOff),
          testing::Forgive(counted.decide, expected.decide, kOff),
          testing::Forgive(counted.store, expected.store, kOff)};
}

// Threads that wake by the clock are counted, too: they wake in one run (of hundreds), not in all of them.
constexpr int kRuns = 3;
Counts Least(const Counts& a, const Counts& b) {
  return {std::min(a.parse, b.parse), std::min(a.load, b.load), std::min(a.decide, b.decide),
          std::min(a.store, b.store)};
}

bool Traces() {
  const char* wanted = std::getenv("LMP_ALLOCATIONS");
  return wanted != nullptr && std::string(wanted) == "trace";
}

TEST(AllocationGuard, EachHotCallAllocatesExactlySoOften) {
  AllocationMeter meter;
  const HotCalls calls(meter);
  ASSERT_EQ(calls.all().size(), std::size(kExpected));
  for (size_t i = 0; i < std::size(kExpected); ++i) {
    const HotCall& call = calls.all()[i];
    SCOPED_TRACE(call.name);
    EXPECT_EQ(call.name, kExpected[i].call);
    for (int run = 0; run < kWarmUps; ++run) ASSERT_OK(call.run());
    meter.Take();
    ASSERT_OK(call.run());
    Counts counts = meter.Take();
    for (int run = 1; run < kRuns; ++run) {
      ASSERT_OK(call.run());
      counts = Least(counts, meter.Take());
    }
    EXPECT_EQ(Forgiven(counts, kExpected[i].counts), kExpected[i].counts)
        << "{parse, load, decide, store} of " << call.name << kHint;
    if (!Traces()) continue;
    testing::StartTracing();
    EXPECT_OK(call.run());
    std::cout << "== " << call.name << "\n" << testing::StopTracing(kTopStacks) << std::endl;
    meter.Take();
  }
}

}  // namespace
}  // namespace lmp::engine
