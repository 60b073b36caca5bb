// Reads the words, values and operators of a filter from left to right. The parser decides which of them to read next.
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

// A part of a path, or a value.
struct FilterText {
  std::string text;           // without quotes, with escapes resolved
  std::vector<size_t> stars;  // offsets in `text` of the stars that were not escaped
  size_t offset = 0;          // where the text begins in the filter
  bool quoted = false;
};

class FilterLexer {
 public:
  explicit FilterLexer(absl::string_view filter) : filter_(filter) {}

  static bool IsKeyword(absl::string_view word);  // true for AND, OR and NOT

  size_t offset() const { return offset_; }
  bool AtEnd() const { return offset_ == filter_.size(); }
  // Returns '\0' at the end.
  char Peek() const { return AtEnd() ? '\0' : filter_[offset_]; }
  bool AtQuote() const { return Peek() == '"' || Peek() == '\''; }
  void SkipSpace();
  // Takes the character or word if it comes next.
  bool Take(char c);
  bool TakeKeyword(absl::string_view keyword);
  std::optional<FilterNode::Op> TakeOperator();

  // The keyword that comes next, or "".
  absl::string_view PeekKeyword() const;
  // The operator that comes next, as it is written, or "".
  absl::string_view PeekOperator() const;
  // What comes next, to be shown in an error: `"("`, or "the end".
  std::string Next() const;

  // A name or key, bare or quoted; empty if none comes next. Errors: a quote that is not closed, an unknown escape.
  absl::StatusOr<FilterText> TakePart() { return AtQuote() ? TakeQuoted() : TakeBare(".:"); }
  // A value, bare or quoted. Errors: as above. A value may contain colons, because times do.
  absl::StatusOr<FilterText> TakeValue() { return AtQuote() ? TakeQuoted() : TakeBare(""); }

  // INVALID_ARGUMENT that says what is wrong, and at which byte of the filter.
  absl::Status Error(size_t offset, absl::string_view what) const;

 private:
  absl::StatusOr<FilterText> TakeQuoted();
  FilterText TakeBare(absl::string_view ends);
  absl::string_view PeekBare(absl::string_view ends) const;

  absl::string_view filter_;
  size_t offset_ = 0;
};

// A text of the caller as an error shows it: in quotes, shortened, and only with printable characters.
std::string Shown(absl::string_view text);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_FILTER_LEXER_H_
