// What any text that people type must be like, whatever its length: in a table, a terminal or a page it must look like
// itself and nothing else, and two texts that look the same must be the same.
#ifndef LMP_SERVER_DOMAIN_TEXT_H_
#define LMP_SERVER_DOMAIN_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace lmp::domain {

enum class Lines { kOne, kMany };  // kMany: line breaks (U+000A) are allowed, as in notes

// Says what is wrong with the text, as in "must not begin or end with white space"; empty: nothing. Refused are blanks
// at either end, and so also blanks alone; control characters (C0, C1, DEL); line and paragraph separators; and
// characters that turn the direction of text around. `text` is valid UTF-8.
std::string TextFault(absl::string_view text, Lines lines = Lines::kOne);

// True if a resource can have this id: 1 to 63 of a-z, 0-9 and "-", and not "-" alone, which stands for all in parents.
bool IsId(absl::string_view id);

// The number of code points in valid UTF-8.
int CharactersIn(absl::string_view text);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_TEXT_H_
