// What the tests of the wire have in common.
#ifndef LMP_TESTS_WIRE_WIRE_TEST_SUPPORT_H_
#define LMP_TESTS_WIRE_WIRE_TEST_SUPPORT_H_

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/domain/refusal.h"

namespace lmp::wire {

// The fields that an INVALID_ARGUMENT names; each must be named once.
inline std::set<std::string> FieldsOf(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  std::set<std::string> fields;
  for (const domain::FieldViolation& violation : domain::RefusalOf(status).violations) {
    EXPECT_TRUE(fields.insert(violation.field).second) << violation.field << " is named twice: " << status;
    EXPECT_FALSE(violation.description.empty()) << violation.field;
  }
  return fields;
}

inline std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace lmp::wire

#endif  // LMP_TESTS_WIRE_WIRE_TEST_SUPPORT_H_
