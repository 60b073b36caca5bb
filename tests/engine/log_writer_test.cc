#include "server/observe/log_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace lmp::server {
namespace {

std::string DroppedLine(int64_t dropped) { return absl::StrCat("dropped ", dropped, "\n"); }

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

  // The next that is written.
  std::string WrittenBefore(absl::Duration limit) {
    std::string text;
    for (const absl::Time end = absl::Now() + limit; text.empty() && absl::Now() < end;
         absl::SleepFor(absl::Milliseconds(1))) {
      text = Written();
    }
    return text;
  }

  int ends_[2] = {};
};

TEST_F(LogWriterTest, AFirstLineGoesOutAtOnce) {
  LogWriter writer(ends_[1], DroppedLine);
  writer.Write("first\n", false);
  EXPECT_EQ(WrittenBefore(absl::Seconds(5)), "first\n");
}

TEST_F(LogWriterTest, TheNextFollowByThemselves) {
  LogWriter writer(ends_[1], DroppedLine);
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
  LogWriter writer(ends_[1], DroppedLine);
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
      LogWriter writer(ends_[1], DroppedLine);
      writer.Write("a\n", false);
      writer.Write("b\n", false);
    }
    ASSERT_EQ(Written(), "a\nb\n") << i;
  }
}

// A pipe takes 64 KiB, the writer another MiB; after that nobody waits, and nothing is lost in silence.
TEST_F(LogWriterTest, AReaderThatStallsStopsNobodyAndWhatIsDroppedIsCounted) {
  constexpr int kLines = 50'000;
  const std::string line = std::string(99, 'x') + "\n";
  std::string text;
  {
    LogWriter writer(ends_[1], DroppedLine);
    const absl::Time began = absl::Now();
    for (int i = 0; i < kLines; ++i) writer.Write(line, /*urgent=*/i % 1000 == 0);
    EXPECT_LT(absl::Now() - began, absl::Seconds(5));
    for (std::string got = Written(); !got.empty(); got = WrittenBefore(absl::Milliseconds(300))) text += got;
    writer.Write("and on\n", true);
    text += WrittenBefore(absl::Seconds(5));
  }
  int64_t whole = 0, dropped = 0;
  for (absl::string_view got : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    int64_t count = 0;
    if (absl::ConsumePrefix(&got, "dropped ")) {
      EXPECT_TRUE(absl::SimpleAtoi(got, &count));
      dropped += count;
    } else if (got != "and on") {
      EXPECT_EQ(got.size(), 99u);
      ++whole;
    }
  }
  EXPECT_GT(dropped, 0);
  EXPECT_EQ(whole + dropped, kLines);
  EXPECT_TRUE(absl::EndsWith(text, "and on\n"));
}

TEST_F(LogWriterTest, TheEndDoesNotWaitForAReaderThatStalls) {
  const absl::Time began = absl::Now();
  {
    LogWriter writer(ends_[1], DroppedLine);
    for (int i = 0; i < 10'000; ++i) writer.Write(std::string(99, 'x') + "\n", false);
    writer.Flush();
  }
  EXPECT_LT(absl::Now() - began, absl::Seconds(5));
  const absl::Time last_words = absl::Now();
  WriteBriefly(ends_[1], "last words\n", absl::Milliseconds(100));
  EXPECT_LT(absl::Now() - last_words, absl::Seconds(2));
}

TEST_F(LogWriterTest, NoLineIsTorn) {
  constexpr int kThreads = 4, kLines = 500;
  {
    LogWriter writer(ends_[1], DroppedLine);
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
