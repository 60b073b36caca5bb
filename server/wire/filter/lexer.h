// Reads the words, values and operators of a filter from left to right; which comes next is for the parser to know.
#ifndef LMP_SERVER_WIRE_FILTER_LEXER_H_
#define LMP_SERVER_WIRE_FILTER_LEXER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/wire/filter/filter.h"

namespace lmp::wire {

// Part of a path, or a value.
struct FilterText {
  std::string text;           // without quotes, escapes resolved
  std::vector<size_t> stars;  // of the text: those that were not escaped
  size_t offset = 0;          // where it begins in the filter
  bool quoted = false;
};

class FilterLexer {
 public:
  explicit FilterLexer(absl::string_view filter) : filter_(filter) {}

  static bool IsKeyword(absl::string_view word);  // AND, OR, NOT

  size_t offset() const { return offset_; }
  bool AtEnd() const { return offset_ == filter_.size(); }
  // '\0' at the end.
  char Peek() const { return AtEnd() ? '\0' : filter_[offset_]; }
  bool AtQuote() const { return Peek() == '"' || Peek() == '\''; }
  void SkipSpace();
  // Takes what is asked for, if it comes next.
  bool Take(char c);
  bool TakeKeyword(absl::string_view keyword);
  std::optional<FilterNode::Op> TakeOperator();

  // The keyword that comes next; else "".
  absl::string_view PeekKeyword() const;
  // The operator that comes next, as it is written; else "".
  absl::string_view PeekOperator() const;
  // What comes next, for an error: `"("`, or "the end".
  std::string Next() const;

  // A name or key, bare or quoted; empty if none comes next. Error: a quote that is not closed, an unknown escape.
  absl::StatusOr<FilterText> TakePart() { return AtQuote() ? TakeQuoted() : TakeBare(".:"); }
  // A value, bare or quoted; the same. Times have colons, so values do.
  absl::StatusOr<FilterText> TakeValue() { return AtQuote() ? TakeQuoted() : TakeBare(""); }

  // INVALID_ARGUMENT: what is wrong at a byte of the filter.
  absl::Status Error(size_t offset, absl::string_view what) const;

 private:
  absl::StatusOr<FilterText> TakeQuoted();
  FilterText TakeBare(absl::string_view ends);
  absl::string_view PeekBare(absl::string_view ends) const;

  absl::string_view filter_;
  size_t offset_ = 0;
};

// A text of the caller in an error: in quotes, short, and nothing in it that is not printable.
std::string Shown(absl::string_view text);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_FILTER_LEXER_H_
