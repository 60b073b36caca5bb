// What is fuzzed: functions that read what a stranger wrote. Each must end soon, without undefined behavior, and keep
// what it promises; Require() says what that is.
#ifndef LMP_TESTS_FUZZ_TARGET_H_
#define LMP_TESTS_FUZZ_TARGET_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace lmp::fuzz {

struct Target {
  absl::string_view name;  // also of its directory in corpus/
  void (*run)(absl::string_view input);
};

const std::vector<Target>& Targets();

// Ends the program, as a crash would, if this does not hold.
void Require(bool holds, absl::string_view what);

// "first\nrest": a target that needs more than one text finds them in lines.
struct Split {
  absl::string_view line;
  absl::string_view rest;
};
Split FirstLine(absl::string_view input);

// Of a caller's texts.
void FuzzRequest(absl::string_view input);
void FuzzFilter(absl::string_view input);
void FuzzPageToken(absl::string_view input);
void FuzzNames(absl::string_view input);
void FuzzDates(absl::string_view input);
// Of files, rows, and signed texts.
void FuzzConfigFile(absl::string_view input);
void FuzzAuthFile(absl::string_view input);
void FuzzImage(absl::string_view input);
void FuzzLicenseToken(absl::string_view input);
void FuzzJwt(absl::string_view input);

}  // namespace lmp::fuzz

#endif  // LMP_TESTS_FUZZ_TARGET_H_
