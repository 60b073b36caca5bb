#include "client/cli/contract/contract.h"

#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.pb.h"

namespace lmp::cli {
namespace {

// The .proto files with their comments (a google.protobuf.FileDescriptorSet), because generated C++ code has no
// comments.
constexpr unsigned char kFiles[] = {
#include "contract_data.inc"
};

const google::protobuf::DescriptorPool& CommentedPool() {
  static const auto* const kPool = [] {
    auto* pool = new google::protobuf::DescriptorPool;
    google::protobuf::FileDescriptorSet files;
    files.ParseFromArray(kFiles, sizeof(kFiles));
    for (const auto& file : files.file()) pool->BuildFile(file);
    return pool;
  }();
  return *kPool;
}

}  // namespace

std::string FieldComment(const google::protobuf::FieldDescriptor& field) {
  const google::protobuf::FieldDescriptor* commented = CommentedPool().FindFieldByName(field.full_name());
  google::protobuf::SourceLocation location;
  if (commented == nullptr || !commented->GetSourceLocation(&location)) return "";
  // Removes what is meant for readers of the contract: where a rule comes from, and pages, which a list goes through by
  // itself.
  std::string comment = absl::StrReplaceAll(
      location.leading_comments,
      {{"\n", ""},
       {" [LMP]", ""},
       {" [ours]", ""},
       {" A page looks at 10 000 resources at most: it may hold few or none and yet have a next_page_token.", ""},
       {"; with \" desc\" downwards", "; with \" desc\" behind it in descending order"}});
  return std::string(absl::StripAsciiWhitespace(comment));
}

}  // namespace lmp::cli
