// What the comments of the protos must say.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <functional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "google/api/field_behavior.pb.h"
#include "gtest/gtest.h"
#include "lmp/v1/limits.pb.h"
#include "tests/wire/contract.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using ::testing::IsEmpty;

class CommentTest : public ::testing::Test {
 protected:
  CommentTest() {
    google::protobuf::FileDescriptorSet set;
    EXPECT_TRUE(set.ParseFromString(ReadText(LMP_DESCRIPTOR_SET)));
    for (const auto& file : set.file()) {
      const auto* built = pool_.BuildFile(file);
      if (built != nullptr && built->package() == "lmp.v1") files_.push_back(built);
    }
    EXPECT_GE(files_.size(), 10U);
  }

  template <class Thing>
  void Check(const Thing* thing) {
    ++checked_;
    google::protobuf::SourceLocation location;
    const bool commented =
        thing->GetSourceLocation(&location) &&
        !absl::StripAsciiWhitespace(absl::StrCat(location.leading_comments, location.trailing_comments)).empty();
    if (!commented) bare_.push_back(thing->full_name());
  }
  void CheckFields(const Descriptor* message) {
    if (message->options().map_entry()) return;
    for (int i = 0; i < message->field_count(); ++i) Check(message->field(i));
    for (int i = 0; i < message->nested_type_count(); ++i) CheckFields(message->nested_type(i));
  }

  google::protobuf::DescriptorPool pool_;
  std::vector<const google::protobuf::FileDescriptor*> files_;
  std::vector<std::string> bare_;
  int checked_ = 0;
};

TEST_F(CommentTest, EveryFieldHasOne) {
  for (const auto* file : files_) {
    for (int i = 0; i < file->message_type_count(); ++i) CheckFields(file->message_type(i));
  }
  EXPECT_THAT(bare_, IsEmpty());
  EXPECT_GE(checked_, 200);
}

TEST_F(CommentTest, EveryServiceAndEveryRpcHasOne) {
  for (const auto* file : files_) {
    for (int i = 0; i < file->service_count(); ++i) {
      Check(file->service(i));
      for (int j = 0; j < file->service(i)->method_count(); ++j) Check(file->service(i)->method(j));
    }
  }
  EXPECT_THAT(bare_, IsEmpty());
  EXPECT_GE(checked_, 20);
}

// A limit of a list is said where people read, too.
TEST_F(CommentTest, EveryLimitIsSaid) {
  int limits = 0;
  const std::function<void(const Descriptor&)> check = [&](const Descriptor& message) {
    if (message.options().map_entry()) return;
    for (int i = 0; i < message.nested_type_count(); ++i) check(*message.nested_type(i));
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      v1::FieldLimits given;
      google::protobuf::FieldOptions options;
      // Read again, as the pool of the comments does not know our option.
      ASSERT_TRUE(options.ParseFromString(field.options().SerializeAsString()));
      given = options.GetExtension(v1::limits);
      google::protobuf::SourceLocation location;
      ASSERT_TRUE(field.GetSourceLocation(&location));
      if (given.max_items() == 0 || absl::StrContains(location.leading_comments, "utput only")) continue;
      ++limits;
      EXPECT_TRUE(absl::StrContains(location.leading_comments, absl::StrCat(given.max_items())))
          << field.full_name() << " has at most " << given.max_items() << ", and its comment does not say so";
    }
  };
  for (const auto* file : files_) {
    for (int i = 0; i < file->message_type_count(); ++i) check(*file->message_type(i));
  }
  EXPECT_GE(limits, 12);
}

bool Has(const google::protobuf::FieldOptions& options, google::api::FieldBehavior behavior) {
  const auto& all = options.GetRepeatedExtension(google::api::field_behavior);
  return std::find(all.begin(), all.end(), behavior) != all.end();
}

// What programs read (google.api.field_behavior) and what people read is the same.
TEST_F(CommentTest, AnnotationsSayTheSame) {
  static const std::regex required("\\bRequired\\b(?! for)"), output_only("[Oo]utput only"), for_ever("can't change");
  int annotated = 0;
  const std::function<void(const Descriptor&)> check = [&](const Descriptor& message) {
    if (message.options().map_entry()) return;
    for (int i = 0; i < message.nested_type_count(); ++i) check(*message.nested_type(i));
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      google::protobuf::FieldOptions options;
      ASSERT_TRUE(options.ParseFromString(field.options().SerializeAsString()));
      google::protobuf::SourceLocation location;
      ASSERT_TRUE(field.GetSourceLocation(&location));
      const std::string& comment = location.leading_comments;
      annotated += options.ExtensionSize(google::api::field_behavior);
      EXPECT_EQ(Has(options, google::api::REQUIRED), std::regex_search(comment, required)) << field.full_name();
      if (std::regex_search(comment, for_ever)) {
        EXPECT_TRUE(Has(options, google::api::IMMUTABLE)) << field.full_name();
      }
      // A resource's own name is its identity, and an argument of the calls about it.
      if (std::regex_search(comment, output_only) && field.name() != "name") {
        EXPECT_TRUE(Has(options, google::api::OUTPUT_ONLY)) << field.full_name();
      }
    }
  };
  for (const auto* file : files_) {
    for (int i = 0; i < file->message_type_count(); ++i) check(*file->message_type(i));
  }
  EXPECT_GE(annotated, 150);
}

// "Errors: …": names of reasons, or codes; or "as Other" RPC.
TEST_F(CommentTest, EveryRpcNamesItsErrors) {
  static const std::regex word("[A-Z]+(_[A-Z]+)+");
  std::set<std::string> known = Reasons();
  for (const auto& [reason, code] : CodesInProto()) known.insert(code);
  for (const auto* file : files_) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        google::protobuf::SourceLocation location;
        ASSERT_TRUE(file->service(i)->method(j)->GetSourceLocation(&location));
        const size_t errors = location.leading_comments.find("Errors: ");
        ASSERT_NE(errors, std::string::npos) << file->service(i)->method(j)->full_name();
        const std::string list = location.leading_comments.substr(errors);
        for (std::sregex_iterator it(list.begin(), list.end(), word), end; it != end; ++it) {
          EXPECT_TRUE(known.contains(it->str())) << file->service(i)->method(j)->full_name() << ": " << it->str();
        }
      }
    }
  }
}

}  // namespace
}  // namespace lmp::wire
