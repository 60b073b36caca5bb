// The grammar, the operators that bind loosest first (AIP-160: OR binds tighter than AND):
//
//   filter      [sequence]
//   sequence    alternative {[AND] alternative}
//   alternative term {OR term}
//   term        (NOT | "-") term | "(" sequence ")" | comparison
//   comparison  part {"." part} operator value
//
// Only NOT and "(" recurse, at most kMaxFilterDepth deep.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/refusal.h"
#include "server/wire/fields.h"
#include "server/wire/filter/filter.h"
#include "server/wire/filter/lexer.h"
#include "server/wire/filter/value.h"
#include "storage/status_macros.h"

namespace lmp::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Kind = FilterNode::Kind;
using Op = FilterNode::Op;

// The field that a path leads to.
struct Target {
  FilterNode node;  // field, path, map_key
  // The field that is compared: the end of the path, or the value of the map's key.
  const FieldDescriptor* leaf = nullptr;
  bool is_element = false;  // the value is an element of a repeated field or of a map
};

class Parser {
 public:
  Parser(const Descriptor& resource, absl::string_view text) : resource_(resource), lexer_(text) {}

  absl::StatusOr<FilterNode> Parse() {
    ASSIGN_OR_RETURN(FilterNode node, Sequence());
    if (!lexer_.AtEnd()) return lexer_.Error(lexer_.offset(), "there is no \"(\" for this \")\"");
    return node;
  }

 private:
  absl::StatusOr<FilterNode> Sequence();
  absl::StatusOr<FilterNode> Alternative();
  absl::StatusOr<FilterNode> Term();
  absl::StatusOr<FilterNode> Comparison();
  absl::StatusOr<std::vector<FilterText>> Path();
  absl::Status NoOperator(const FilterText& first) const;
  absl::StatusOr<Target> Resolve(const std::vector<FilterText>& parts) const;
  absl::StatusOr<FilterText> Value(absl::string_view op);
  absl::Status CheckOperator(const Target& target, size_t offset) const;
  absl::Status SetValue(const FilterText& literal, Target& target) const;

  const Descriptor& resource_;
  FilterLexer lexer_;
  int comparisons_ = 0;
  int depth_ = 0;
};

// Adds `child` to an AND or OR. If the child is of the same kind, its children are added instead.
void Add(FilterNode child, FilterNode& parent) {
  if (child.kind != parent.kind) {
    parent.children.push_back(std::move(child));
  } else {
    for (FilterNode& grandchild : child.children) parent.children.push_back(std::move(grandchild));
  }
}

FilterNode OnlyChildOr(FilterNode node) {
  if (node.children.size() != 1) return node;
  FilterNode child = std::move(node.children[0]);
  return child;
}

absl::StatusOr<FilterNode> Parser::Sequence() {
  FilterNode all{.kind = Kind::kAnd};
  while (true) {
    ASSIGN_OR_RETURN(FilterNode one, Alternative());
    Add(std::move(one), all);
    lexer_.SkipSpace();
    if (lexer_.TakeKeyword("AND")) continue;
    if (lexer_.AtEnd() || lexer_.Peek() == ')') return OnlyChildOr(std::move(all));
  }
}

absl::StatusOr<FilterNode> Parser::Alternative() {
  FilterNode any{.kind = Kind::kOr};
  do {
    ASSIGN_OR_RETURN(FilterNode one, Term());
    Add(std::move(one), any);
    lexer_.SkipSpace();
  } while (lexer_.TakeKeyword("OR"));
  return OnlyChildOr(std::move(any));
}

absl::StatusOr<FilterNode> Parser::Term() {
  lexer_.SkipSpace();
  const size_t begin = lexer_.offset();
  const bool negated = lexer_.TakeKeyword("NOT") || lexer_.Take('-');
  if (!negated && !lexer_.Take('(')) return Comparison();
  if (++depth_ > kMaxFilterDepth) {
    return lexer_.Error(begin, absl::StrCat("more than ", kMaxFilterDepth, " parentheses and NOTs inside each other"));
  }
  FilterNode node{.kind = Kind::kNot};
  if (negated) {
    ASSIGN_OR_RETURN(FilterNode child, Term());
    node.children.push_back(std::move(child));
  } else {
    ASSIGN_OR_RETURN(node, Sequence());
    if (!lexer_.Take(')')) return lexer_.Error(begin, "the \"(\" is not closed");
  }
  --depth_;
  return node;
}

absl::StatusOr<FilterNode> Parser::Comparison() {
  const size_t begin = lexer_.offset();
  if (lexer_.AtEnd() || lexer_.Peek() == ')' || !lexer_.PeekKeyword().empty()) {
    return lexer_.Error(begin, absl::StrCat("a comparison is missing before ", lexer_.Next()));
  }
  if (++comparisons_ > kMaxFilterComparisons) {
    return lexer_.Error(begin, absl::StrCat("more than ", kMaxFilterComparisons, " comparisons"));
  }
  ASSIGN_OR_RETURN(const std::vector<FilterText> parts, Path());
  lexer_.SkipSpace();
  const size_t op_offset = lexer_.offset();
  const absl::string_view op_text = lexer_.PeekOperator();
  const std::optional<Op> op = lexer_.TakeOperator();
  if (!op.has_value()) return NoOperator(parts[0]);
  ASSIGN_OR_RETURN(Target target, Resolve(parts));
  target.node.op = *op;
  // ":*" is allowed for every type.
  if (*op != Op::kHas) RETURN_IF_ERROR(CheckOperator(target, op_offset));
  ASSIGN_OR_RETURN(const FilterText literal, Value(op_text));
  if (*op == Op::kHas && literal.text == "*" && !literal.stars.empty()) return std::move(target.node);
  if (*op == Op::kHas) RETURN_IF_ERROR(CheckOperator(target, op_offset));
  RETURN_IF_ERROR(SetValue(literal, target));
  return std::move(target.node);
}

absl::StatusOr<std::vector<FilterText>> Parser::Path() {
  std::vector<FilterText> parts;
  do {
    ASSIGN_OR_RETURN(FilterText part, lexer_.TakePart());
    if (part.text.empty() && !part.quoted) {
      if (!parts.empty()) return lexer_.Error(part.offset, "a field is missing after the \".\"");
      return lexer_.Error(part.offset, lexer_.PeekOperator().empty()
                                           ? absl::StrCat("unexpected ", lexer_.Next())
                                           : absl::StrCat("a field is missing before ", lexer_.Next()));
    }
    parts.push_back(std::move(part));
  } while (lexer_.Take('.'));
  if (lexer_.Peek() == '(') return lexer_.Error(parts[0].offset, "functions are not supported");
  return parts;
}

// The error for a path without an operator: it may be a field, a word of another language, or a value alone.
absl::Status Parser::NoOperator(const FilterText& first) const {
  for (const absl::string_view word : {"and", "or", "not", "And", "Or", "Not", "&&", "||"}) {
    if (!first.quoted && first.text == word) {
      return lexer_.Error(first.offset, absl::StrCat(Shown(word), " is not an operator; there are AND, OR and NOT"));
    }
  }
  if (!first.quoted && resource_.FindFieldByName(first.text) != nullptr) {
    return lexer_.Error(lexer_.offset(),
                        absl::StrCat("an operator is missing (= != < <= > >= :) before ", lexer_.Next()));
  }
  return lexer_.Error(
      first.offset, absl::StrCat("say which field: ", Shown(first.text),
                                 " stands alone (a value with spaces needs quotes); fields: ", FieldNames(resource_)));
}

absl::StatusOr<Target> Parser::Resolve(const std::vector<FilterText>& parts) const {
  Target target;
  const Descriptor* type = &resource_;
  for (size_t i = 0; i < parts.size(); ++i) {
    const FieldDescriptor* field = type->FindFieldByName(parts[i].text);
    if (field == nullptr) {
      return lexer_.Error(parts[i].offset,
                          absl::StrCat("there is no field ", Shown(parts[i].text), i == 0 ? "" : " in ",
                                       target.node.field, "; fields: ", FieldNames(*type)));
    }
    absl::StrAppend(&target.node.field, i == 0 ? "" : ".", field->name());
    target.node.path.push_back(field);
    target.leaf = field;
    if (i + 1 == parts.size()) break;
    if (field->is_map() && field->message_type()->map_key()->type() == FieldDescriptor::TYPE_STRING) {
      if (i + 2 < parts.size()) {
        return lexer_.Error(parts[i + 2].offset,
                            absl::StrCat("a key with a dot needs quotes: ", field->name(), ".\"a.b\""));
      }
      target.node.map_key = parts[i + 1].text;
      target.leaf = field->message_type()->map_value();
      target.is_element = true;
      break;
    }
    if (field->is_map() || FilterTypeOf(*field) != FilterType::kMessage) {
      return lexer_.Error(parts[i + 1].offset, absl::StrCat(target.node.field, " has no fields"));
    }
    target.is_element = target.is_element || field->is_repeated();
    type = field->message_type();
  }
  return target;
}

absl::StatusOr<FilterText> Parser::Value(absl::string_view op) {
  lexer_.SkipSpace();
  const size_t begin = lexer_.offset();
  if (lexer_.Peek() == '(') return lexer_.Error(begin, "one value is needed, not parentheses: (a = 1 OR a = 2)");
  const std::string next = lexer_.Next();
  ASSIGN_OR_RETURN(FilterText value, lexer_.TakeValue());
  const bool is_keyword = FilterLexer::IsKeyword(value.text);
  if (!value.quoted && (value.text.empty() || is_keyword)) {
    return lexer_.Error(begin, absl::StrCat("a value is missing after ", Shown(op), " and before ", next,
                                            is_keyword ? " (which needs quotes to be one)" : ""));
  }
  const size_t end = lexer_.offset();
  lexer_.SkipSpace();
  if (lexer_.offset() > end || lexer_.AtEnd() || lexer_.Peek() == ')') return value;
  if (value.quoted) return lexer_.Error(end, absl::StrCat("a space is missing before ", lexer_.Next()));
  if (lexer_.Peek() == '(') return lexer_.Error(begin, "functions are not supported");
  return lexer_.Error(end, absl::StrCat("a value with ", lexer_.Next(), " in it needs quotes"));
}

// Refuses an operator that the field's type does not have, and names those that it has.
absl::Status Parser::CheckOperator(const Target& target, size_t offset) const {
  const Op op = target.node.op;
  const FieldDescriptor& leaf = *target.leaf;
  const FilterType type = FilterTypeOf(leaf);
  const std::string& field = target.node.field;
  const bool is_list = leaf.is_repeated();
  if (leaf.is_map()) {
    if (op == Op::kHas) return absl::OkStatus();
    return lexer_.Error(offset, absl::StrCat(field, " is a map; write ", field, ":KEY or ", field, ".KEY = VALUE"));
  }
  if (type == FilterType::kMessage) {
    return lexer_.Error(offset,
                        absl::StrCat(field, is_list ? " is a list of messages" : " is a message", "; name a field (",
                                     FieldNames(*leaf.message_type()), ") or write ", field, ":*"));
  }
  if (type == FilterType::kOther) return lexer_.Error(offset, absl::StrCat("write ", field, ":*"));
  if (is_list) {
    if (op == Op::kHas) return absl::OkStatus();
    return lexer_.Error(offset, absl::StrCat(field, " is a list; write ", field, ":VALUE"));
  }
  if (op == Op::kHas && type != FilterType::kString && !target.is_element) {
    return lexer_.Error(offset, absl::StrCat(field, " is not a text or list; write = or ", field, ":*"));
  }
  const bool ordered = type != FilterType::kBool && type != FilterType::kEnum;
  if (!ordered && op != Op::kEq && op != Op::kNe && op != Op::kHas) {
    return lexer_.Error(offset, absl::StrCat(field, " has no order; write = or !="));
  }
  return absl::OkStatus();
}

absl::Status Parser::SetValue(const FilterText& literal, Target& target) const {
  FilterNode& node = target.node;
  const FieldDescriptor& field = *target.leaf;
  const bool is_key = field.is_map();
  const auto value = is_key ? FilterNode::Value(literal.text) : ParseFilterValue(field, literal.text);
  if (!value.ok()) return lexer_.Error(literal.offset, value.status().message());
  node.value = *value;
  const bool is_text = is_key || FilterTypeOf(field) == FilterType::kString;
  if (is_text && !literal.stars.empty()) {
    if (node.op != Op::kEq && node.op != Op::kNe) {
      return lexer_.Error(literal.offset, R"(wildcards are for = and != only; for the character write "\*")");
    }
    absl::string_view text = literal.text;
    const size_t last = text.size() - 1;
    for (const size_t star : literal.stars) {
      if (star != 0 && star != last) {
        return lexer_.Error(literal.offset, R"(a wildcard stands first or last; for the character write "\*")");
      }
      // A star alone counts as a prefix of length 0.
      (star == last ? node.prefix : node.suffix) = true;
    }
    if (node.suffix) text.remove_prefix(1);
    if (node.prefix) text.remove_suffix(1);
    node.value = std::string(text);
  }
  if (node.op == Op::kHas && target.is_element && !field.is_repeated()) node.op = Op::kEq;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Filter> Filter::Parse(const Descriptor& resource, absl::string_view text) {
  const FilterLexer whole(text);
  if (text.size() > kMaxFilterBytes) {
    return whole.Error(kMaxFilterBytes, absl::StrCat("longer than ", kMaxFilterBytes, " bytes"));
  }
  if (!IsUtf8(text)) return domain::InvalidFields({{"filter", "is not valid UTF-8"}});
  FilterLexer start(text);
  start.SkipSpace();
  Filter filter;
  if (start.AtEnd()) return filter;
  ASSIGN_OR_RETURN(filter.root_, Parser(resource, text).Parse());
  return filter;
}

}  // namespace lmp::wire
