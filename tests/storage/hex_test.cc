#include "storage/hex.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace lmp::storage {
namespace {

TEST(BytesOfHexTest, IsWhatWasWritten) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  EXPECT_EQ(BytesOfHex(absl::BytesToHexString(all)), all);
  EXPECT_EQ(BytesOfHex("C3bC"), "\xc3\xbc");
  EXPECT_EQ(BytesOfHex(""), "");
}

TEST(BytesOfHexTest, WhatIsNoDigitIsNotWrittenSo) {
  for (const char* text : {"g0", "0x", "zz", "-1", "\xff\xff", "a"})
    EXPECT_NE(absl::BytesToHexString(BytesOfHex(text)), text);
}

}  // namespace
}  // namespace lmp::storage
