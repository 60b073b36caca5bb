#include "server/wire/filter/lexer.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/domain/refusal.h"

namespace lmp::wire {
namespace {

constexpr absl::string_view kSpecial = "()=<>!\"',\\";  // these need quotes
constexpr size_t kMaxShown = 60;                        // bytes of a text that an error shows
using Op = FilterNode::Op;

struct Operator {
  absl::string_view text;
  Op op;
};
// Longer operators come first.
constexpr Operator kOperators[] = {{"!=", Op::kNe}, {"<=", Op::kLe}, {">=", Op::kGe}, {"=", Op::kEq},
                                   {"<", Op::kLt},  {">", Op::kGt},  {":", Op::kHas}};

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

bool IsInsideCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

const Operator* FindOperator(absl::string_view rest) {
  for (const Operator& candidate : kOperators) {
    if (rest.substr(0, candidate.text.size()) == candidate.text) return &candidate;
  }
  return nullptr;
}

}  // namespace

void FilterLexer::SkipSpace() {
  while (!AtEnd() && IsSpace(filter_[offset_])) ++offset_;
}

bool FilterLexer::Take(char c) {
  if (AtEnd() || filter_[offset_] != c) return false;
  ++offset_;
  return true;
}

absl::string_view FilterLexer::PeekBare(absl::string_view ends) const {
  size_t end = offset_;
  while (end < filter_.size() && !IsSpace(filter_[end]) && kSpecial.find(filter_[end]) == absl::string_view::npos &&
         ends.find(filter_[end]) == absl::string_view::npos) {
    ++end;
  }
  return filter_.substr(offset_, end - offset_);
}

bool FilterLexer::IsKeyword(absl::string_view word) { return word == "AND" || word == "OR" || word == "NOT"; }

absl::string_view FilterLexer::PeekKeyword() const {
  const absl::string_view word = PeekBare(".:");
  return IsKeyword(word) ? word : "";
}

bool FilterLexer::TakeKeyword(absl::string_view keyword) {
  if (PeekKeyword() != keyword) return false;
  offset_ += keyword.size();
  return true;
}

absl::string_view FilterLexer::PeekOperator() const {
  const Operator* next = FindOperator(filter_.substr(offset_));
  return next == nullptr ? "" : next->text;
}

std::optional<Op> FilterLexer::TakeOperator() {
  const Operator* next = FindOperator(filter_.substr(offset_));
  if (next == nullptr) return std::nullopt;
  offset_ += next->text.size();
  return next->op;
}

std::string FilterLexer::Next() const {
  if (AtEnd()) return "the end";
  if (const absl::string_view keyword = PeekKeyword(); !keyword.empty()) return Shown(keyword);
  if (const absl::string_view op = PeekOperator(); !op.empty()) return Shown(op);
  size_t end = offset_ + 1;
  while (end < filter_.size() && IsInsideCharacter(filter_[end])) ++end;
  return Shown(filter_.substr(offset_, end - offset_));
}

FilterText FilterLexer::TakeBare(absl::string_view ends) {
  FilterText taken{.text = std::string(PeekBare(ends)), .stars = {}, .offset = offset_, .quoted = false};
  for (size_t i = 0; i < taken.text.size(); ++i) {
    if (taken.text[i] == '*') taken.stars.push_back(i);
  }
  offset_ += taken.text.size();
  return taken;
}

absl::StatusOr<FilterText> FilterLexer::TakeQuoted() {
  FilterText taken{.text = "", .stars = {}, .offset = offset_, .quoted = true};
  const char quote = filter_[offset_++];
  while (!AtEnd()) {
    const char c = filter_[offset_++];
    if (c == quote) return taken;
    if (c == '*') taken.stars.push_back(taken.text.size());
    if (c != '\\') {
      taken.text.push_back(c);
      continue;
    }
    if (AtEnd()) break;
    constexpr absl::string_view kEscapes = "\\\"'*nt";
    constexpr absl::string_view kMeanings = "\\\"'*\n\t";
    const size_t escape = kEscapes.find(filter_[offset_++]);
    if (escape == absl::string_view::npos) {
      return Error(offset_ - 2, R"(an unknown escape; there are \\ \" \' \* \n \t)");
    }
    taken.text.push_back(kMeanings[escape]);
  }
  return Error(taken.offset, "the quote is not closed");
}

absl::Status FilterLexer::Error(size_t offset, absl::string_view what) const {
  const absl::string_view until = filter_.substr(0, offset + 1);
  // At the end of the text there is no character to count.
  const auto starts = std::count_if(until.begin(), until.end(), [](char c) { return !IsInsideCharacter(c); });
  return domain::InvalidFields(
      {{"filter", absl::StrCat("position ", starts + (offset < filter_.size() ? 0 : 1), ": ", what)}});
}

std::string Shown(absl::string_view text) {
  size_t end = std::min(text.size(), kMaxShown);
  while (end > 0 && end < text.size() && IsInsideCharacter(text[end])) --end;
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text.substr(0, end)), end < text.size() ? "…" : "", "\"");
}

}  // namespace lmp::wire
