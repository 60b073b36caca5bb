// What any text that people type must be like, however long it may be: shown in a table, a terminal or a page it looks
// like itself and nothing else, and two that look the same are the same.
#ifndef LMP_SERVER_DOMAIN_TEXT_H_
#define LMP_SERVER_DOMAIN_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace lmp::domain {

enum class Lines { kOne, kMany };  // kMany: line breaks (U+000A) are allowed, as in notes

// What is wrong with it, as in "must not begin or end with white space"; empty: nothing. Refused are blanks at either
// end, and so blanks alone; control characters (C0, C1, DEL), line and paragraph separators; and what turns the
// direction of text around. `text` is valid UTF-8.
std::string TextFault(absl::string_view text, Lines lines = Lines::kOne);

// Code points of valid UTF-8.
int CharactersIn(absl::string_view text);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_TEXT_H_
