#include "server/log_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace lmp::server {
namespace {

class LogWriterTest : public ::testing::Test {
 protected:
  LogWriterTest() {
    EXPECT_EQ(pipe(ends_), 0);
    EXPECT_EQ(fcntl(ends_[0], F_SETFL, O_NONBLOCK), 0);
  }
  ~LogWriterTest() override {
    close(ends_[0]);
    close(ends_[1]);
  }

  // What was written by now.
  std::string Written() {
    std::string text(1 << 20, '\0');
    const ssize_t size = read(ends_[0], text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return text;
  }

  int ends_[2] = {};
};

TEST_F(LogWriterTest, AFirstLineGoesOutAtOnce) {
  LogWriter writer(ends_[1]);
  writer.Write("first\n", false);
  EXPECT_EQ(Written(), "first\n");
}

TEST_F(LogWriterTest, TheNextFollowByThemselves) {
  LogWriter writer(ends_[1]);
  for (int i = 0; i < 100; ++i) writer.Write(absl::StrCat(i, "\n"), false);
  std::string text;
  for (int tries = 0; tries < 1000 && !absl::StrContains(text, "99\n"); ++tries) {
    absl::SleepFor(absl::Milliseconds(10));
    text += Written();
  }
  std::string all;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&all, i, "\n");
  EXPECT_EQ(text, all);
}

TEST_F(LogWriterTest, WhatIsUrgentTakesAllBeforeItAlong) {
  LogWriter writer(ends_[1]);
  std::string all;
  for (int i = 0; i < 100; ++i) {
    writer.Write(absl::StrCat(i, "\n"), false);
    absl::StrAppend(&all, i, "\n");
  }
  writer.Write("urgent\n", true);
  EXPECT_EQ(Written(), all + "urgent\n");
}

TEST_F(LogWriterTest, NothingIsLostAtTheEnd) {
  for (int i = 0; i < 200; ++i) {
    {
      LogWriter writer(ends_[1]);
      writer.Write("a\n", false);
      writer.Write("b\n", false);
    }
    ASSERT_EQ(Written(), "a\nb\n") << i;
  }
}

TEST_F(LogWriterTest, NoLineIsTorn) {
  constexpr int kThreads = 4, kLines = 500;
  {
    LogWriter writer(ends_[1]);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&writer] {
        for (int i = 0; i < kLines; ++i) writer.Write("a whole line\n", false);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const std::vector<std::string> lines = absl::StrSplit(Written(), '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), static_cast<size_t>(kThreads * kLines));
  EXPECT_THAT(lines, ::testing::Each("a whole line"));
}

}  // namespace
}  // namespace lmp::server
