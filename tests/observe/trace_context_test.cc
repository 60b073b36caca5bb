#include "server/observe/trace_context.h"

#include <gtest/gtest.h>

#include <string>

namespace lmp::observe {
namespace {

constexpr char kHeader[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, ReadsTheStandardsExample) {
  const auto context = ParseTraceparent(kHeader);
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->parent, 0x00f067aa0ba902b7U);
  EXPECT_TRUE(context->sampled);
}

TEST(TraceContext, OnlyTheLastFlagSaysThatItIsSampled) {
  std::string header = kHeader;
  header.replace(header.size() - 2, 2, "fe");
  EXPECT_FALSE(ParseTraceparent(header)->sampled);
  header.replace(header.size() - 2, 2, "03");
  EXPECT_TRUE(ParseTraceparent(header)->sampled);
}

TEST(TraceContext, ALaterVersionMayBeLonger) {
  const std::string later = "cc" + std::string(kHeader).substr(2);
  EXPECT_TRUE(ParseTraceparent(later).has_value());
  EXPECT_TRUE(ParseTraceparent(later + "-what-comes").has_value());
  EXPECT_FALSE(ParseTraceparent(later + ".what-comes").has_value());
  EXPECT_FALSE(ParseTraceparent(std::string(kHeader) + "-more").has_value()) << "version 00 has no more";
}

TEST(TraceContext, WhatIsNotValidIsNoTrace) {
  for (const char* header : {"", "00-ab-cd-01", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                             "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                             "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                             "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
                             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
                             "00.4bf92f3577b34da6a3ce929d0e0e4736.00f067aa0ba902b7.01"}) {
    EXPECT_FALSE(ParseTraceparent(header).has_value()) << header;
  }
}

TEST(TraceContext, ACallIsInItsCallersTraceWithASpanOfItsOwn) {
  const TraceContext one = ContextOf(kHeader, /*sample=*/false);
  EXPECT_EQ(one.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(one.parent, 0x00f067aa0ba902b7U);
  EXPECT_TRUE(one.sampled) << "the caller says so";
  EXPECT_NE(one.span, 0U);
  EXPECT_NE(one.span, ContextOf(kHeader, false).span);
}

TEST(TraceContext, WithoutACallersTraceItBeginsOne) {
  const TraceContext one = ContextOf("nonsense", /*sample=*/true);
  EXPECT_NE(one.trace_high | one.trace_low, 0U);
  EXPECT_EQ(one.parent, 0U);
  EXPECT_TRUE(one.sampled);
  EXPECT_FALSE(ContextOf("", false).sampled);
  EXPECT_NE(one.trace_id(), ContextOf("", true).trace_id());
}

TEST(TraceContext, AChildIsBelowItsParent) {
  const TraceContext parent = ContextOf(kHeader, true);
  const TraceContext child = ChildOf(parent);
  EXPECT_EQ(child.trace_id(), parent.trace_id());
  EXPECT_EQ(child.parent, parent.span);
  EXPECT_NE(child.span, parent.span);
  EXPECT_EQ(child.span_id().size(), 16U);
}

}  // namespace
}  // namespace lmp::observe
