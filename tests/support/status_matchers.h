// IsOk, IsOkAndHolds, StatusIs and the macros over them, with the meanings that Abseil's absl/status/status_matchers.h
// gives them. Debian 12's Abseil does not have them yet.
#ifndef LMP_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define LMP_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lmp::testing {
namespace internal {

inline const absl::Status& GetStatus(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& result) {
  return result.status();
}

class IsOkMatcher final {
 public:
  using is_gtest_matcher = void;
  template <typename StatusOrResult>
  bool MatchAndExplain(const StatusOrResult& result, std::ostream* os) const {
    const absl::Status& status = GetStatus(result);
    if (!status.ok() && os != nullptr) *os << "which is " << status;
    return status.ok();
  }
  void DescribeTo(std::ostream* os) const { *os << "is OK"; }
  void DescribeNegationTo(std::ostream* os) const { *os << "is not OK"; }
};

class StatusIsMatcher final {
 public:
  using is_gtest_matcher = void;
  StatusIsMatcher(::testing::Matcher<absl::StatusCode> code, ::testing::Matcher<std::string> message)
      : code_(std::move(code)), message_(std::move(message)) {}
  template <typename StatusOrResult>
  bool MatchAndExplain(const StatusOrResult& result, std::ostream* os) const {
    const absl::Status& status = GetStatus(result);
    if (os != nullptr) *os << "which is " << status;
    return code_.Matches(status.code()) && message_.Matches(std::string(status.message()));
  }
  void DescribeTo(std::ostream* os) const {
    *os << "has a code that ";
    code_.DescribeTo(os);
    *os << " and a message that ";
    message_.DescribeTo(os);
  }
  void DescribeNegationTo(std::ostream* os) const {
    *os << "not: ";
    DescribeTo(os);
  }

 private:
  ::testing::Matcher<absl::StatusCode> code_;
  ::testing::Matcher<std::string> message_;
};

template <typename Inner>
class IsOkAndHoldsMatcher final {
 public:
  using is_gtest_matcher = void;
  explicit IsOkAndHoldsMatcher(Inner inner) : inner_(std::move(inner)) {}
  template <typename T>
  bool MatchAndExplain(const absl::StatusOr<T>& result, ::testing::MatchResultListener* listener) const {
    if (!result.ok()) {
      *listener << "which is " << result.status();
      return false;
    }
    return ::testing::SafeMatcherCast<const T&>(inner_).MatchAndExplain(*result, listener);
  }
  void DescribeTo(std::ostream* os) const { *os << "is OK and holds a matching value"; }
  void DescribeNegationTo(std::ostream* os) const { *os << "is not OK or holds no matching value"; }

 private:
  Inner inner_;
};

}  // namespace internal

// Matches an absl::Status or absl::StatusOr that is OK.
inline internal::IsOkMatcher IsOk() { return {}; }

// Matches an absl::StatusOr that is OK and whose value matches `inner`.
template <typename Inner>
internal::IsOkAndHoldsMatcher<std::decay_t<Inner>> IsOkAndHolds(Inner&& inner) {
  return internal::IsOkAndHoldsMatcher<std::decay_t<Inner>>(std::forward<Inner>(inner));
}

// Matches an absl::Status or absl::StatusOr by code, and by message if given.
inline internal::StatusIsMatcher StatusIs(::testing::Matcher<absl::StatusCode> code,
                                          ::testing::Matcher<std::string> message = ::testing::_) {
  return {std::move(code), std::move(message)};
}

}  // namespace lmp::testing

#define EXPECT_OK(expression) EXPECT_THAT((expression), ::lmp::testing::IsOk())
#define ASSERT_OK(expression) ASSERT_THAT((expression), ::lmp::testing::IsOk())

#define LMP_MATCHERS_CONCAT_INNER(a, b) a##b
#define LMP_MATCHERS_CONCAT(a, b) LMP_MATCHERS_CONCAT_INNER(a, b)
// Assigns the value of a StatusOr to `lhs` (which may declare), or fails the test and returns.
#define ASSERT_OK_AND_ASSIGN(lhs, expression) \
  LMP_ASSERT_OK_AND_ASSIGN_IMPL(LMP_MATCHERS_CONCAT(lmp_assert_, __LINE__), lhs, expression)
#define LMP_ASSERT_OK_AND_ASSIGN_IMPL(result, lhs, expression) \
  auto result = (expression);                                  \
  ASSERT_THAT(result, ::lmp::testing::IsOk());                 \
  lhs = *std::move(result)

#endif  // LMP_TESTS_SUPPORT_STATUS_MATCHERS_H_
