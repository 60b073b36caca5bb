#ifndef LMP_CLIENT_CLI_OUTPUT_CHANGE_TEXT_H_
#define LMP_CLIENT_CLI_OUTPUT_CHANGE_TEXT_H_

#include <ostream>

#include "lmp/v1/change.pb.h"
#include "lmp/v1/event.pb.h"

namespace lmp::cli {

// Writes "+ name" and below it "field value, …" for a new resource, or "~ name" and "field: before → after, …" for a
// changed one, in lines of at most `width` columns (0: 100). A field that is missing because it is false or 0 is shown
// as false or 0, by its type.
void RenderChange(const v1::Change& change, std::ostream& out, size_t width = 0);

// Writes one line with the time, the actor and the kind of the event, then its change.
void RenderEvent(const v1::Event& event, std::ostream& out, size_t width = 0);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_CHANGE_TEXT_H_
