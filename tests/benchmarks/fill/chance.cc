#include "tests/benchmarks/fill/chance.h"

#include "absl/time/civil_time.h"

namespace lmp::bench {

std::string Ulid(uint64_t millis, Chance& chance) {
  std::string id(26, '0');
  for (size_t i = 10; i-- > 0; millis >>= 5) id[i] = kBase32[millis & 31];
  uint64_t bits[2] = {chance.Next(), chance.Next()};
  for (size_t i = 10; i < 26; ++i, bits[i % 2] >>= 5) id[i] = kBase32[bits[i % 2] & 31];
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

absl::Time TimeOn(model::Date day, Chance& chance) {
  return absl::FromCivil(day, absl::UTCTimeZone()) + absl::Hours(8) +
         absl::Microseconds(chance.Below(1'000'000'000) * 36LL);
}

}  // namespace lmp::bench
