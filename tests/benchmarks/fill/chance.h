// Chance that is the same for the same seed, and what is made of it: ids and instants.
#ifndef LMP_TESTS_BENCHMARKS_FILL_CHANCE_H_
#define LMP_TESTS_BENCHMARKS_FILL_CHANCE_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "storage/model/row.h"

namespace lmp::bench {

inline constexpr char kBase32[] = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's

// SplitMix64: any number of independent streams for nothing.
class Chance {
 public:
  Chance(uint64_t seed, uint64_t stream) : state_(seed * 0x9E3779B97F4A7C15ULL + stream * 0xD1B54A32D192ED03ULL) {
    Next();
  }
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

std::string Ulid(uint64_t millis, Chance& chance);
inline std::string UlidAt(absl::Time time, Chance& chance) {
  return Ulid(static_cast<uint64_t>(absl::ToUnixMillis(time)), chance);
}
std::string Uuid(Chance& chance);

inline model::Date DayOf(absl::Time time) { return absl::ToCivilDay(time, absl::UTCTimeZone()); }
// In working hours.
absl::Time TimeOn(model::Date day, Chance& chance);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FILL_CHANCE_H_
